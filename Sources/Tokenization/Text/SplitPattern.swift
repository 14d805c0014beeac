import ModelFiles

/// The regular expressions of several alternatives that tokenizer files are known to split text
/// with.
///
/// All of them end a word before a space between two ASCII letters, which `ParallelEncoding.swift`
/// relies on. Each has a scanner of its own instead of a general engine: what a match at a position
/// is follows from the classes of the next few scalars.
enum SplitPattern: String, Sendable, CaseIterable {
  /// GPT-2's, which the ByteLevel pre-tokenizer uses by itself.
  case gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  case llama3 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  case qwen2 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  /// Mistral's tekken.
  case tekken =
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  /// GPT-4o's, which Phi-4-mini has: tekken with contractions behind words.
  case gpt4o =
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  case deepSeekText =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##

  /// The pattern that a file spells so, with line ends escaped or not.
  init?(regex: String) {
    var text = ""
    for scalar in regex.unicodeScalars {
      switch scalar {
      case "\r": text += #"\r"#
      case "\n": text += #"\n"#
      default: text.unicodeScalars.append(scalar)
      }
    }
    guard let known = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) })
    else { return nil }
    self = known
  }

  /// The end of the match that starts at `position`, which lies before the end; `position` itself
  /// where none starts there.
  @inline(__always)
  func match(_ text: TextView, at position: Int) -> Int {
    switch self {
    case .gpt2: Self.matchGPT2(text, at: position)
    case .llama3: Self.matchLlama(text, at: position, numbers: 3)
    case .qwen2: Self.matchLlama(text, at: position, numbers: 1)
    case .tekken: Self.matchTekken(text, at: position)
    case .gpt4o: Self.matchGPT4o(text, at: position)
    case .deepSeekText: Self.matchDeepSeek(text, at: position)
    }
  }

  // MARK: Classes

  @inline(__always) private static var letter: UInt16 { UnicodeSet.letter.rawValue }
  @inline(__always) private static var number: UInt16 { UnicodeSet.number.rawValue }
  @inline(__always) private static var space: UInt16 { UnicodeSet.space.rawValue }
  @inline(__always) private static var mark: UInt16 { UnicodeSet.mark.rawValue }
  @inline(__always) private static var word: UInt16 { letter | number }
  @inline(__always) private static var token: UInt16 { letter | number | space }
  @inline(__always) private static var sign: UInt16 {
    UnicodeSet.punctuation.rawValue | UnicodeSet.symbol.rawValue
  }
  @inline(__always) private static var upperLike: UInt16 {
    letter & ~UnicodeSet.lower.rawValue | mark
  }
  @inline(__always) private static var lowerLike: UInt16 {
    letter & ~(UnicodeSet.upper.rawValue | UnicodeSet.title.rawValue) | mark
  }

  // MARK: Scanners

  private static func matchGPT2(_ text: TextView, at start: Int) -> Int {
    if text.base[start] == UInt8(ascii: "'") {
      let end = contraction(text, at: start, anyCase: false)
      if end > start { return end }
    }
    var (set, next) = text.look(start)
    if text.base[start] == 0x20, next < text.end {
      let (following, behind) = text.look(next)
      if following & space == 0 { (set, next) = (following, behind) }
    }
    if set & letter != 0 { return text.run(of: letter, from: next) }
    if set & number != 0 { return text.run(of: number, from: next) }
    if set & space != 0 { return spaces(text, at: start) }
    return text.run(outside: token, from: next)
  }

  private static func matchLlama(_ text: TextView, at start: Int, numbers: Int) -> Int {
    let lead = text.base[start]
    if lead == UInt8(ascii: "'") {
      let end = contraction(text, at: start, anyCase: true)
      if end > start { return end }
    }
    let (set, next) = text.look(start)
    if set & letter != 0 { return text.run(of: letter, from: next) }
    if set & number != 0 { return matchNumbers(text, at: start, limit: numbers) }
    if !text.isNewline(start), next < text.end {
      let (following, behind) = text.look(next)
      if following & letter != 0 { return text.run(of: letter, from: behind) }
    }
    return signsOrSpaces(text, at: start, set: set, next: next, slash: false)
  }

  private static func matchTekken(_ text: TextView, at start: Int) -> Int {
    let end = matchCasedWord(text, at: start)
    if end > start { return end }
    let (set, next) = text.look(start)
    if set & number != 0 { return next }
    return signsOrSpaces(text, at: start, set: set, next: next, slash: true)
  }

  private static func matchGPT4o(_ text: TextView, at start: Int) -> Int {
    let end = matchCasedWord(text, at: start)
    if end > start {
      guard end < text.end, text.base[end] == UInt8(ascii: "'") else { return end }
      return contraction(text, at: end, anyCase: true)
    }
    let (set, next) = text.look(start)
    if set & number != 0 { return matchNumbers(text, at: start, limit: 3) }
    return signsOrSpaces(text, at: start, set: set, next: next, slash: true)
  }

  /// A cased run and the sign or blank before it; `start` itself where none is there.
  @inline(__always)
  private static func matchCasedWord(_ text: TextView, at start: Int) -> Int {
    let (set, next) = text.look(start)
    if set & mark != 0 {
      // A mark may stand before a word or be one; capitals alone behind it come too late, since the
      // first alternative then takes the mark by itself.
      return casedRun(text, from: next, capitalsAlone: false)
    }
    if set & letter != 0 { return casedRun(text, from: start, capitalsAlone: true) }
    if set & number != 0 || text.isNewline(start) { return start }
    let end = casedRun(text, from: next, capitalsAlone: true)
    return end > next ? end : start
  }

  /// `U*W+`, or `U+` where there is no W, U being capitals, W small letters, and both what has no
  /// case and marks.
  private static func casedRun(
    _ text: TextView, from start: Int, capitalsAlone: Bool
  ) -> Int {
    var position = start
    var behindLastLower = start
    while position < text.end {
      let (set, next) = text.look(position)
      if set & upperLike == 0 { break }
      position = next
      if set & lowerLike != 0 { behindLastLower = position }
    }
    let end = text.run(of: lowerLike, from: position)
    if end > position { return end }
    return behindLastLower > start || !capitalsAlone ? behindLastLower : position
  }

  private static func matchDeepSeek(_ text: TextView, at start: Int) -> Int {
    let (set, next) = text.look(start)
    if set & sign != 0, text.base[start] < 0x80 {
      var end = next
      while end < text.end, isASCIILetter(text.base[end]) { end += 1 }
      if end > next { return end }
    }
    if set & (letter | mark) != 0 { return text.run(of: letter | mark, from: next) }
    if set & sign == 0, !text.isNewline(start), next < text.end {
      let (following, behind) = text.look(next)
      if following & (letter | mark) != 0 {
        return text.run(of: letter | mark, from: behind)
      }
    }
    let first = text.base[start] == 0x20 ? next : start
    let signs = text.run(of: sign, from: first)
    if signs > first { return newlines(text, from: signs, slash: false) }
    return set & space != 0 ? linesOrSpaces(text, at: start) : start
  }

  private static func matchNumbers(_ text: TextView, at start: Int, limit: Int) -> Int {
    var position = start
    var count = 0
    while count < limit, position < text.end {
      let (set, next) = text.look(position)
      if set & number == 0 { break }
      position = next
      count += 1
    }
    return position
  }

  // MARK: Parts

  /// ` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
  @inline(__always)
  private static func signsOrSpaces(
    _ text: TextView, at start: Int, set: UInt16, next: Int, slash: Bool
  ) -> Int {
    if set & token == 0 {
      return newlines(text, from: text.run(outside: token, from: next), slash: slash)
    }
    if text.base[start] == 0x20, next < text.end, text.look(next).set & token == 0 {
      return newlines(text, from: text.run(outside: token, from: next), slash: slash)
    }
    return linesOrSpaces(text, at: start)
  }

  @inline(__always)
  private static func newlines(_ text: TextView, from start: Int, slash: Bool) -> Int {
    var position = start
    while text.isNewline(position)
      || slash && position < text.end && text.base[position] == UInt8(ascii: "/")
    { position += 1 }
    return position
  }

  /// `\s+(?!\S)|\s+`: a run of white space, without its last scalar where text follows.
  private static func spaces(_ text: TextView, at start: Int) -> Int {
    var position = start
    var last = start
    while position < text.end {
      let (set, next) = text.look(position)
      if set & space == 0 { return last > start ? last : position }
      last = position
      position = next
    }
    return position
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line end of a run of white space, where it has one.
  private static func linesOrSpaces(_ text: TextView, at start: Int) -> Int {
    var position = start
    var last = start
    var behindNewline = start
    while position < text.end {
      let (set, next) = text.look(position)
      if set & space == 0 { break }
      if text.isNewline(position) { behindNewline = next }
      last = position
      position = next
    }
    if behindNewline > start { return behindNewline }
    return position < text.end && last > start ? last : position
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`, in any case also with the long s.
  @inline(__always)
  private static func contraction(_ text: TextView, at start: Int, anyCase: Bool) -> Int {
    guard start + 1 < text.end else { return start }
    let fold: UInt8 = anyCase ? 0x20 : 0
    let first = text.base[start + 1] | fold
    let second = start + 2 < text.end ? text.base[start + 2] : 0
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return second | fold == UInt8(ascii: "e") ? start + 3 : start
    case UInt8(ascii: "l"): return second | fold == UInt8(ascii: "l") ? start + 3 : start
    default:
      let isLongS = anyCase && text.base[start + 1] == 0xC5 && second == 0xBF
      return isLongS ? start + 3 : start
    }
  }

  @inline(__always)
  private static func isASCIILetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26
  }
}
