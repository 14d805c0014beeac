import ModelFiles

extension WeightMatrix.Part {
  /// Rows as float32, one behind another, in `scratch`.
  func widened(
    _ range: Range<Int>, of checkpoint: Checkpoint, in scratch: Buffer
  ) -> UnsafeMutablePointer<Float> {
    let count = range.count
    scratch.grow(to: (columns + 1) * max(count, 1) * MemoryLayout<Float>.stride)
    let target = scratch.floats
    guard isTransposed else {
      for (index, row) in range.enumerated() {
        let stored = storedRow(row)
        checkpoint.widen(
          tensor, row: stored, columns: 0..<columns, into: target + index * columns)
        scale?.apply(row: stored, columns: 0..<columns, to: target + index * columns)
      }
      return target
    }
    // A stored row holds one element of each: read as they lie, then turned.
    let first = storedRow(range.lowerBound)
    let line = target + columns * count
    for column in 0..<columns {
      checkpoint.widen(tensor, row: column, columns: first..<first + count, into: line)
      scale?.apply(row: column, columns: first..<first + count, to: line)
      for index in 0..<count { target[index * columns + column] = line[index] }
    }
    return target
  }
}
