/// JSON that is safe inside a `script` element.
enum JSONText {
  /// A quoted string. Besides what JSON asks for, `<`, `>`, `&`, U+2028 and U+2029 are escaped, so
  /// that no text can end the element or open a comment.
  static func string(_ text: String) -> String {
    var output = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "<", ">", "&", "'", "\u{2028}", "\u{2029}", "\u{7f}": output += escape(scalar)
      default:
        if scalar.value < 0x20 {
          output += escape(scalar)
        } else {
          output.unicodeScalars.append(scalar)
        }
      }
    }
    return output + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// About six significant digits; `null` for `nil` and for what is not finite.
  static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "null" }
    var text = NumberText.significant(value, figures: 6)
    guard text.contains("."), !text.contains("e") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  static func numbers(_ values: [Double?]) -> String {
    "[" + values.map(number).joined(separator: ",") + "]"
  }

  static func integers(_ values: [Int]) -> String {
    "[" + values.map(String.init).joined(separator: ",") + "]"
  }

  /// Members in the order given; values are JSON already.
  static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(string($0.0)):\($0.1)" }.joined(separator: ",") + "}"
  }

  static func array(_ elements: [String]) -> String {
    "[" + elements.joined(separator: ",") + "]"
  }
}
