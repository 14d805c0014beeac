import Results

/// A sum over chunks that a run keeps as 64-bit integers, so that parts of the run add up exactly.
///
/// Adding records, merging parts, the result's arrays and their archive all go by `all`.
struct SumArray: Sendable {
  /// The kind of head that a row of the sum belongs to.
  enum Owner: Sendable {
    /// A query head of a layer.
    case head
    /// A KV head of a layer.
    case kvHead
  }

  /// The elements of a row.
  enum Extent: Sendable {
    /// Points of the loss curve, in the fold of the chunk.
    case curve
    /// Points of the output error curve, in the fold of the chunk.
    case errors
    /// The last positions of the chunk.
    case positions
  }

  /// The array of the result that is its mean.
  let array: ResultArray
  let owner: Owner
  let extent: Extent
  /// Units of one.
  let unit: Double
  /// The numbers that a record adds: an array for each query head of the KV head, or one for
  /// itself.
  let terms: @Sendable (KVHeadRecord) -> [[Int64]]

  private init(
    _ array: ResultArray, _ owner: Owner, _ extent: Extent, unit: Double,
    _ terms: @escaping @Sendable (KVHeadRecord) -> [[Int64]]
  ) {
    self.array = array
    self.owner = owner
    self.extent = extent
    self.unit = unit
    self.terms = terms
  }

  static let all = [
    SumArray(.attentionLoss, .head, .curve, unit: FixedPoint.lossScale) {
      $0.heads.map(\.attentionLoss)
    },
    SumArray(.referenceLoss, .head, .curve, unit: FixedPoint.lossScale) {
      $0.heads.map(\.referenceLoss)
    },
    SumArray(.kvAttentionLoss, .kvHead, .curve, unit: FixedPoint.lossScale) {
      [$0.group.attentionLoss]
    },
    SumArray(.kvReferenceLoss, .kvHead, .curve, unit: FixedPoint.lossScale) {
      [$0.group.referenceLoss]
    },
    SumArray(.kvOutputError, .kvHead, .errors, unit: FixedPoint.errorScale) {
      $0.outputError.isEmpty ? [] : [$0.outputError]
    },
    SumArray(.keyNormMean, .kvHead, .positions, unit: FixedPoint.normScale) { [$0.keyNorms] },
    SumArray(.attentionMean, .head, .positions, unit: FixedPoint.lossScale) {
      $0.heads.map(\.attention)
    },
  ]

  /// Rows of a layer.
  func rows(of shape: RunShape) -> Int {
    switch owner {
    case .head: shape.heads
    case .kvHead: shape.kvHeads
    }
  }

  /// Elements of a row.
  func columns(of shape: RunShape) -> Int {
    switch extent {
    case .curve: curvePointCount
    case .errors: errorPointCount
    case .positions: shape.chunkLength
    }
  }

  private var folds: Int { extent == .positions ? 1 : ResultArray.foldCount }

  /// Whether a run of this shape has it.
  func isMeasured(_ shape: RunShape) -> Bool { extent != .errors || shape.hasOutputError }

  /// Elements of the whole array; none where it is not measured.
  func count(of shape: RunShape) -> Int {
    guard isMeasured(shape) else { return 0 }
    return folds * shape.layers.count * rows(of: shape) * columns(of: shape)
  }

  /// Elements that a record of `layer` brings for a row.
  func termCount(layer: Int, of shape: RunShape) -> Int {
    extent == .positions ? shape.candidates(layer: layer) : columns(of: shape)
  }

  /// Where the terms of a record begin, for the row `index` of its KV head.
  func first(of record: KVHeadRecord, row index: Int, in shape: RunShape) -> Int {
    let firstRow = record.layer * rows(of: shape)
    let row =
      owner == .head
      ? firstRow + record.kvHead * shape.groupSize + index : firstRow + record.kvHead
    switch extent {
    case .curve, .errors:
      let fold = record.chunk % ResultArray.foldCount
      return (fold * shape.layers.count * rows(of: shape) + row) * columns(of: shape)
    case .positions:
      // Aligned to the end: a window leaves the last candidates.
      return (row + 1) * shape.chunkLength - shape.candidates(layer: record.layer)
    }
  }

  /// The mean that `sums` stand for.
  ///
  /// - Parameter foldChunks: chunks in each fold.
  func mean(_ sums: [Int64], foldChunks: [Int], of shape: RunShape) -> NumericArray {
    let (rows, columns) = (rows(of: shape), columns(of: shape))
    let layers = shape.layers.count
    switch extent {
    case .curve, .errors:
      let foldSize = layers * rows * columns
      return NumericArray(
        shape: [folds, layers, rows, columns],
        values: sums.indices.map { i in
          let chunks = foldChunks[i / foldSize]
          return chunks == 0 ? .nan : Double(sums[i]) / (unit * Double(chunks))
        })
    case .positions:
      let chunks = foldChunks.reduce(0, +)
      return NumericArray(
        shape: [layers, rows, columns],
        values: sums.indices.map { i in
          let first = columns - shape.candidates(layer: i / (rows * columns))
          return i % columns < first ? .nan : Double(sums[i]) / (unit * Double(chunks))
        })
    }
  }
}
