import Inference

/// The vectors of one head as rows, (count, size), in one place.
struct HeadRows {
  let count: Int
  let size: Int
  private(set) var values: [Float]

  /// - Parameters:
  ///   - vectors: as many rows as are there; where nobody asked for them, `count` rows of nothing.
  ///   - isRotated: whether they are taken as the rotation leaves them.
  init(_ vectors: HeadVectors?, count: Int, isRotated: Bool = false) {
    self.count = vectors?.count ?? count
    size = vectors?.size ?? 0
    guard let vectors else {
      values = []
      return
    }
    let total = vectors.count * vectors.size
    values = [Float](unsafeUninitializedCapacity: total) { buffer, initialized in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[..<total])
      isRotated ? vectors.copyRotated(to: target) : vectors.copy(to: target)
      initialized = total
    }
  }

  /// Sums in float64.
  func squaredNorm(_ row: Int) -> Double {
    values.withUnsafeBufferPointer { values in
      var sum = 0.0
      for place in row * size..<(row + 1) * size {
        sum += Double(values[place]) * Double(values[place])
      }
      return sum
    }
  }

  func dot(_ row: Int, _ other: [Double]) -> Double {
    values.withUnsafeBufferPointer { values in
      var sum = 0.0
      for column in 0..<size { sum += Double(values[row * size + column]) * other[column] }
      return sum
    }
  }

  func add(_ row: Int, times factor: Double, to sums: inout [Double]) {
    values.withUnsafeBufferPointer { values in
      for column in 0..<size { sums[column] += Double(values[row * size + column]) * factor }
    }
  }

  /// The columns as rows, (size, count).
  func transposed() -> [Float] {
    [Float](unsafeUninitializedCapacity: values.count) { columns, initialized in
      for row in 0..<count {
        for column in 0..<size { columns[column * count + row] = values[row * size + column] }
      }
      initialized = values.count
    }
  }
}
