import CKernels

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

  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
