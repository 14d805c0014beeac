/// UTF-8 as the Unicode Standard defines it (table 3-7): no overlong forms, no surrogates.
package enum UTF8Scan {
  /// Bytes of the well-formed sequence at `position`, 0 where there is none.
  @inlinable
  package static func length(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
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

  @inlinable @inline(__always)
  package static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// The scalar at `position` of text known to be well-formed, and its length in bytes.
  @inlinable @inline(__always)
  package static func decode(
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

  /// Where the scalar that ends at `end` starts, in text known to be well-formed.
  @inlinable
  package static func start(_ bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
    var position = end - 1
    while position > 0, isContinuation(bytes[position]) { position -= 1 }
    return position
  }

  /// Appends the encoding of a scalar value below 0x110000 that is no surrogate.
  package static func append(_ scalar: UInt32, to text: inout [UInt8]) {
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

  /// The offset of the first byte that starts no well-formed sequence; `nil` where all is well.
  package static func firstIllFormed(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0)
    -> Int?
  {
    let raw = UnsafeRawBufferPointer(bytes)
    var position = start
    while position < bytes.count {
      if position + 8 <= bytes.count,
        raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        position += 8
        continue
      }
      let length = length(bytes, at: position)
      if length == 0 { return position }
      position += length
    }
    return nil
  }

  /// Bytes at the end that begin a well-formed sequence and do not end it.
  package static func incompleteSuffix(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    for length in 1...3 where length <= bytes.count {
      let start = bytes.count - length
      if isContinuation(bytes[start]) { continue }
      let lead = bytes[start]
      let needed = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1
      return needed > length && maximalPart(bytes, at: start) == length ? length : 0
    }
    return 0
  }

  /// Scalars of well-formed text.
  package static func characters(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    let raw = UnsafeRawBufferPointer(text)
    let lows: UInt64 = 0x0101_0101_0101_0101
    var count = text.count
    var position = 0
    while position + 8 <= text.count {
      let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      // The highest bit of a continuation is set and the one below is not.
      count -= (word >> 7 & ~(word >> 6) & lows).nonzeroBitCount
      position += 8
    }
    while position < text.count {
      if isContinuation(text[position]) { count -= 1 }
      position += 1
    }
    return count
  }

  /// The text with U+FFFD for each maximal ill-formed part, and how many there were; `nil` where
  /// it is well-formed.
  package static func repaired(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> (text: [UInt8], replacements: Int)? {
    guard var bad = firstIllFormed(bytes) else { return nil }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + 16)
    var good = 0
    var replacements = 0
    while true {
      text.append(contentsOf: bytes[good..<bad])
      text.append(contentsOf: [0xEF, 0xBF, 0xBD])
      replacements += 1
      good = bad + maximalPart(bytes, at: bad)
      guard let following = firstIllFormed(bytes, from: good) else { break }
      bad = following
    }
    text.append(contentsOf: bytes[good...])
    return (text, replacements)
  }

  /// Bytes of the ill-formed sequence at `position` that could begin a well-formed one, at least 1.
  private static func maximalPart(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
    let lead = bytes[position]
    let left = bytes.count - position
    guard lead >= 0xE0, lead <= 0xF4, left >= 2 else { return 1 }
    let second = bytes[position + 1]
    let allowed: ClosedRange<UInt8> =
      switch lead {
      case 0xE0: 0xA0...0xBF
      case 0xED: 0x80...0x9F
      case 0xF0: 0x90...0xBF
      case 0xF4: 0x80...0x8F
      default: 0x80...0xBF
      }
    guard allowed.contains(second) else { return 1 }
    return lead >= 0xF0 && left >= 3 && isContinuation(bytes[position + 2]) ? 3 : 2
  }
}

/// Bytes read as text: U+FFFD for each maximal ill-formed part, as Python's `errors="replace"` has
/// it, and how many there were; `nil` where all is UTF-8.
public func repairedUTF8(_ bytes: [UInt8]) -> (text: [UInt8], replacements: Int)? {
  bytes.withUnsafeBufferPointer(UTF8Scan.repaired)
}
