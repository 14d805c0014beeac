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

  private let kernels: Kernels

  public init() { self.init(kernels: Kernels()) }

  init(kernels: Kernels) { self.kernels = kernels }

  public func score(_ view: KVHeadView, into scores: UnsafeMutableBufferPointer<Double>) {
    let keys = HeadRows(view.keys, count: view.count)
    let (count, size) = (keys.count, keys.size)
    guard count > 0, size > 0 else { return }
    var mean = [Double](repeating: 0, count: size)
    for row in 0..<count { keys.add(row, times: 1 / Double(count), to: &mean) }
    // (size, stride), padded by zeros: a position more that nothing is seen of.
    let step = Kernels.columnStep
    let stride = (count + step - 1) / step * step
    var centred = [Double](repeating: 0, count: size * stride)
    keys.values.withUnsafeBufferPointer { values in
      for row in 0..<count {
        for column in 0..<size {
          centred[column * stride + row] = Double(values[row * size + column]) - mean[column]
        }
      }
    }
    var factor = [Double](repeating: 0, count: size * size)
    kernels.gram(centred, count: stride, size: size, into: &factor)
    Self.factorize(&factor, size: size)
    // The squared lengths of the solutions y of L y = x are the diagonal.
    var scratch = [Double](repeating: 0, count: size * step)
    var sums = [Double](repeating: 0, count: stride)
    kernels.solvedSquares(
      factor, centred, count: stride, size: size, scratch: &scratch, into: &sums)
    for row in 0..<count { scores[row] = sums[row] }
  }

  /// Puts the lower triangular L of `XᵀX + ridge I = L Lᵀ` (Cholesky) where the lower triangle of
  /// XᵀX is, (size, size).
  private static func factorize(_ matrix: inout [Double], size: Int) {
    matrix.withUnsafeMutableBufferPointer { matrix in
      for i in 0..<size {
        matrix[i * size + i] += ridge
        for j in 0...i {
          var value = matrix[i * size + j]
          for k in 0..<j { value -= matrix[i * size + k] * matrix[j * size + k] }
          matrix[i * size + j] = i == j ? value.squareRoot() : value / matrix[j * size + j]
        }
      }
    }
  }
}
