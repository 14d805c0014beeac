import CZlib

/// Raw deflate (RFC 1951) through zlib.
enum Deflate {
  /// The compressed bytes of all `pieces` as one stream; `nil` where zlib has no memory or a piece
  /// has 4 GiB or more.
  static func compress(_ pieces: [UnsafeRawBufferPointer]) -> [UInt8]? {
    var stream = z_stream()
    let isReady = deflateInit2_(
      &stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard isReady == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var result: [UInt8] = []
    for piece in pieces {
      guard feed(piece, &stream, flush: Z_NO_FLUSH, into: &result) else { return nil }
    }
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    return feed(nothing, &stream, flush: Z_FINISH, into: &result) ? result : nil
  }

  private static func feed(
    _ piece: UnsafeRawBufferPointer, _ stream: inout z_stream, flush: Int32,
    into result: inout [UInt8]
  ) -> Bool {
    guard let count = UInt32(exactly: piece.count) else { return false }
    stream.next_in = UnsafeMutablePointer(
      mutating: piece.bindMemory(to: UInt8.self).baseAddress)
    stream.avail_in = count
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { buffer in
      repeat {
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(buffer.count)
        // Z_BUF_ERROR only says that there was nothing to do.
        let status = deflate(&stream, flush)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
          return false
        }
        result.append(contentsOf: buffer.prefix(buffer.count - Int(stream.avail_out)))
      } while stream.avail_out == 0
      return true
    }
  }

  /// The checksum of zip archives, continued from that of what came before.
  static func checksum(_ bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return checksum }
    return UInt32(
      truncatingIfNeeded: crc32_z(uLong(checksum), base, z_size_t(bytes.count)))
  }
}
