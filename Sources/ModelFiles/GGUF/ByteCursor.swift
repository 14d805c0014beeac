/// Reads little-endian values from front to back and never past the end.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int

  init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    self.bytes = bytes
    self.offset = Swift.min(Swift.max(offset, 0), bytes.count)
  }

  var remaining: Int { bytes.count - offset }

  mutating func integer<T: FixedWidthInteger>(
    _ type: T.Type = T.self
  ) throws(GGUFProblem) -> T {
    guard remaining >= MemoryLayout<T>.size else { throw .truncated(offset: offset) }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
    offset += MemoryLayout<T>.size
    return T(littleEndian: value)
  }

  /// Passes over `count` bytes and gives their range; `nil` where fewer remain.
  mutating func skip(_ count: UInt64) -> Range<Int>? {
    guard let count = Int(exactly: count), count <= remaining else { return nil }
    defer { offset += count }
    return offset..<offset + count
  }
}
