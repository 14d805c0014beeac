/// How much room text takes, by Helvetica's widths; the same for every backend.
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
    if self.width(text, size: size, weight: weight) <= width { return text }
    // A hostile name may be megabytes long; no line holds more characters than this.
    var characters = Array(text.prefix(400))
    while !characters.isEmpty {
      characters.removeLast()
      let shortened = String(characters) + "…"
      if self.width(shortened, size: size, weight: weight) <= width { return shortened }
    }
    return ""
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
