/// The weights of one layer.
struct LayerWeights: Sendable {
  let attentionNorm: NormWeights?
  let query: Projection
  let key: Projection
  let value: Projection
  let queryNorm: HeadNorm?
  let keyNorm: HeadNorm?
  let attentionOutput: BiasedMatrix
  let afterAttentionNorm: NormWeights?
  let feedForwardNorm: NormWeights?
  let feedForward: FeedForward
  let afterFeedForwardNorm: NormWeights?

  /// One of the projections that attention starts from.
  struct Projection: Sendable {
    let part: WeightMatrix.Part
    let bias: [Float]?
  }

  /// A matrix and what is added to its columns.
  struct BiasedMatrix: Sendable {
    let matrix: WeightMatrix
    /// One bias a part.
    let biases: [[Float]?]
  }

  /// Weights of a norm over columns.
  struct NormWeights: Sendable {
    let weight: [Float]
    let bias: [Float]?
  }

  /// A norm over groups of the columns of queries or keys.
  struct HeadNorm: Sendable {
    /// Of one group, or of all columns.
    let weights: NormWeights
    /// Columns that are normalised together.
    let groupSize: Int
    let groupCount: Int

    /// Where the weights of a group begin.
    func firstWeight(ofGroup index: Int) -> Int {
      weights.weight.count == groupSize ? 0 : index * groupSize
    }
  }

  /// down · activation(input)
  struct DenseFeedForward: Sendable {
    /// Gate and up, or up alone.
    let input: BiasedMatrix
    let down: BiasedMatrix
  }

  struct Experts: Sendable {
    let router: BiasedMatrix
    let experts: [DenseFeedForward]
  }

  enum FeedForward: Sendable {
    case dense(DenseFeedForward)
    case experts(Experts)
  }

  /// Every stored tensor of the layer's matrices.
  var parts: [WeightMatrix.Part] {
    let attention = [query.part, key.part, value.part] + attentionOutput.matrix.parts
    switch feedForward {
    case .dense(let dense):
      return attention + dense.parts
    case .experts(let mixture):
      return attention + mixture.router.matrix.parts + mixture.experts.flatMap(\.parts)
    }
  }
}

extension LayerWeights {
  /// Matrices as the pass multiplies by them, one after another.
  var matrices: [WeightMatrix] {
    let projections = WeightMatrix(
      parts: [query.part, key.part, value.part], arrangement: .consecutive)
    switch feedForward {
    case .dense(let dense):
      return [projections, attentionOutput.matrix, dense.input.matrix, dense.down.matrix]
    case .experts(let mixture):
      return [projections, attentionOutput.matrix, mixture.router.matrix]
        + mixture.experts.flatMap { [$0.input.matrix, $0.down.matrix] }
    }
  }
}

extension LayerWeights.DenseFeedForward {
  fileprivate var parts: [WeightMatrix.Part] { input.matrix.parts + down.matrix.parts }
}
