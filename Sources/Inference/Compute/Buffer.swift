/// Zeroed memory of one stage, aligned to cache lines, freed with its owner.
final class Buffer {
  private(set) var bytes: UnsafeMutableRawPointer
  private(set) var byteCount: Int

  init(bytes count: Int) {
    byteCount = max(count, Self.line)
    bytes = Self.zeroed(byteCount)
  }

  convenience init(floats count: Int) {
    self.init(bytes: count * MemoryLayout<Float>.stride)
  }

  deinit { bytes.deallocate() }

  private static let line = 64

  private static func zeroed(_ count: Int) -> UnsafeMutableRawPointer {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: line)
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    return bytes
  }

  /// Makes room for `count` bytes; where there is too little, what was there is lost.
  func grow(to count: Int) {
    if count <= byteCount { return }
    // The smaller memory goes first: both together would be the peak.
    bytes.deallocate()
    byteCount = count
    bytes = Self.zeroed(count)
  }

  /// The memory as float32.
  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
