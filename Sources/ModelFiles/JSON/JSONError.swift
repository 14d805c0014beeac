/// Why bytes are not the JSON that was asked for, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The broken rule.
  public enum Kind: Sendable, Equatable {
    case byteOrderMark
    case tooLarge(limit: Int)
    case tooDeep(limit: Int)
    case unexpectedEnd
    case unexpectedByte(UInt8)
    case expectedKey
    case expectedColon
    case expectedCommaOrEnd
    case trailingComma
    case trailingBytes
    case invalidLiteral
    case invalidNumber
    case invalidUTF8
    case controlCharacter(UInt8)
    case invalidEscape
    case loneSurrogate
    case duplicateKey(String)
  }

  /// Byte offset of the offence from the start of the document.
  public let offset: Int
  public let kind: Kind

  public init(offset: Int, kind: Kind) {
    self.offset = offset
    self.kind = kind
  }

  public var description: String { "invalid JSON at byte \(offset): \(reason)" }

  private var reason: String {
    switch kind {
    case .byteOrderMark: "byte order mark"
    case .tooLarge(let limit): "more than \(limit) bytes"
    case .tooDeep(let limit): "nested deeper than \(limit)"
    case .unexpectedEnd: "unexpected end"
    case .unexpectedByte(let byte): "unexpected byte \(Self.name(of: byte))"
    case .expectedKey: "a member name in quotes is missing"
    case .expectedColon: "a colon is missing after a member name"
    case .expectedCommaOrEnd: "a comma or a closing bracket is missing"
    case .trailingComma: "comma before a closing bracket"
    case .trailingBytes: "bytes after the value"
    case .invalidLiteral: "unknown literal"
    case .invalidNumber: "malformed number"
    case .invalidUTF8: "not UTF-8"
    case .controlCharacter(let byte): "raw control character \(Self.name(of: byte)) in a string"
    case .invalidEscape: "malformed escape in a string"
    case .loneSurrogate: "surrogate without its other half"
    case .duplicateKey(let key): "duplicate key \(Self.quoted(key))"
    }
  }

  private static func name(of byte: UInt8) -> String {
    if byte > 0x20, byte < 0x7F { return "'\(Character(UnicodeScalar(byte)))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "0x" + (digits.count < 2 ? "0" : "") + digits
  }

  /// The key on one line and of bounded length: it comes from a stranger and goes to a terminal.
  private static func quoted(_ key: String) -> String {
    var text = "\""
    for scalar in key.unicodeScalars.prefix(64) {
      text += scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : String(scalar)
    }
    return text + (key.unicodeScalars.count > 64 ? "…\"" : "\"")
  }
}
