/// The rows that are in the buffers of a pass: all of them, until a layer is needed of fewer.
struct ActiveRows {
  /// The rows of one span.
  struct Span {
    let sequence: Int
    /// The first of them among all rows.
    let firstRow: Int
    /// Where they stand in their sequence, ascending.
    let positions: [Int]
    /// How far before its position a row is rotated.
    let shift: Int
  }

  let spans: [Span]
  let count: Int

  private init(_ parts: [(sequence: Int, positions: [Int], shift: Int)]) {
    var spans: [Span] = []
    var next = 0
    for part in parts {
      spans.append(
        Span(
          sequence: part.sequence, firstRow: next, positions: part.positions, shift: part.shift))
      next += part.positions.count
    }
    self.spans = spans
    count = next
  }

  init(_ rows: PassRows) {
    self.init(rows.spans.map { ($0.sequence, Array($0.positions), $0.shift) })
  }

  /// Those that `isKept` wants, and which rows of the present ones they are.
  func filtered(_ isKept: (Span, _ position: Int) -> Bool) -> (rows: ActiveRows, kept: [Int]) {
    var kept: [Int] = []
    let parts = spans.map { span in
      var positions: [Int] = []
      for (index, position) in span.positions.enumerated() where isKept(span, position) {
        positions.append(position)
        kept.append(span.firstRow + index)
      }
      return (span.sequence, positions, span.shift)
    }
    return (ActiveRows(parts), kept)
  }
}
