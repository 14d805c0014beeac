/// A line of text as a PDF page holds it: runs of the base fonts, and what they lack as strokes.
struct PDFText {
  /// Bytes in WinAnsiEncoding and where they start, in ems.
  struct Run {
    var x: Double
    var bytes: [UInt8]
  }

  private(set) var runs: [Run] = []
  /// Characters that the base fonts lack.
  private(set) var drawn: [StrokeFont.Placed] = []
  /// In ems, by the metrics that every backend shares.
  let width: Double
  /// Whether the runs alone say what the text says.
  let isPlain: Bool

  /// - Parameter room: the most that it may take, in ems.
  init(_ text: String, room: Double? = nil) {
    let scalars = StrokeFont.drawable(text, room: room)
    var x = 0.0
    var extendsRun = false
    for scalar in scalars {
      guard let glyph = StrokeFont.glyphs[scalar] else { continue }
      if let byte = Self.byte(of: scalar) {
        if extendsRun, let last = runs.indices.last {
          runs[last].bytes.append(byte)
        } else {
          runs.append(Run(x: x, bytes: [byte]))
        }
        extendsRun = true
      } else {
        drawn.append(StrokeFont.Placed(glyph: glyph, x: x))
        extendsRun = false
      }
      x += glyph.advance / 100
    }
    width = x
    // The encoding has no minus sign, whose place a dash takes.
    isPlain =
      drawn.isEmpty && scalars.elementsEqual(text.unicodeScalars) && !scalars.contains("−")
  }

  /// The scalar's place in WinAnsiEncoding.
  static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    switch scalar.value {
    case 0x20...0x7e, 0xa0...0xac, 0xae...0xff: UInt8(truncatingIfNeeded: scalar.value)
    default: beyondLatin1[scalar]
    }
  }

  /// Code points beyond Latin-1 that the encoding has, by where it has them.
  static let beyondLatin1: [Unicode.Scalar: UInt8] = [
    "€": 0x80, "‚": 0x82, "ƒ": 0x83, "„": 0x84, "…": 0x85, "†": 0x86, "‡": 0x87, "ˆ": 0x88,
    "‰": 0x89, "Š": 0x8a, "‹": 0x8b, "Œ": 0x8c, "Ž": 0x8e, "‘": 0x91, "’": 0x92, "“": 0x93,
    "”": 0x94, "•": 0x95, "–": 0x96, "−": 0x96, "—": 0x97, "˜": 0x98, "™": 0x99, "š": 0x9a,
    "›": 0x9b, "œ": 0x9c, "ž": 0x9e, "Ÿ": 0x9f,
  ]

  /// The digits of a hexadecimal string, which needs no escapes.
  static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The digits of a text string in UTF-16, its byte order mark in front.
  static func unicode(_ text: String) -> String {
    hexadecimal(
      [0xfe, 0xff] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] })
  }
}
