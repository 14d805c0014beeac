import Results

/// The cost curves of a result by KV head and fold of chunks, and the memory that each holds.
public struct PlanCosts: Sendable {
  /// One KV head that may be compressed.
  public struct Head: Sendable, Equatable {
    public let layer: Int
    public let kvHead: Int
  }

  public let layers: Int
  public let kvHeads: Int
  /// Cached positions of a KV head in each layer.
  public let positions: [Double]
  /// Layers that may be compressed, ascending.
  public let compressible: [Int]
  /// Their heads, layer by layer.
  public let heads: [Head]
  /// Chunks in each fold.
  public let foldChunks: [Int]
  private let arrays: ResultArrays
  /// What single layers cost; `nil` where that was not measured.
  public let sensitivity: LayerSensitivity?

  /// - Parameters:
  ///   - sensitivity: of the same model; `nil` where it was not measured.
  ///   - compressesWindows: whether layers with a sliding window give memory up too.
  /// - Throws: `PlanError.nothingToDrop`, `.noChunks`, `.otherModel`, `.otherScore`,
  ///   `.unmeasuredLayers`.
  public init(
    _ result: AnalysisResult, sensitivity: LayerSensitivity? = nil, compressesWindows: Bool = false
  ) throws(PlanError) {
    layers = result.model.layers
    kvHeads = result.model.kvHeads
    positions = result.layers.map { Double($0.n) }
    compressible = result.layers.indices.filter {
      (compressesWindows || result.layers[$0].window == nil) && result.layers[$0].n > 0
    }
    let kvHeads = kvHeads
    heads = compressible.flatMap { layer in
      (0..<kvHeads).map { Head(layer: layer, kvHead: $0) }
    }
    arrays = result.arrays
    foldChunks = arrays[.foldChunks].values.map { Int($0) }
    self.sensitivity = sensitivity
    if heads.isEmpty { throw .nothingToDrop }
    if foldChunks.allSatisfy({ $0 == 0 }) { throw .noChunks }
    guard let sensitivity else { return }
    if sensitivity.model.fingerprint != result.model.fingerprint {
      throw .otherModel(sensitivity.model.name)
    }
    let score = result.protocolSummary.score
    if sensitivity.score != score {
      throw .otherScore(sensitivity: sensitivity.policy, result: score)
    }
    let missing = compressible.filter { !sensitivity.layers.contains($0) }
    if !missing.isEmpty { throw .unmeasuredLayers(missing) }
  }

  /// Positions that may be dropped: the memory that shares saved are shares of. A window's is fixed.
  public var droppablePositions: Double {
    heads.reduce(0) { $0 + positions[$1.layer] }
  }

  /// Folds that have chunks: where sensitivity counts, of its evaluation.
  public func folds(of objective: PlanObjective) -> [Int] {
    guard objective == .sensitivity, let sensitivity else {
      return foldChunks.indices.filter { foldChunks[$0] > 0 }
    }
    return Array(0..<min(ResultArray.foldCount, sensitivity.chunks))
  }

  public func has(_ objective: PlanObjective) -> Bool {
    objective.array.map(arrays.has) ?? (sensitivity != nil)
  }

  /// A curve for each of `heads`: the mean over the chunks of some folds.
  ///
  /// - Parameter folds: as often as a fold is named it counts.
  func curves(_ objective: PlanObjective, folds: [Int]) -> [CostCurve] {
    guard let array = objective.array else { return sensitivityCurves(folds: folds) }
    return curves(of: array, folds: folds)
  }

  /// A layer's curve is shared out among its heads as output error has it, where that was measured,
  /// else evenly: with the same share for all of them they cost what their layer does.
  private func sensitivityCurves(folds: [Int]) -> [CostCurve] {
    guard let sensitivity else { return [] }
    // How heads share a cost is no matter of folds, of which the result may have others.
    let errors =
      has(.outputError) ? curves(.outputError, folds: self.folds(of: .outputError)) : []
    return compressible.enumerated().flatMap { place, layer -> [CostCurve] in
      let total = SensitivityCurve(
        of: layer, sensitivity, folds: folds, positions: positions[layer])
      let own = errors.isEmpty ? [] : Array(errors[place * kvHeads..<(place + 1) * kvHeads])
      return total.shared(among: kvHeads, as: own)
    }
  }

  /// What the ideal order of dropping would lose, on those of the folds that the result has.
  func idealCurves(folds: [Int]) -> [CostCurve] {
    let own = folds.filter { foldChunks[$0] > 0 }
    return curves(
      of: .kvReferenceLoss, folds: own.isEmpty ? self.folds(of: .attentionLoss) : own)
  }

  private func curves(of array: ResultArray, folds: [Int]) -> [CostCurve] {
    let stored = arrays[array]
    let points = stored.shape.last ?? 0
    let chunks = Double(folds.reduce(0) { $0 + foldChunks[$1] })
    return heads.map { head in
      var costs = [Double](repeating: 0, count: points)
      for fold in folds where foldChunks[fold] > 0 {
        let first = ((fold * layers + head.layer) * kvHeads + head.kvHead) * points
        let weight = Double(foldChunks[fold]) / chunks
        for point in 0..<points {
          let value = stored.values[first + point]
          // No cost is below nothing, and none that was measured is above this.
          costs[point] += value.isFinite ? min(max(value, 0), 1e9) * weight : 0
        }
      }
      // A file may say otherwise; nothing dropped costs nothing.
      if points > 0 { costs[0] = 0 }
      return CostCurve(costs: points < 2 ? [0, 0] : costs, positions: positions[head.layer])
    }
  }
}
