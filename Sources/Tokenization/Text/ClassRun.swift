import ModelFiles

/// A regular expression for scalars of one class in a row, with or without one of another before
/// them: `\p{N}{1,3}`, `[a-zé]+`, `\s?\p{L}+`.
///
/// What a match is takes no search, so that any pattern of this form is read from the file, where a
/// longer one has to be known (`SplitPattern`).
struct ClassRun: Sendable, Equatable {
  /// What may stand once before the run.
  var lead: ScalarClass?
  var body: ScalarClass
  /// How many scalars of `body`; no upper bound is `Int.max`.
  var counts: ClosedRange<Int>

  init(lead: ScalarClass? = nil, _ body: ScalarClass, _ counts: ClosedRange<Int> = 1...Int.max) {
    (self.lead, self.body, self.counts) = (lead, body, counts)
  }

  /// The end of the match that starts at `position`, which lies before the end; `position` itself
  /// where none starts there.
  @inline(__always)
  func match(_ text: TextView, at position: Int) -> Int {
    if let lead, let next = lead.match(text, at: position) {
      let end = run(text, from: next)
      if end > next { return end }
    }
    return run(text, from: position)
  }

  @inline(__always)
  private func run(_ text: TextView, from start: Int) -> Int {
    var position = start
    var count = 0
    while count < counts.upperBound, position < text.end,
      let next = body.match(text, at: position)
    {
      position = next
      count += 1
    }
    return count < counts.lowerBound ? start : position
  }

  /// Whether a run never holds a space.
  var isWithoutSpaces: Bool { !body.contains(ascii: 0x20) }

  /// Whether a word of ASCII letters is one run, or the end of one.
  var takesASCIIWords: Bool {
    counts == 1...Int.max
      && (UInt8(ascii: "a")...UInt8(ascii: "z")).allSatisfy {
        body.contains(ascii: $0) && body.contains(ascii: $0 & ~0x20)
      }
  }
}
