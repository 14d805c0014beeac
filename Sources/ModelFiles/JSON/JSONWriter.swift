/// Writes JSON the same way every time: members in their order, doubles in the fewest digits that
/// read back to the same bits.
public struct JSONWriter: Sendable {
  public enum Style: Sendable {
    /// One member or element a line, two spaces a level; arrays of scalars stay on one line.
    case pretty
    /// No whitespace at all.
    case compact
  }

  private let style: Style
  private var bytes: [UInt8] = []

  private init(style: Style) { self.style = style }

  /// The UTF-8 of `value`; `pretty` ends with a line feed.
  public static func bytes(of value: JSONValue, style: Style = .pretty) -> [UInt8] {
    var writer = JSONWriter(style: style)
    writer.write(value, level: 0)
    if style == .pretty { writer.bytes.append(0x0A) }
    return writer.bytes
  }

  /// The same as a `String`.
  public static func string(of value: JSONValue, style: Style = .pretty) -> String {
    String(decoding: bytes(of: value, style: style), as: UTF8.self)
  }

  private mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .int(let number): append(String(number))
    case .double(let number):
      if let number, number.isFinite { append("\(number)") } else { append("null") }
    case .string(let text): writeString(text)
    case .array(let elements): writeArray(elements, level: level)
    case .object(let members):
      guard !members.isEmpty else { return append("{}") }
      append("{")
      for (index, member) in members.enumerated() {
        if index > 0 { append(",") }
        breakLine(level: level + 1)
        writeString(member.key)
        append(style == .pretty ? ": " : ":")
        write(member.value, level: level + 1)
      }
      breakLine(level: level)
      append("}")
    }
  }

  private mutating func writeArray(_ elements: [JSONValue], level: Int) {
    let onOneLine = elements.allSatisfy { element in
      switch element {
      case .array, .object: false
      default: true
      }
    }
    append("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { append(onOneLine && style == .pretty ? ", " : ",") }
      if !onOneLine { breakLine(level: level + 1) }
      write(element, level: level + 1)
    }
    if !onOneLine { breakLine(level: level) }
    append("]")
  }

  private mutating func breakLine(level: Int) {
    guard style == .pretty else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
  }

  private mutating func writeString(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        append("\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
