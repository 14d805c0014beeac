import CKernels
import ModelFiles

/// A checkpoint whose tensors have been found and matched with its architecture; weights stay in
/// the map.
public struct Model: Sendable {
  public let checkpoint: Checkpoint
  public let spec: ArchitectureSpec
  /// Names of tensors that the architecture has no use for.
  public let unusedTensors: [String]

  let embedding: TensorInfo
  let finalNorm: [Float]
  let output: WeightMatrix
  let layers: [LayerWeights]

  /// Reads the configuration and finds every tensor.
  ///
  /// - Throws: `InferenceError` for an unknown architecture, a missing or contradictory field, and
  ///   tensors that are missing, of another shape or of a type that cannot be computed with.
  public init(_ checkpoint: Checkpoint) throws(InferenceError) {
    self.checkpoint = checkpoint
    let architecture: Architecture
    if let document = checkpoint.configuration {
      let configuration = HuggingFaceConfiguration(document.root)
      architecture = try ArchitectureRegistry.named(configuration.modelType)
      spec = try architecture.fromHuggingFace(configuration)
    } else if let metadata = checkpoint.gguf {
      let configuration = try GGUFConfiguration(metadata, tensors: checkpoint.tensors)
      architecture = try ArchitectureRegistry.named(configuration.architecture)
      spec = try architecture.fromGGUF(configuration)
    } else {
      throw .missingField("model_type")
    }

    // Before anything is sized by it: a layer has several tensors.
    guard spec.layerCount <= checkpoint.tensors.count else {
      throw .invalidField("number of layers", expected: "at most the number of tensors")
    }
    var finder = TensorFinder(checkpoint: checkpoint, spec: spec, architecture: architecture)
    let hidden = spec.hiddenSize
    let embedding = finder.matrix(.embedding, rows: spec.vocabularySize, columns: hidden)
    let output =
      spec.tiedEmbeddings
      ? embedding : finder.matrix(.output, rows: spec.vocabularySize, columns: hidden)
    let finalNorm = finder.vector(.finalNorm, count: hidden)
    let layers = (0..<spec.layerCount).map { finder.layer($0) }
    try finder.check()
    guard let embedding, let output, let finalNorm else { throw .missingTensors([]) }
    unusedTensors = finder.unused
    self.embedding = embedding.tensor
    self.output = WeightMatrix(parts: [output], arrangement: .consecutive)
    self.finalNorm = finalNorm
    self.layers = layers.compactMap { $0 }
  }

  /// Elements of all tensors together.
  public var parameterCount: Int { checkpoint.parameterCount }

  /// Bytes of all tensors as they are stored.
  public var weightBytes: Int { checkpoint.tensors.reduce(0) { $0 + $1.byteCount } }
}

/// The weights of one layer.
struct LayerWeights: Sendable {
  let attentionNorm: [Float]
  let query: WeightMatrix.Part
  let key: WeightMatrix.Part
  let value: WeightMatrix.Part
  let queryBias: [Float]?
  let keyBias: [Float]?
  let valueBias: [Float]?
  let attentionOutput: BiasedMatrix
  let feedForwardNorm: [Float]
  let gateUp: BiasedMatrix
  let down: BiasedMatrix

  /// A matrix and what is added to its columns.
  struct BiasedMatrix: Sendable {
    let matrix: WeightMatrix
    /// One bias a part.
    let biases: [[Float]?]
  }
}

extension Model {
  /// Starts reading a layer's weights from disk.
  func prefetch(layer index: Int) {
    for part in layers[index].parts { checkpoint.prefetch(part.tensor) }
  }
}

extension LayerWeights {
  /// Every matrix of the layer.
  fileprivate var parts: [WeightMatrix.Part] {
    [query, key, value] + attentionOutput.matrix.parts + gateUp.matrix.parts + down.matrix.parts
  }
}
