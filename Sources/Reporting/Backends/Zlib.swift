import CZlib

/// What zlib is asked for.
enum Zlib {
  /// `bytes` as a zlib stream at level 6: 9 takes several times as long for one part in a hundred.
  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(length))
    // With a buffer of `compressBound` bytes, compressing fails only for want of memory.
    let status = compress2(&output, &length, bytes, uLong(bytes.count), 6)
    guard status == Z_OK else { return [] }
    output.removeLast(output.count - Int(length))
    return output
  }

  /// CRC-32 as PNG wants it.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32(0, bytes, uInt(bytes.count)))
  }
}
