/// Words that are in no dictionary and can be spoken, for the tasks of RULER.
enum RulerWords {
  private static let onsets = [
    "b", "br", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "r", "s",
    "st", "t", "tr", "v", "w", "z",
  ]
  private static let vowels = ["a", "e", "i", "o", "u", "ai", "ea", "oo"]
  private static let codas = ["", "", "", "l", "m", "n", "r", "s", "t"]

  /// A word of two syllables, so that it takes not many more tokens than one of a dictionary.
  static func word(_ draws: inout TaskDraws) -> String {
    (0..<2).reduce(into: "") { word, _ in
      word +=
        onsets[draws.below(onsets.count)] + vowels[draws.below(vowels.count)]
        + codas[draws.below(codas.count)]
    }
  }

  /// So many words, all different: of those given as many as there are, then made-up ones.
  static func distinct(_ count: Int, of words: [String], _ draws: inout TaskDraws) -> [String] {
    let known = draws.distinct(count, below: words.count).map { words[$0] }
    return distinct(count, besides: known, &draws, by: word)
  }

  /// The different words of a text that are four to ten lower-case letters, in its order.
  static func ofText(_ text: String) -> [String] {
    var seen: Set<[UInt8]> = []
    return MetricWords.split(text.unicodeScalars).filter { word in
      (4...10).contains(word.count)
        && word.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        && seen.insert(word).inserted
    }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// So many texts, all different: some that there are, then what `make` draws.
  static func distinct(
    _ count: Int, besides known: [String] = [], _ draws: inout TaskDraws,
    by make: (inout TaskDraws) -> String
  ) -> [String] {
    var seen = Set(known)
    var texts = known
    while texts.count < count {
      let text = make(&draws)
      if seen.insert(text).inserted { texts.append(text) }
    }
    return texts
  }

  /// Two words, as RULER joins an adjective and a noun.
  static func pair(_ draws: inout TaskDraws) -> String { "\(word(&draws))-\(word(&draws))" }

  /// A number of seven digits.
  static func number(_ draws: inout TaskDraws) -> String {
    "\(draws.number(1_000_000...9_999_999))"
  }

  /// A UUID of version 4.
  static func uuid(_ draws: inout TaskDraws) -> String {
    let high = draws.bits() & ~0xF000 | 0x4000
    let low = draws.bits() & ~(0b11 << 62) | 0b10 << 62
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var parts: [String] = []
    var rest = digits[...]
    for count in [8, 4, 4, 4, 12] {
      parts.append(String(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return parts.joined(separator: "-")
  }

  /// Letters, all in one case.
  static func letters(_ count: Int, from first: Unicode.Scalar, _ draws: inout TaskDraws) -> String
  {
    (0..<count).reduce(into: "") { text, _ in
      if let scalar = Unicode.Scalar(first.value + UInt32(draws.below(26))) {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}
