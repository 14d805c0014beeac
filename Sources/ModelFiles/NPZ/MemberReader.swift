import CZlib

/// Unpacks one member of an archive piece by piece, and knows the checksum of what it gave.
///
/// A class, because zlib keeps the address of its stream.
final class MemberReader {
  /// `nil` where the member is stored as it is.
  private let stream: UnsafeMutablePointer<z_stream>?
  private var stored: UnsafeRawBufferPointer
  private(set) var checksum: UInt32 = 0

  /// - Parameter packed: fewer than 4 GiB, which must outlive the reader.
  init?(_ packed: UnsafeRawBufferPointer, isDeflated: Bool) {
    stored = packed
    guard isDeflated else {
      stream = nil
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: packed.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(clamping: packed.count)
    self.stream = stream
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, size) == Z_OK else { return nil }
  }

  deinit {
    guard let stream else { return }
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Fills `destination`, fewer than 4 GiB; `false` where the member ends before or is corrupt.
  func read(into destination: UnsafeMutableRawBufferPointer) -> Bool {
    guard let base = destination.bindMemory(to: UInt8.self).baseAddress else { return true }
    if let stream {
      stream.pointee.next_out = base
      stream.pointee.avail_out = UInt32(clamping: destination.count)
      let status = inflate(stream, Z_SYNC_FLUSH)
      guard status == Z_OK || status == Z_STREAM_END, stream.pointee.avail_out == 0 else {
        return false
      }
    } else {
      guard stored.count >= destination.count else { return false }
      destination.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: stored.prefix(destination.count)))
      stored = UnsafeRawBufferPointer(rebasing: stored.dropFirst(destination.count))
    }
    checksum = Deflate.checksum(UnsafeRawBufferPointer(destination), after: checksum)
    return true
  }

  /// Whether nothing is left, neither to give nor of the packed bytes.
  func isAtEnd() -> Bool {
    guard let stream else { return stored.isEmpty }
    var byte: UInt8 = 0
    let status = withUnsafeMutablePointer(to: &byte) { pointer in
      stream.pointee.next_out = pointer
      stream.pointee.avail_out = 1
      return inflate(stream, Z_SYNC_FLUSH)
    }
    return status == Z_STREAM_END && stream.pointee.avail_out == 1 && stream.pointee.avail_in == 0
  }
}
