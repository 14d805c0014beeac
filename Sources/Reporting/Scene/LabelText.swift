import Results

/// Text of strangers as a drawing shows it: one line, nothing hidden, nothing blank.
///
/// Names and tokens may hold any character. What has no shape of its own (control characters,
/// direction marks, unassigned code points) is spelled out, in every backend alike:
///
/// ```swift
/// LabelText.visible("a\u{1B}b\n")         // a\u{1B}b\n
/// LabelText.token(Array(" café".utf8))    // ␣café
/// LabelText.token([0xE4, 0xB8])           // <0xE4><0xB8>
/// ```
public enum LabelText {
  /// `text` with every character that would not be seen spelled out: `\n`, `\r`, `\t`, else
  /// `\u{1B}`. Joiners and marks stay where they belong to a visible character.
  public static func visible(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    for character in text {
      var hasBase = false
      var marks = 0
      for scalar in character.unicodeScalars {
        switch role(of: scalar) {
        case .base:
          hasBase = true
          marks = 0
          output.append(scalar)
        case .mark where hasBase && marks < maximumMarks:
          marks += 1
          output.append(scalar)
        case .joiner where hasBase:
          output.append(scalar)
        case .mark, .joiner, .hidden:
          output.append(contentsOf: escape(scalar).unicodeScalars)
        }
      }
    }
    return String(output)
  }

  /// The bytes of a token as a label: spaces as `␣`, other characters that are not seen spelled
  /// out, bytes that are not UTF-8 as `<0xE4>`; `""` where there are none.
  public static func token(_ bytes: some Sequence<UInt8>) -> String {
    var output = ""
    var decoder = UTF8Parts(bytes: Array(bytes))
    while let part = decoder.next() {
      switch part {
      case .text(let text): output += visible(text)
      case .byte(let byte): output += escape(byte)
      }
    }
    return withVisibleSpaces(output, space: space)
  }

  /// What an axis calls a token: its text without the space before a word, as `CapturedToken.label`
  /// has it, and nothing in it hidden or blank.
  static func axis(_ token: CapturedToken) -> String {
    let isBlank = !token.bytes.isEmpty && token.bytes.allSatisfy { $0 == 0x20 }
    return isBlank
      ? self.token(token.bytes) : withVisibleSpaces(visible(token.label), space: " ")
  }

  /// `text` with `space` for spaces and every other blank spelled out; `""` where there is none.
  private static func withVisibleSpaces(_ text: String, space: Unicode.Scalar) -> String {
    var spaced = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == " " {
        spaced.append(space)
      } else if scalar.properties.generalCategory == .spaceSeparator {
        spaced.append(contentsOf: escape(scalar).unicodeScalars)
      } else {
        spaced.append(scalar)
      }
    }
    return spaced.isEmpty ? "\"\"" : String(spaced)
  }

  /// `\n`, `\r`, `\t`, else `\u{` and hexadecimal digits `}`, as Swift writes it.
  static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
  }

  /// `<0xE4>`, as SentencePiece writes a byte.
  static func escape(_ byte: UInt8) -> String {
    "<0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))>"
  }

  private static let space: Unicode.Scalar = "␣"
  /// Marks on one character; more would reach into the lines above and below.
  private static let maximumMarks = 3

  private enum Role {
    /// Has a shape of its own.
    case base
    /// Is drawn over or under the character before it.
    case mark
    /// Shapes its neighbours.
    case joiner
    case hidden
  }

  private static func role(of scalar: Unicode.Scalar) -> Role {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f ? .hidden : .base }
    switch scalar.value {
    // Zero-width joiner and non-joiner, variation selectors, the tags of flags.
    case 0x200c, 0x200d, 0xfe00...0xfe0f, 0xe0020...0xe007f: return .joiner
    // Hangul fillers and the Braille blank are letters and symbols without ink.
    case 0x115f, 0x1160, 0x3164, 0xffa0, 0x2800: return .hidden
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return .hidden
    case .nonspacingMark, .enclosingMark, .spacingMark: return .mark
    default: return .base
    }
  }
}

/// Bytes cut into well-formed UTF-8 and the bytes that are not.
private struct UTF8Parts {
  enum Part {
    case text(String)
    case byte(UInt8)
  }

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Part? {
    guard position < bytes.count else { return nil }
    var end = position
    while let length = Self.sequenceLength(bytes[end...]) { end += length }
    if end > position {
      defer { position = end }
      return .text(String(decoding: bytes[position..<end], as: UTF8.self))
    }
    defer { position += 1 }
    return .byte(bytes[position])
  }

  /// Bytes of the character that `bytes` begins with; `nil` where it begins with none.
  private static func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = bytes.first else { return nil }
    let length: Int
    switch first {
    case 0..<0x80: return 1
    case 0xc2..<0xe0: length = 2
    case 0xe0..<0xf0: length = 3
    case 0xf0..<0xf5: length = 4
    default: return nil
    }
    // The decoder replaces what is overlong, a surrogate or cut short by U+FFFD.
    guard bytes.count >= length else { return nil }
    let sequence = bytes.prefix(length)
    return Array(String(decoding: sequence, as: UTF8.self).utf8) == Array(sequence) ? length : nil
  }
}
