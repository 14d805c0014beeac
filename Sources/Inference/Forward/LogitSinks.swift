import Foundation

/// Positions whose logits a pass computes.
public enum LogitRows: Sendable {
  /// The last row of each span.
  case last
  case all
}

/// Takes logits a row at a time, as the pass computes them: no array of all of them ever exists.
public protocol LogitSink: AnyObject {
  /// Takes one row, (vocabulary), valid during the call; rows come in the order of the pass.
  func take(_ logits: UnsafeBufferPointer<Float>, sequence: Int, position: Int)
}

/// The logits that a pass computes, and who takes them.
public struct LogitRequest {
  let rows: LogitRows
  let sink: any LogitSink

  public init(_ rows: LogitRows, to sink: any LogitSink) {
    self.rows = rows
    self.sink = sink
  }
}

/// Keeps the token of the highest logit of each row; of equal ones the lowest id.
public final class ArgmaxSink: LogitSink {
  /// In the order of the rows.
  public private(set) var tokens: [Int32] = []

  public init() {}

  public func take(_ logits: UnsafeBufferPointer<Float>, sequence: Int, position: Int) {
    tokens.append(logits.indexOfHighest)
  }
}

/// Keeps how likely the token was that came next, where one is known.
public final class LikelihoodSink: LogitSink {
  /// The token that followed one row.
  public struct Entry: Sendable, Equatable {
    public let sequence: Int
    /// Of the row, which the token stands behind.
    public let position: Int
    /// Natural logarithm, in float64 throughout.
    public let negativeLogLikelihood: Double
    /// Whether the token had the highest logit; of equal ones the lowest id counts.
    public let isCorrect: Bool
  }

  /// In the order of the rows.
  public private(set) var entries: [Entry] = []
  private let next: (_ sequence: Int, _ position: Int) -> Int32?

  /// - Parameter next: the token behind a row; `nil` where it is not known.
  public init(next: @escaping (_ sequence: Int, _ position: Int) -> Int32?) { self.next = next }

  public func take(_ logits: UnsafeBufferPointer<Float>, sequence: Int, position: Int) {
    guard let token = next(sequence, position), logits.indices.contains(Int(token)) else { return }
    let best = logits.indexOfHighest
    let top = Double(logits[Int(best)])
    var sum = 0.0
    for logit in logits { sum += exp(Double(logit) - top) }
    entries.append(
      Entry(
        sequence: sequence, position: position,
        negativeLogLikelihood: log(sum) + top - Double(logits[Int(token)]),
        isCorrect: best == token))
  }
}

extension UnsafeBufferPointer<Float> {
  /// Of equal ones the first.
  fileprivate var indexOfHighest: Int32 {
    Int32(truncatingIfNeeded: indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 })
  }
}

/// Keeps whole rows, for few rows or small vocabularies.
public final class LogitCollector: LogitSink {
  /// (row, vocabulary)
  public private(set) var logits: [Float] = []

  public init() {}

  public func take(_ logits: UnsafeBufferPointer<Float>, sequence: Int, position: Int) {
    self.logits.append(contentsOf: logits)
  }
}
