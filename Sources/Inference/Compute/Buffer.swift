/// Zeroed memory of one stage, aligned to cache lines, freed with its owner.
final class Buffer {
  let bytes: UnsafeMutableRawPointer
  let byteCount: Int

  init(bytes count: Int) {
    byteCount = max(count, 64)
    bytes = .allocate(byteCount: byteCount, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  convenience init(floats count: Int) {
    self.init(bytes: count * MemoryLayout<Float>.stride)
  }

  deinit { bytes.deallocate() }

  /// The memory as float32.
  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
