import Inference

/// Mean and covariance of a head's queries, rotated by an averaged rotation.
struct QueryMoments {
  private var mean: [Double]
  /// (size, size), symmetric.
  private var covariance: [Double]
  private let size: Int

  /// - Parameters:
  ///   - queries: before their rotation; of none at all mean and covariance are 0.
  ///   - rotation: mean cosines and sines of each pair of dimensions that rotates.
  init(_ queries: HeadRows, rotatedBy rotation: (cosines: [Double], sines: [Double])) {
    let size = queries.size
    self.size = size
    let share = 1 / Double(max(1, queries.count))
    var mean = [Double](repeating: 0, count: size)
    for row in 0..<queries.count { queries.add(row, times: share, to: &mean) }
    var covariance = [Double](repeating: 0, count: size * size)
    var centred = [Double](repeating: 0, count: size)
    covariance.withUnsafeMutableBufferPointer { covariance in
      for row in 0..<queries.count {
        for column in 0..<size {
          centred[column] = Double(queries.values[row * size + column]) - mean[column]
        }
        for i in 0..<size {
          let weight = centred[i] * share
          for j in 0..<size { covariance[i * size + j] += weight * centred[j] }
        }
      }
    }
    // R μ and R Σ Rᵀ: Σ is symmetric, so rotating the rows of what rotating its rows gave, read
    // as columns, is enough.
    func rotate(_ vector: inout [Double], from start: Int, by step: Int) {
      let half = rotation.cosines.count
      for pair in 0..<half {
        let (a, b) = (start + pair * step, start + (pair + half) * step)
        let (x, y) = (vector[a], vector[b])
        vector[a] = x * rotation.cosines[pair] - y * rotation.sines[pair]
        vector[b] = y * rotation.cosines[pair] + x * rotation.sines[pair]
      }
    }
    rotate(&mean, from: 0, by: 1)
    for row in 0..<size { rotate(&covariance, from: row * size, by: 1) }
    for column in 0..<size { rotate(&covariance, from: column, by: size) }
    self.mean = mean
    self.covariance = covariance
  }

  /// `s μᵀk + ½ s² kᵀΣk` of every key.
  func exponents(of keys: HeadRows, scale: Double) -> [Double] {
    var product = [Double](repeating: 0, count: size)
    return (0..<keys.count).map { row in
      for i in 0..<size { product[i] = 0 }
      covariance.withUnsafeBufferPointer { covariance in
        for i in 0..<size {
          let weight = Double(keys.values[row * size + i])
          for j in 0..<size { product[j] += weight * covariance[i * size + j] }
        }
      }
      return scale * keys.dot(row, mean) + scale * scale * keys.dot(row, product) / 2
    }
  }
}
