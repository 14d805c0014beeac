import CZlib
import ModelFiles

/// Unpacks gzip members, one behind the other, piece by piece: however far a small file would
/// unfold, no more of it is unfolded than is read.
final class Gunzip: ByteReader {
  private let path: String
  private let packed: any ByteReader
  private let input: UnsafeMutableRawBufferPointer
  /// At a fixed place, because zlib keeps the address of its stream.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isAtEnd = false

  static let magic: [UInt8] = [0x1F, 0x8B, 0x08]

  init(_ packed: any ByteReader, path: String) throws(CorpusError) {
    self.path = path
    self.packed = packed
    input = .allocate(byteCount: TextSource.windowSize, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 asks for gzip's header and checksum instead of zlib's.
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, size) == Z_OK else {
      throw .damaged(path: path, .memory)
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
    guard let base = buffer.bindMemory(to: UInt8.self).baseAddress, !isAtEnd else { return 0 }
    var count = 0
    while count < buffer.count, !isAtEnd {
      if stream.pointee.avail_in == 0, try fill() == 0 {
        throw .damaged(path: path, .ends)
      }
      stream.pointee.next_out = base + count
      stream.pointee.avail_out = UInt32(clamping: buffer.count - count)
      let status = inflate(stream, Z_NO_FLUSH)
      count = buffer.count - Int(stream.pointee.avail_out)
      switch status {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: try beginNextMember()
      case Z_MEM_ERROR: throw .damaged(path: path, .memory)
      default: throw .damaged(path: path, .checksum)
      }
    }
    return count
  }

  /// Another member may follow, or zeros that a tape's blocks were filled up with.
  private func beginNextMember() throws(CorpusError) {
    while true {
      if stream.pointee.avail_in == 0, try fill() == 0 {
        isAtEnd = true
        return
      }
      guard let next = stream.pointee.next_in else { return }
      if next.pointee == Self.magic[0] { break }
      guard next.pointee == 0 else { throw .damaged(path: path, .trailing) }
      stream.pointee.next_in = next + 1
      stream.pointee.avail_in -= 1
    }
    inflateReset(stream)
  }

  private func fill() throws(CorpusError) -> Int {
    let count = try packed.read(into: input)
    stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_in = UInt32(clamping: count)
    return count
  }
}
