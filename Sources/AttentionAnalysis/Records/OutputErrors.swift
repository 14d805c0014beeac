import Inference
import Results

/// How far dropping positions moves what a KV head's query heads add to the residual stream.
///
/// When positions are dropped, the softmax is taken over what remains, the query's own position
/// included: `o' = Σ_kept a_p v_p / Σ_kept a_p`. The error is the squared length of
/// `W_o (o' - o)`, summed over the query heads before it is squared. An instance belongs to one
/// thread at a time.
final class OutputErrors {
  /// What one row gave, before it is set against the residual stream.
  struct Row: Sendable {
    /// Positions cached before the row's query.
    let row: Int
    /// Squared lengths at m = floor(i·n/20), i = 0…20.
    let squares: [Double]
  }

  private let grams: OutputGrams
  private let kernels: Kernels
  private let groupSize: Int
  private var headDim = 0
  private var gram: [Float] = []
  /// (slot, headDim)
  private var values: [Float] = []
  /// Outputs at each point, (point, head of the group, headDim); then their differences.
  private var outputs: [Float] = []
  /// The products with the Gram matrix.
  private var products: [Float] = []
  private(set) var rows: [Row] = []

  init(_ grams: OutputGrams, groupSize: Int, kernels: Kernels) {
    self.grams = grams
    self.kernels = kernels
    self.groupSize = groupSize
  }

  /// Bytes of an instance, for heads of as many columns as `grams` has.
  static func byteCount(chunkLength: Int, groupSize: Int, size: Int) -> Int {
    ((chunkLength + 1) * (size / groupSize) + 2 * errorPointCount * size + size * size)
      * MemoryLayout<Float>.stride
  }

  /// Starts a KV head; its values are copied.
  func begin(_ view: KVHeadView) {
    rows = []
    guard let vectors = view.values else { preconditionFailure("a view with values") }
    headDim = vectors.size
    gram = grams.gram(layer: view.layer, kvHead: view.kvHead)
    let size = groupSize * headDim
    values = [Float](unsafeUninitializedCapacity: view.count * headDim) { buffer, initialized in
      vectors.copy(to: UnsafeMutableBufferPointer(rebasing: buffer[..<(view.count * headDim)]))
      initialized = view.count * headDim
    }
    outputs = [Float](repeating: 0, count: errorPointCount * size)
    products = outputs
  }

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - row: positions cached before its query, whose own slot is `row`.
  ///   - candidates: slots that may be dropped.
  ///   - order: the candidates from the first dropped to the last, counted from the first slot.
  ///   - scores: of a query head, one for each candidate and, last, the query's own.
  func add(
    row: Int, candidates: Range<Int>, order: UnsafePointer<Int32>,
    _ scores: (_ head: Int) -> UnsafeBufferPointer<Float>
  ) {
    for head in 0..<groupSize {
      fill(head: head, row: row, candidates: candidates, order: order, scores(head))
    }
    rows.append(Row(row: row, squares: squares()))
  }

  /// Outputs of a query head at every point, from everything dropped to nothing: what is kept only
  /// grows, so no sum loses digits.
  private func fill(
    head: Int, row: Int, candidates: Range<Int>, order: UnsafePointer<Int32>,
    _ scores: UnsafeBufferPointer<Float>
  ) {
    let (count, dim, size) = (candidates.count, headDim, groupSize * headDim)
    precondition(scores.count == count + 1, "one score a candidate, and the query's own")
    values.withUnsafeBufferPointer { values in
      outputs.withUnsafeMutableBufferPointer { outputs in
        guard let values = values.baseAddress, let outputs = outputs.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: dim) { sum in
          guard let sum = sum.baseAddress else { return }
          let own = values + row * dim
          for column in 0..<dim { sum[column] = own[column] * scores[count] }
          var mass = Double(scores[count])
          var next = count
          for point in (0..<errorPointCount).reversed() {
            let end = point * count / (errorPointCount - 1)
            while next > end {
              next -= 1
              let place = Int(order[next])
              let score = scores[place]
              mass += Double(score)
              kernels.addScaled(
                values + (candidates.lowerBound + place) * dim, score, to: sum, count: dim)
            }
            let target = outputs + point * size + head * dim
            // Where nothing is left with a weight, the query looks at itself.
            for column in 0..<dim {
              target[column] = mass > 0 ? Float(Double(sum[column]) / mass) : own[column]
            }
          }
        }
      }
    }
  }

  /// `δᵀ G δ` at every point, where δ is the difference from what nothing dropped gives.
  private func squares() -> [Double] {
    let size = groupSize * headDim
    return gram.withUnsafeBufferPointer { gram in
      outputs.withUnsafeMutableBufferPointer { outputs in
        products.withUnsafeMutableBufferPointer { products in
          guard let gram = gram.baseAddress, let outputs = outputs.baseAddress,
            let products = products.baseAddress
          else { return [] }
          products.update(repeating: 0, count: errorPointCount * size)
          // The first point is what the others are measured from.
          for point in 1..<errorPointCount {
            kernels.addScaled(outputs, -1, to: outputs + point * size, count: size)
          }
          for i in 0..<size {
            for point in 1..<errorPointCount {
              kernels.addScaled(
                gram + i * size, outputs[point * size + i], to: products + point * size,
                count: size)
            }
          }
          return (0..<errorPointCount).map { point in
            if point == 0 { return 0 }
            let (difference, product) = (outputs + point * size, products + point * size)
            let square = (0..<size).reduce(0) {
              $0 + Double(difference[$1]) * Double(product[$1])
            }
            // G is positive; rounding may leave a little less than nothing. What is no number is no
            // small one.
            return square.isNaN ? .infinity : max(0, square)
          }
        }
      }
    }
  }
}

extension OutputErrors.Row {
  /// Mean relative errors over rows, in units: each square divided by that of the residual stream
  /// that it is added to.
  static func mean(
    _ rows: [OutputErrors.Row], _ stream: (_ row: Int) -> LayerRows.Row?
  ) -> [Int64] {
    var sums = [Double](repeating: 0, count: errorPointCount)
    for row in rows {
      guard let stream = stream(row.row) else { continue }
      for (point, square) in row.squares.enumerated() {
        let relative = square * stream.branchFactor / stream.residual
        // A stream of zeros has no length to compare with: nothing over nothing is nothing.
        if square == 0 { continue }
        sums[point] +=
          relative.isFinite ? min(relative, FixedPoint.largestError) : FixedPoint.largestError
      }
    }
    return sums.map {
      FixedPoint.units($0 / Double(max(rows.count, 1)), scale: FixedPoint.errorScale)
    }
  }
}
