import Results

/// Curves of Fig. 8 read from a result's arrays.
enum LossCurves {
  /// The mean over folds, weighted by their chunks, of one head's curve; `nil` where the array is
  /// of another shape or has a value missing.
  static func mean(
    of array: NumericArray, foldChunks: NumericArray, layer: Int, head: Int
  ) -> [Double]? {
    let shape = array.shape
    guard shape.count == 4, shape[3] == curvePointCount, foldChunks.values.count == shape[0],
      (0..<shape[1]).contains(layer), (0..<shape[2]).contains(head)
    else { return nil }
    var sums = [Double](repeating: 0, count: curvePointCount)
    var weights = 0.0
    for fold in 0..<shape[0] {
      let weight = foldChunks.values[fold]
      guard weight > 0, weight.isFinite else { continue }
      let start = ((fold * shape[1] + layer) * shape[2] + head) * curvePointCount
      for point in 0..<curvePointCount { sums[point] += weight * array.values[start + point] }
      weights += weight
    }
    guard weights > 0, sums.allSatisfy(\.isFinite) else { return nil }
    return sums.map { $0 / weights }
  }
}
