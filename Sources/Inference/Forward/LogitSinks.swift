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
    let best = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
    tokens.append(Int32(truncatingIfNeeded: best))
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
