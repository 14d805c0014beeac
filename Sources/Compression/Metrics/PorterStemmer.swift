/// Porter's suffix stripping with the changes of NLTK's `PorterStemmer` in its usual mode.
///
/// Porter, "An algorithm for suffix stripping", Program 14 (3), 1980. NLTK adds a table of irregular
/// forms, leaves words of one or two letters alone, and treats `-ied`, `-ies`, `-y`, `-alli`,
/// `-fulli` and `-logi` in its own way. The `rouge-score` package stems with it.
public enum PorterStemmer {
  /// The stem of a word in lower-case ASCII; other bytes count as consonants.
  public static func stem(_ word: String) -> String {
    String(decoding: stem(Array(word.utf8)), as: UTF8.self)
  }

  static func stem(_ word: [UInt8]) -> [UInt8] {
    if let irregular = irregularForms[word] { return irregular }
    guard word.count > 2 else { return word }
    var stem = PorterWord(word)
    stem.stripPlural()
    stem.stripPast()
    stem.turnFinalY()
    stem.apply(Self.derived)
    stem.apply(Self.adjectival)
    stem.stripEnding()
    stem.stripFinalE()
    return stem.bytes
  }

  private static let irregularForms: [[UInt8]: [UInt8]] = {
    let table = [
      "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
      "innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing",
      "cannings": "canning", "canning": "canning", "howe": "howe", "proceed": "proceed",
      "exceed": "exceed", "succeed": "succeed",
    ]
    return table.reduce(into: [:]) { $0[Array($1.key.utf8)] = Array($1.value.utf8) }
  }()

  /// Step 2; of these and the next the first whose ending matches decides.
  private static let derived = rules([
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"),
    ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"),
    ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
    ("fulli", "ful"), ("logi", "log"),
  ])

  /// Step 3.
  private static let adjectival = rules([
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""),
    ("ness", ""),
  ])

  private static func rules(_ pairs: [(String, String)]) -> [PorterWord.Rule] {
    pairs.map { PorterWord.Rule(ending: Array($0.0.utf8), becomes: Array($0.1.utf8)) }
  }
}

/// A word on its way through the steps.
struct PorterWord {
  struct Rule {
    var ending: [UInt8]
    var becomes: [UInt8]
  }

  private(set) var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  // MARK: Vowels and consonants

  /// Whether each byte is a consonant: Y is one where none stands before it.
  private static func consonants(_ word: ArraySlice<UInt8>) -> [Bool] {
    var flags: [Bool] = []
    for byte in word {
      switch byte {
      case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"),
        UInt8(ascii: "u"):
        flags.append(false)
      case UInt8(ascii: "y"): flags.append(!(flags.last ?? false))
      default: flags.append(true)
      }
    }
    return flags
  }

  /// Porter's m: how often a consonant follows a vowel.
  private static func measure(_ stem: ArraySlice<UInt8>) -> Int {
    let flags = consonants(stem)
    return zip(flags, flags.dropFirst()).reduce(0) { $0 + (!$1.0 && $1.1 ? 1 : 0) }
  }

  private static func holdsVowel(_ stem: ArraySlice<UInt8>) -> Bool {
    consonants(stem).contains(false)
  }

  /// Porter's *o, as in `-wil` and `-hop`; by NLTK's rule also a vowel and a consonant alone.
  private static func endsShort(_ stem: ArraySlice<UInt8>) -> Bool {
    let flags = consonants(stem)
    if flags.count == 2 { return flags == [false, true] }
    guard flags.count > 2, flags.suffix(3) == [true, false, true], let last = stem.last else {
      return false
    }
    return !"wxy".utf8.contains(last)
  }

  private static func endsDouble(_ stem: ArraySlice<UInt8>) -> Bool {
    stem.count >= 2 && stem.last == stem.dropLast().last && consonants(stem).last == true
  }

  // MARK: Endings

  private func ends(_ ending: String) -> Bool { ends(Array(ending.utf8)) }

  private func ends(_ ending: [UInt8]) -> Bool { bytes.suffix(ending.count) == ending[...] }

  private func without(_ count: Int) -> ArraySlice<UInt8> { bytes.dropLast(count) }

  private mutating func replace(last count: Int, by ending: String) {
    bytes.removeLast(min(count, bytes.count))
    bytes += Array(ending.utf8)
  }

  // MARK: Steps

  /// Step 1a.
  mutating func stripPlural() {
    if ends("ies") {
      replace(last: 3, by: bytes.count == 4 ? "ie" : "i")
    } else if ends("sses") {
      replace(last: 2, by: "")
    } else if ends("s"), !ends("ss") {
      replace(last: 1, by: "")
    }
  }

  /// Step 1b.
  mutating func stripPast() {
    if ends("ied") { return replace(last: 3, by: bytes.count == 4 ? "ie" : "i") }
    if ends("eed") {
      if Self.measure(without(3)) > 0 { replace(last: 1, by: "") }
      return
    }
    guard let length = [("ed", 2), ("ing", 3)].first(where: { ends($0.0) })?.1,
      Self.holdsVowel(without(length))
    else { return }
    replace(last: length, by: "")
    if ends("at") || ends("bl") || ends("iz") {
      replace(last: 0, by: "e")
    } else if Self.endsDouble(bytes[...]) {
      if let last = bytes.last, !"lsz".utf8.contains(last) { replace(last: 1, by: "") }
    } else if Self.measure(bytes[...]) == 1, Self.endsShort(bytes[...]) {
      replace(last: 0, by: "e")
    }
  }

  /// Step 1c, by NLTK's rule: only behind a consonant that is not the first letter.
  mutating func turnFinalY() {
    let stem = without(1)
    if ends("y"), stem.count > 1, Self.consonants(stem).last == true { replace(last: 1, by: "i") }
  }

  /// Steps 2 and 3: the first rule whose ending matches applies where the rest holds a vowel and a
  /// consonant behind it.
  mutating func apply(_ rules: [Rule]) {
    // By NLTK's rule `-alli` goes first, and what it leaves through the same step again.
    let isDerived = rules.contains { $0.becomes == Array("log".utf8) }
    if isDerived, ends("alli"), Self.measure(without(4)) > 0 { replace(last: 2, by: "") }
    guard let rule = rules.first(where: { ends($0.ending) }) else { return }
    // The l of `-logi` counts with the stem.
    let counted = ends("logi") ? rule.ending.count - 1 : rule.ending.count
    guard Self.measure(without(counted)) > 0 else { return }
    bytes.removeLast(rule.ending.count)
    bytes += rule.becomes
  }

  private static let endings = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
  ].map { Array($0.utf8) }

  /// Step 4.
  mutating func stripEnding() {
    guard let ending = Self.endings.first(where: ends) else { return }
    let stem = without(ending.count)
    guard Self.measure(stem) > 1 else { return }
    if ends("ion"), let last = stem.last, !"st".utf8.contains(last) { return }
    bytes.removeLast(ending.count)
  }

  /// Step 5.
  mutating func stripFinalE() {
    if ends("e") {
      let stem = without(1)
      let measure = Self.measure(stem)
      if measure > 1 || measure == 1 && !Self.endsShort(stem) { bytes.removeLast() }
    }
    if ends("ll"), Self.measure(without(1)) > 1 { bytes.removeLast() }
  }
}
