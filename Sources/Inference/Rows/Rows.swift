/// Rows in memory that a product reads or writes; the memory belongs to a buffer of the stage.
struct Rows {
  let base: UnsafeMutableRawPointer
  let layout: RowLayout

  /// The row `index` and those after it.
  func from(row index: Int) -> UnsafeMutableRawPointer { base + index * layout.bytesPerRow }

  /// The same rows from a later column on.
  func from(column index: Int) -> Rows {
    Rows(base: base + index * layout.elementSize, layout: layout)
  }
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
