import ModelFiles

/// Words as the reference implementations of the metrics, which are written in Python, cut them.
///
/// They are kept as bytes: two words are the same where their scalars are, while `String` equality
/// is canonical equivalence.
enum MetricWords {
  /// The parts between white space, as Python's `str.split()` gives them.
  static func split(_ text: some Sequence<Unicode.Scalar>) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    for scalar in text {
      if isSpace(scalar) {
        if !word.isEmpty { words.append(word) }
        word = []
      } else {
        UTF8Scan.append(scalar.value, to: &word)
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  /// What answers are compared by in SQuAD and LongBench: lower case, without ASCII punctuation,
  /// without the articles "a", "an" and "the".
  static func normalized(_ text: String) -> [[UInt8]] {
    let scalars = text.lowercased().unicodeScalars.filter { !isPunctuation($0) }
    // An article ends where no letter or digit follows, be that a space or a dash.
    var kept: [Unicode.Scalar] = []
    var run: [Unicode.Scalar] = []
    func flush() {
      kept += articles.contains(run) ? [" "] : run
      run = []
    }
    for scalar in scalars {
      if isWordCharacter(scalar) {
        run.append(scalar)
      } else {
        flush()
        kept.append(scalar)
      }
    }
    flush()
    return split(kept)
  }

  private static let articles: [[Unicode.Scalar]] = ["a", "an", "the"].map {
    Array($0.unicodeScalars)
  }

  /// Runs of `a-z` and `0-9` in lower-case text, as the `rouge-score` package cuts them.
  static func alphanumeric(_ text: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    for byte in text.lowercased().utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        word.append(byte)
      default:
        if !word.isEmpty { words.append(word) }
        word = []
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  /// How often each word stands in a list.
  static func counts(_ words: [[UInt8]]) -> [[UInt8]: Int] {
    words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// Words that two lists share, each as often as in the list that has it less often.
  static func shared(_ first: [[UInt8]], _ second: [[UInt8]]) -> Int {
    let others = counts(second)
    return counts(first).reduce(0) { $0 + min($1.value, others[$1.key] ?? 0) }
  }

  /// What Python's `str.isspace` holds: beside Unicode's white space the four separators of ASCII.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
  }

  /// Python's `string.punctuation`.
  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  /// What `\w` matches in Python: letters and whatever stands for a number, no combining marks.
  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: scalar.properties.numericType != nil || scalar == "_"
    }
  }
}
