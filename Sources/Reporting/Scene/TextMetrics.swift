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
    var kept = ""
    var used = 0.0
    for character in candidates {
      used += self.width(String(character), size: size, weight: weight)
      if used > room { break }
      kept.append(character)
    }
    return kept.isEmpty ? "" : kept + "…"
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
