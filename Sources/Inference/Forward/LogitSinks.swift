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

  /// Takes rows that were computed together, valid during the call.
  func take(_ block: LogitBlock)
}

extension LogitSink {
  /// One row after another.
  public func take(_ block: LogitBlock) {
    for row in 0..<block.count {
      let owner = block.owner(row)
      take(block.logits(row), sequence: owner.sequence, position: owner.position)
    }
  }
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
  private let next: @Sendable (_ sequence: Int, _ position: Int) -> Int32?

  /// - Parameter next: the token behind a row; `nil` where it is not known.
  public init(next: @escaping @Sendable (_ sequence: Int, _ position: Int) -> Int32?) {
    self.next = next
  }

  public func take(_ logits: UnsafeBufferPointer<Float>, sequence: Int, position: Int) {
    let owner = LogitBlock.Owner(sequence: sequence, position: position)
    if let entry = Self.entry(logits, owner, next) { entries.append(entry) }
  }

  /// Summing over a vocabulary takes longer than the last product: rows are shared by the threads.
  public func take(_ block: LogitBlock) {
    let next = next
    entries += block.map { Self.entry($0, $1, next) }.compactMap(\.self)
  }

  private static func entry(
    _ logits: UnsafeBufferPointer<Float>, _ owner: LogitBlock.Owner,
    _ next: @Sendable (_ sequence: Int, _ position: Int) -> Int32?
  ) -> Entry? {
    guard let token = next(owner.sequence, owner.position), logits.indices.contains(Int(token))
    else { return nil }
    let best = logits.indexOfHighest
    let top = Double(logits[Int(best)])
    var sum = 0.0
    for logit in logits { sum += exp(Double(logit) - top) }
    return Entry(
      sequence: owner.sequence, position: owner.position,
      negativeLogLikelihood: log(sum) + top - Double(logits[Int(token)]),
      isCorrect: best == token)
  }
}

extension UnsafeBufferPointer<Float> {
  /// Of equal ones the first.
  fileprivate var indexOfHighest: Int32 {
    var best = 0
    for index in 0..<count where self[index] > self[best] { best = index }
    return Int32(truncatingIfNeeded: best)
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
