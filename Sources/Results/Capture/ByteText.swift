/// Bytes as text without loss: what is printable UTF-8 stands for itself.
///
/// A backslash becomes `\\`, line feed, tab and return `\n`, `\t` and `\r`, and every byte that is
/// no UTF-8 or belongs to a control character `\x` and two hexadecimal digits.
enum ByteText {
  static func escaped(_ bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while let first = rest.first {
      if let (scalar, count) = scalar(rest), isPrintable(scalar) {
        text.unicodeScalars.append(scalar)
        if scalar == "\\" { text += "\\" }
        rest = rest.dropFirst(count)
      } else {
        text += short[first] ?? hexadecimal(first)
        rest = rest.dropFirst()
      }
    }
    return text
  }

  /// The bytes that `text` stands for; `nil` where a backslash begins no escape.
  static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "\\"): bytes.append(byte)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "x"):
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: return nil
      }
    }
    return bytes
  }

  private static let short: [UInt8: String] = [0x0A: "\\n", 0x09: "\\t", 0x0D: "\\r"]

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "\\x" + (digits.count < 2 ? "0" : "") + digits
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  /// The well-formed character that `bytes` begin with and its length.
  private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    var iterator = bytes.prefix(4).makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, String(Character(scalar)).utf8.count)
  }
}
