/// How much room text takes, by Helvetica's widths; the same for every backend.
///
/// Characters that PNG and PDF spell out are measured so: SVG, which draws them, needs less.
public enum TextMetrics {
  /// Width of `text` in scene units at an em of `size`.
  public static func width(_ text: String, size: Double, weight: Label.Weight = .regular)
    -> Double
  {
    StrokeFont.layout(text).width * size * (weight == .bold ? StrokeFont.boldStretch : 1)
  }

  /// `text`, or as many of its first characters as fit into `width` with an ellipsis.
  public static func fitted(
    _ text: String, size: Double, weight: Label.Weight = .regular, width: Double
  ) -> String {
    // A hostile name may be megabytes long; no line holds more characters than this.
    let candidates = text.prefix(600)
    let isWhole = candidates.endIndex == text.endIndex
    if isWhole, self.width(text, size: size, weight: weight) <= width { return text }
    let room = width - self.width("…", size: size, weight: weight)
    guard room >= 0 else { return "" }
    return cut(candidates, to: room) { self.width($0, size: size, weight: weight) }
  }

  /// `text`, or as many of its first characters as fit into `width` in typefaces that have all of
  /// them, with an ellipsis. Widths that are not known are taken for large.
  static func fittedInAnyScript(
    _ text: String, size: Double, weight: Label.Weight = .regular, width: Double
  ) -> String {
    let stretch = weight == .bold ? StrokeFont.boldStretch : 1
    func measure(_ part: String) -> Double {
      part.unicodeScalars.reduce(0) { $0 + advance(of: $1) } * size * stretch
    }
    let candidates = text.prefix(600)
    if candidates.endIndex == text.endIndex, measure(text) <= width { return text }
    let kept = cut(candidates, to: width - measure("…"), measure)
    // A ligature of a whole phrase: rather spelled out than left out.
    guard kept == "…", let first = text.unicodeScalars.first else { return kept }
    return cut(LabelText.escape(first)[...], to: width - measure("…"), measure)
  }

  /// The first characters that `measure` finds to fit into `room`, and an ellipsis. Of a first
  /// character that alone is too wide, a family of emoji for one, its first code points.
  private static func cut(
    _ text: Substring, to room: Double, _ measure: (String) -> Double
  ) -> String {
    var kept = ""
    var used = 0.0
    for character in text {
      used += measure(String(character))
      if used > room { break }
      kept.append(character)
    }
    guard kept.isEmpty, let first = text.first else { return kept + "…" }
    used = 0
    for scalar in first.unicodeScalars {
      used += measure(String(scalar))
      if used > room { break }
      kept.unicodeScalars.append(scalar)
    }
    return kept + "…"
  }

  /// The advance of a character in ems: Helvetica's, else a full em and more where the script is
  /// wider.
  private static func advance(of scalar: Unicode.Scalar) -> Double {
    if let glyph = StrokeFont.glyphs[scalar] { return glyph.advance / 100 }
    switch scalar.value {
    // Cuneiform; ligatures of whole phrases; emoji and other pictures.
    case 0x12000...0x1254f: return 2.5
    case 0xfdfd: return 12
    case 0xfdf0...0xfdff: return 3
    case 0x1f000...0x1faff: return 1.4
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return 1
    }
  }

  /// `text` on one line: line breaks, tabs and other control characters become spaces.
  public static func singleLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: " "
          default: scalar
          }
        }))
  }
}
