/// Tokens that go through the layers together, a row each: spans of one or more sequences.
///
/// A whole text, a piece of one, and the next token of many texts differ in nothing but their
/// spans.
public struct PassRows: Sendable {
  /// Consecutive tokens of one sequence.
  public struct Span: Sendable {
    /// Index of the sequence in the whole run.
    public let sequence: Int
    /// Position of the first token within its sequence.
    public let firstPosition: Int
    /// How far before its position a token is rotated, or embedded where positions are learned: as
    /// if so many of the tokens before it had never been.
    public let shift: Int
    public let tokens: [Int32]

    public init(sequence: Int, firstPosition: Int = 0, shift: Int = 0, tokens: [Int32]) {
      precondition(!tokens.isEmpty, "at least one token")
      precondition(shift >= 0 && firstPosition >= shift, "positions from 0 on")
      self.sequence = sequence
      self.firstPosition = firstPosition
      self.shift = shift
      self.tokens = tokens
    }

    /// Positions of the tokens.
    public var positions: Range<Int> { firstPosition..<firstPosition + tokens.count }

    /// Where they stand for their rotation.
    var angles: Range<Int> { firstPosition - shift..<firstPosition - shift + tokens.count }
  }

  /// In ascending order of their sequences, at most one of each.
  public let spans: [Span]

  public init(spans: [Span]) {
    precondition(
      zip(spans, spans.dropFirst()).allSatisfy { $0.sequence < $1.sequence },
      "sequences in ascending order")
    self.spans = spans
  }

  /// Whole sequences from their first token on, numbered from `firstSequence`.
  public init(sequences: [[Int32]], firstSequence: Int = 0) {
    self.init(
      spans: sequences.enumerated().map { Span(sequence: firstSequence + $0, tokens: $1) })
  }

  /// Rows.
  public var count: Int { spans.reduce(0) { $0 + $1.tokens.count } }

  /// The sequences from the first to the last that has a span.
  public var sequences: Range<Int> {
    guard let first = spans.first, let last = spans.last else { return 0..<0 }
    return first.sequence..<last.sequence + 1
  }

  /// Whether any is rotated elsewhere than at its position.
  var areShifted: Bool { spans.contains { $0.shift != 0 } }

  /// Tokens of a sequence at most, once these are in its cache, as far as rotations know.
  var length: Int { spans.reduce(0) { max($0, $1.angles.upperBound) } }

  /// Where any row stands for its rotation.
  var angles: Range<Int> {
    let first = spans.reduce(Int.max) { min($0, $1.angles.lowerBound) }
    return spans.isEmpty ? 0..<0 : first..<length
  }
}
