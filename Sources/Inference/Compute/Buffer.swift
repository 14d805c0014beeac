/// Zeroed memory of one stage, aligned to cache lines, freed with its owner.
final class Buffer {
  private(set) var bytes: UnsafeMutableRawPointer
  private(set) var byteCount: Int
  private var isMapped: Bool

  init(bytes count: Int) {
    byteCount = max(count, Self.line)
    (bytes, isMapped) = Self.zeroed(byteCount)
  }

  convenience init(floats count: Int) {
    self.init(bytes: count * MemoryLayout<Float>.stride)
  }

  deinit { free() }

  private static let line = 64

  private static func zeroed(_ count: Int) -> (UnsafeMutableRawPointer, isMapped: Bool) {
    if count >= PageMemory.leastBytes, let pages = PageMemory.map(bytes: count) {
      return (pages, true)
    }
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: line)
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    return (bytes, false)
  }

  private func free() {
    if isMapped { PageMemory.unmap(bytes, bytes: byteCount) } else { bytes.deallocate() }
  }

  /// Makes room for `count` bytes; where there is too little, what was there is lost.
  func grow(to count: Int) {
    if count <= byteCount { return }
    // The smaller memory goes first: both together would be the peak.
    free()
    byteCount = count
    (bytes, isMapped) = Self.zeroed(count)
  }

  /// The memory as float32.
  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
