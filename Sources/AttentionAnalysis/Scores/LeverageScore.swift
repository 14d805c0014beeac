import Inference

/// Keys that the others do not span: the statistical leverage of a key among the cached ones
/// (Compactor: Chari and Van Durme, 2025, arXiv 2507.08143).
///
/// Of the keys before their rotation, centred, as the rows of X (positions, head_dim), a
/// score is the diagonal of `X (XᵀX + 0.01 I)⁻¹ Xᵀ`. The paper and kvpress's `LeverageScorePress`
/// multiply X by a Gaussian matrix first, anew in each run, to save time; this is what that
/// approximates, without lots.
public struct LeverageScore: EvictionScore {
  /// What is added to the diagonal, as kvpress has it.
  static let ridge = 0.01

  public let name = "leverage"
  public let summary = "the keys that the others do not span"
  public let needs: RecordRequest.Parts = .keys
  public let needsTruePositions = true
  public let isIndependent = false

  public init() {}

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    let keys = HeadRows(view.keys, count: view.count)
    let (count, size) = (keys.count, keys.size)
    var mean = [Double](repeating: 0, count: size)
    for row in 0..<count { keys.add(row, times: 1 / Double(count), to: &mean) }
    // (size, count), so that every loop below runs along the positions.
    var centred = keys.transposed().map(Double.init)
    let factor: [Double] = centred.withUnsafeMutableBufferPointer { centred in
      for column in 0..<size {
        for row in 0..<count { centred[column * count + row] -= mean[column] }
      }
      return Self.factor(ofProductsOf: centred, size: size, count: count)
    }
    // The squared lengths of the solutions y of L y = x are the diagonal.
    for row in 0..<count { scores[row] = 0 }
    centred.withUnsafeMutableBufferPointer { rows in
      for column in 0..<size {
        let own = UnsafeMutableBufferPointer(
          rebasing: rows[column * count..<(column + 1) * count])
        for other in 0..<column {
          let weight = factor[column * size + other]
          let solved = other * count
          for row in 0..<count { own[row] -= weight * rows[solved + row] }
        }
        let scale = 1 / factor[column * size + column]
        for row in 0..<count {
          own[row] *= scale
          scores[row] += own[row] * own[row]
        }
      }
    }
  }

  /// The lower triangular L of `XᵀX + ridge I = L Lᵀ` (Cholesky), (size, size).
  private static func factor(
    ofProductsOf rows: UnsafeMutableBufferPointer<Double>, size: Int, count: Int
  ) -> [Double] {
    var matrix = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        // Two sums, in a fixed order, so that one need not wait for the other.
        var (even, odd) = (0.0, 0.0)
        var row = 0
        while row + 2 <= count {
          even += rows[i * count + row] * rows[j * count + row]
          odd += rows[i * count + row + 1] * rows[j * count + row + 1]
          row += 2
        }
        if row < count { even += rows[i * count + row] * rows[j * count + row] }
        let sum = even + odd
        matrix[i * size + j] = sum + (i == j ? ridge : 0)
      }
    }
    for i in 0..<size {
      for j in 0...i {
        var value = matrix[i * size + j]
        for k in 0..<j { value -= matrix[i * size + k] * matrix[j * size + k] }
        matrix[i * size + j] = i == j ? value.squareRoot() : value / matrix[j * size + j]
      }
    }
    return matrix
  }
}
