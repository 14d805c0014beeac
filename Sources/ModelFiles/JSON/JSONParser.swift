/// Checks a document against RFC 8259 and lays out its tape.
///
/// The tape is a flat list of 32-bit words in document order. A scalar, a key and an empty
/// container take one word, the offset of their first byte, which also tells their kind; a
/// container with members takes a second word, the tape index just past its last node. Values are
/// decoded from the bytes when asked for, so a tape stays within three times the document's size.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONLimits
  private var at = 0
  private var tape: [UInt32] = []
  private var open: [Int] = []
  private let seed = UInt64.random(in: .min ... .max)

  static func tape(
    of bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits
  ) throws(JSONError) -> [UInt32] {
    var parser = JSONParser(bytes: bytes, limits: limits)
    try parser.parseDocument()
    return parser.tape
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  private mutating func parseDocument() throws(JSONError) {
    guard bytes.count <= limits.maximumBytes else {
      throw JSONError(offset: 0, kind: .tooLarge(limit: limits.maximumBytes))
    }
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw JSONError(offset: 0, kind: .byteOrderMark)
    }
    skipWhitespace()
    repeat {
      try parseUpToScalar()
    } while try closeContainers()
    try checkTrailingBytes()
  }

  /// Reads opening brackets, keys and one scalar or empty container.
  private mutating func parseUpToScalar() throws(JSONError) {
    while true {
      let byte = try currentByte()
      switch byte {
      case UInt8(ascii: "\""):
        append(at)
        try scanString()
        return
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard open.count < limits.maximumDepth else {
          throw error(.tooDeep(limit: limits.maximumDepth))
        }
        append(at)
        at += 1
        skipWhitespace()
        // In ASCII both closing brackets lie two above their opening ones.
        if try currentByte() == byte + 2 {
          at += 1
          return
        }
        open.append(tape.count - 1)
        append(0)
        if byte == UInt8(ascii: "{") { try parseKey() }
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        append(at)
        if limits.allowsNonFinite, byte == UInt8(ascii: "-"), at + 1 < bytes.count,
          bytes[at + 1] == UInt8(ascii: "I")
        {
          at += 1
          return try skipLiteral("Infinity")
        }
        try scanNumber()
        return
      case UInt8(ascii: "t"): return try scanLiteral("true")
      case UInt8(ascii: "f"): return try scanLiteral("false")
      case UInt8(ascii: "n"): return try scanLiteral("null")
      case UInt8(ascii: "N") where limits.allowsNonFinite: return try scanLiteral("NaN")
      case UInt8(ascii: "I") where limits.allowsNonFinite: return try scanLiteral("Infinity")
      default: throw error(.unexpectedByte(byte))
      }
    }
  }

  /// Closes what ends here; true where another value follows.
  private mutating func closeContainers() throws(JSONError) -> Bool {
    while let container = open.last {
      skipWhitespace()
      let byte = try currentByte()
      let opening = bytes[Int(tape[container])]
      if byte == UInt8(ascii: ",") {
        at += 1
        skipWhitespace()
        if try currentByte() == opening + 2 { throw error(.trailingComma) }
        if opening == UInt8(ascii: "{") { try parseKey() }
        return true
      }
      guard byte == opening + 2 else { throw error(.expectedCommaOrEnd) }
      at += 1
      tape[container + 1] = UInt32(truncatingIfNeeded: tape.count)
      if opening == UInt8(ascii: "{") {
        try JSONKeyCheck.refuseDuplicates(
          bytes: bytes, tape: tape, members: container + 2, seed: seed)
      }
      open.removeLast()
    }
    return false
  }

  private mutating func parseKey() throws(JSONError) {
    guard try currentByte() == UInt8(ascii: "\"") else { throw error(.expectedKey) }
    append(at)
    try scanString()
    skipWhitespace()
    guard try currentByte() == UInt8(ascii: ":") else { throw error(.expectedColon) }
    at += 1
    skipWhitespace()
  }

  private mutating func checkTrailingBytes() throws(JSONError) {
    switch limits.trailing {
    case .whitespace: skipWhitespace()
    case .spaces: while at < bytes.count, bytes[at] == 0x20 { at += 1 }
    }
    guard at == bytes.count else { throw error(.trailingBytes) }
  }

  // MARK: Scalars

  private mutating func scanLiteral(_ literal: StaticString) throws(JSONError) {
    append(at)
    try skipLiteral(literal)
  }

  private mutating func skipLiteral(_ literal: StaticString) throws(JSONError) {
    let start = at
    for index in 0..<literal.utf8CodeUnitCount {
      guard start + index < bytes.count, bytes[start + index] == literal.utf8Start[index] else {
        throw error(.invalidLiteral)
      }
    }
    at += literal.utf8CodeUnitCount
  }

  private mutating func scanNumber() throws(JSONError) {
    let start = at
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    let firstDigit = at
    guard skipDigits() else { throw JSONError(offset: start, kind: .invalidNumber) }
    if bytes[firstDigit] == UInt8(ascii: "0"), at > firstDigit + 1 {
      throw JSONError(offset: start, kind: .invalidNumber)
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      guard skipDigits() else { throw JSONError(offset: start, kind: .invalidNumber) }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
        at += 1
      }
      guard skipDigits() else { throw JSONError(offset: start, kind: .invalidNumber) }
    }
  }

  private mutating func skipDigits() -> Bool {
    let start = at
    while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
    return at > start
  }

  /// Checks a string from its opening quote and leaves `at` behind the closing one.
  private mutating func scanString() throws(JSONError) {
    var position = at + 1
    while true {
      position = JSONText.skipPlainASCII(bytes, from: position)
      guard position < bytes.count else {
        throw JSONError(offset: bytes.count, kind: .unexpectedEnd)
      }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        at = position + 1
        return
      }
      if byte == UInt8(ascii: "\\") {
        position = try scanEscape(at: position)
      } else if byte < 0x20 {
        throw JSONError(offset: position, kind: .controlCharacter(byte))
      } else {
        let length = UTF8Scan.length(bytes, at: position)
        guard length > 0 else { throw JSONError(offset: position, kind: .invalidUTF8) }
        position += length
      }
    }
  }

  /// Checks the escape at `position` and returns the offset behind it.
  private func scanEscape(at position: Int) throws(JSONError) -> Int {
    guard position + 1 < bytes.count else {
      throw JSONError(offset: bytes.count, kind: .unexpectedEnd)
    }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return position + 2
    case UInt8(ascii: "u"): break
    default: throw JSONError(offset: position, kind: .invalidEscape)
    }
    guard let unit = JSONText.codeUnit(bytes, at: position) else {
      throw JSONError(offset: position, kind: .invalidEscape)
    }
    switch unit {
    case 0xD800...0xDBFF:
      guard let low = JSONText.codeUnit(bytes, at: position + 6), low & 0xFC00 == 0xDC00 else {
        throw JSONError(offset: position, kind: .loneSurrogate)
      }
      return position + 12
    case 0xDC00...0xDFFF: throw JSONError(offset: position, kind: .loneSurrogate)
    default: return position + 6
    }
  }

  // MARK: Steps

  private func error(_ kind: JSONError.Kind) -> JSONError { JSONError(offset: at, kind: kind) }

  private func currentByte() throws(JSONError) -> UInt8 {
    guard at < bytes.count else { throw JSONError(offset: bytes.count, kind: .unexpectedEnd) }
    return bytes[at]
  }

  private mutating func skipWhitespace() {
    while at < bytes.count, JSONText.isWhitespace(bytes[at]) { at += 1 }
  }

  private mutating func append(_ offset: Int) {
    if tape.count == tape.capacity {
      // Growing to what the rest of the document is likely to need spares the memory that doubling
      // would waste; at least a third more keeps appending linear.
      let likely = Double(tape.count) / Double(max(at, 1)) * Double(bytes.count)
      tape.reserveCapacity(max(256, tape.count + tape.count / 3, Int(likely * 1.05)))
    }
    tape.append(UInt32(truncatingIfNeeded: offset))
  }
}
