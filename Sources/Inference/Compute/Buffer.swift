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

/// Rows of equal length in memory, as products read and write them.
///
/// A row has room for whole panels, and consecutive rows begin in different cache sets whatever
/// the number of columns is: a power of two between rows would have them evict each other.
struct RowLayout {
  /// Elements from one row to the next.
  let stride: Int
  /// Bytes of an element.
  let elementSize: Int

  init(columns: Int, elementSize: Int, panelWidth: Int) {
    let line = 64 / elementSize
    let padded = columns.roundedUp(to: max(panelWidth, line))
    stride = (padded / line).isMultiple(of: 2) ? padded + line : padded
    self.elementSize = elementSize
  }

  var bytesPerRow: Int { stride * elementSize }
}

extension Int {
  /// The smallest multiple of `step` that is not below this number.
  func roundedUp(to step: Int) -> Int { (self + step - 1) / step * step }
}
