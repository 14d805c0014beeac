/// UTF-8 as the Unicode Standard defines it (table 3-7): no overlong forms, no surrogates.
enum UTF8Scan {
  /// Bytes of the well-formed sequence at `position`, 0 where there is none.
  static func length(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
    let lead = bytes[position]
    if lead < 0x80 { return 1 }
    let left = bytes.count - position
    switch lead {
    case 0xC2...0xDF:
      return left >= 2 && isContinuation(bytes[position + 1]) ? 2 : 0
    case 0xE0...0xEF:
      guard left >= 3, isContinuation(bytes[position + 2]) else { return 0 }
      let second = bytes[position + 1]
      let low: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
      let high: UInt8 = lead == 0xED ? 0x9F : 0xBF
      return second >= low && second <= high ? 3 : 0
    case 0xF0...0xF4:
      guard left >= 4, isContinuation(bytes[position + 2]), isContinuation(bytes[position + 3])
      else { return 0 }
      let second = bytes[position + 1]
      let low: UInt8 = lead == 0xF0 ? 0x90 : 0x80
      let high: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
      return second >= low && second <= high ? 4 : 0
    default: return 0
    }
  }

  @inline(__always)
  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// The scalar at `position` of text known to be well-formed, and its length in bytes.
  @inline(__always)
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (scalar: UInt32, length: Int) {
    let lead = UInt32(bytes[position])
    if lead < 0x80 { return (lead, 1) }
    let second = UInt32(bytes[position + 1] & 0x3F)
    if lead < 0xE0 { return ((lead & 0x1F) << 6 | second, 2) }
    let third = UInt32(bytes[position + 2] & 0x3F)
    if lead < 0xF0 { return ((lead & 0x0F) << 12 | second << 6 | third, 3) }
    let fourth = UInt32(bytes[position + 3] & 0x3F)
    return ((lead & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
  }

  /// Appends the encoding of a scalar value below 0x110000 that is no surrogate.
  static func append(_ scalar: UInt32, to text: inout [UInt8]) {
    switch scalar {
    case 0..<0x80: text.append(UInt8(truncatingIfNeeded: scalar))
    case 0x80..<0x800:
      text.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
      text.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    case 0x800..<0x10000:
      text.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
      text.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
      text.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    default:
      text.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18 & 0x07))
      text.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F))
      text.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
      text.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    }
  }
}
