/// Chunks of equal length that go through the layers together.
public struct TokenBatch: Sendable {
  /// Index of the first chunk in the whole run.
  public let firstChunk: Int
  /// (chunk, position) token ids.
  public let tokens: [[Int32]]

  /// Tokens a chunk.
  public var length: Int { tokens.first?.count ?? 0 }

  public init(firstChunk: Int, tokens: [[Int32]]) {
    precondition(
      tokens.allSatisfy { !$0.isEmpty && $0.count == tokens[0].count }, "chunks of equal length")
    self.firstChunk = firstChunk
    self.tokens = tokens
  }
}

/// Positions whose logits a pass returns.
public enum LogitRows: Sendable {
  case none, last, all
}
