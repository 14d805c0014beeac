/// Reading the text of a document that has been checked, or is being checked.
package enum JSONText {
  package static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// The first offset from `start` whose byte is a quote, a backslash, a control character or not
  /// ASCII; the end where there is none.
  @inlinable @inline(__always)
  package static func skipPlainASCII(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var position = start
    let raw = UnsafeRawBufferPointer(bytes)
    while position + 8 <= bytes.count {
      let word = UInt64(
        littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      // A borrow may flag a byte above a true hit, never below the first one.
      let hits =
        (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
          | ((word &- ones &* 0x20) & ~word) | word) & highs
      if hits != 0 { return position + hits.trailingZeroBitCount / 8 }
      position += 8
    }
    while position < bytes.count {
      let byte = bytes[position]
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        break
      }
      position += 1
    }
    return position
  }

  /// The UTF-16 code unit of a `\u` escape that starts at `position`.
  package static func codeUnit(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt32? {
    guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    for byte in bytes[(position + 2)..<(position + 6)] {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// The bytes between the quotes of the string at `offset`, and whether they hold escapes.
  package static func contents(
    _ bytes: UnsafeBufferPointer<UInt8>, at offset: Int
  ) -> (range: Range<Int>, escaped: Bool) {
    var position = offset + 1
    var escaped = false
    while true {
      position = skipPlainASCII(bytes, from: position)
      if bytes[position] == UInt8(ascii: "\"") { return (offset + 1..<position, escaped) }
      if bytes[position] == UInt8(ascii: "\\") {
        escaped = true
        position += 2
      } else {
        position += 1
      }
    }
  }

  /// Calls `body` with the decoded UTF-8 of the checked string at `offset`; without escapes these
  /// are the document's own bytes.
  @inlinable @inline(__always)
  package static func withUTF8<Result, Failure: Error>(
    _ bytes: UnsafeBufferPointer<UInt8>, at offset: Int,
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (range, escaped) = contents(bytes, at: offset)
    if !escaped { return try body(UnsafeBufferPointer(rebasing: bytes[range])) }
    let decoded = unescaped(bytes, range)
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: decoded.count)
    defer { copy.deallocate() }
    _ = copy.initialize(from: decoded)
    return try body(UnsafeBufferPointer(copy))
  }

  @usableFromInline
  package static func unescaped(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var position = range.lowerBound
    while position < range.upperBound {
      guard bytes[position] == UInt8(ascii: "\\") else {
        text.append(bytes[position])
        position += 1
        continue
      }
      if var value = codeUnit(bytes, at: position) {
        position += 6
        if value & 0xFC00 == 0xD800, let low = codeUnit(bytes, at: position) {
          value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
          position += 6
        }
        UTF8Scan.append(value, to: &text)
        continue
      }
      switch bytes[position + 1] {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case let byte: text.append(byte)
      }
      position += 2
    }
    return text
  }
}
