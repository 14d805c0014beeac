/// Text made safe for XML and HTML.
enum Markup {
  /// `text` for element content or a quoted attribute: the five special characters as entities,
  /// characters that XML 1.0 does not allow as U+FFFD.
  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case "\t", "\n", "\r": output.unicodeScalars.append(scalar)
      default:
        let isForbidden =
          scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff
        output.unicodeScalars.append(isForbidden ? "\u{fffd}" : scalar)
      }
    }
    return output
  }
}
