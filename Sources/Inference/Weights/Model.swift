import CKernels
import ModelFiles

/// A checkpoint whose tensors have been found and matched with its architecture; weights stay in
/// the map.
public struct Model: Sendable {
  public let checkpoint: Checkpoint
  public let spec: ArchitectureSpec
  /// The rotation that a user asked for in place of the checkpoint's.
  public let rotaryOverride: RotaryOverride?
  /// What the text model is part of, as `model_type` says; `nil` where it stands alone.
  public let multimodalType: String?
  /// Tensors of a multimodal checkpoint that are no part of its text model.
  public let otherTensorCount: Int
  /// Names of tensors that the architecture has no use for.
  public let unusedTensors: [String]

  let embedding: WeightMatrix.Part
  /// (position, hidden), where positions are learned.
  let positions: TensorInfo?
  let finalNorm: LayerWeights.NormWeights
  /// `nil` where the checkpoint has none: attention can be measured, tokens cannot be predicted.
  let output: LayerWeights.BiasedMatrix?
  let layers: [LayerWeights]

  /// Reads the configuration and finds every tensor.
  ///
  /// - Parameter rotary: instead of what the checkpoint says of the rotation.
  /// - Throws: `InferenceError` for an unknown architecture, a missing or contradictory field,
  ///   tensors that are missing, of another shape or of a type that cannot be computed with, and a
  ///   `rotary` that does not fit.
  public init(_ checkpoint: Checkpoint, rotary: RotaryOverride? = nil) throws(InferenceError) {
    try self.init(checkpoint, rotary: rotary, changing: { _ in })
  }

  /// The same with a changed architecture: tests show that they would notice.
  init(
    _ checkpoint: Checkpoint, rotary: RotaryOverride? = nil,
    changing change: (inout ArchitectureSpec) -> Void
  ) throws(InferenceError) {
    self.checkpoint = checkpoint
    rotaryOverride = rotary
    let architecture: Architecture
    var form: Architecture.GGUFForm?
    var spec: ArchitectureSpec
    var wrapper: String?
    if let document = checkpoint.configuration {
      let text = try TextModel(document.root)
      architecture = text.architecture
      wrapper = text.wrapper
      try text.configuration.requireCausal()
      spec = try architecture.fromHuggingFace(text.configuration)
    } else if let metadata = checkpoint.gguf {
      let configuration = try GGUFConfiguration(metadata, checkpoint: checkpoint)
      let match = try ArchitectureRegistry.named(gguf: configuration.architecture)
      architecture = match.0
      form = match.1
      spec = try match.1.read(configuration)
      try configuration.checkUnreadKeys()
    } else {
      throw .missingField("model_type")
    }
    spec.name = architecture.name
    // The flag may be said of either model of a multimodal checkpoint, where the tensor says it of
    // both; and a checkpoint that has an output matrix of its own means it to be used. Of tied ones
    // either may be the one that was stored.
    let stored = TensorFinder(
      checkpoint: checkpoint, spec: spec, architecture: architecture, form: form,
      isMultimodal: wrapper != nil)
    let hasOutput = stored.has(.output)
    let isOutputAlone = spec.tiedEmbeddings && hasOutput && !stored.has(.embedding)
    if wrapper != nil || hasOutput { spec.tiedEmbeddings = !hasOutput || isOutputAlone }
    try rotary?.apply(to: &spec)
    change(&spec)
    try spec.check()
    // Before anything is sized by it: a layer has several tensors.
    guard spec.layerCount <= checkpoint.tensors.count else {
      throw .tooFewTensors(checkpoint.tensors.count, layers: spec.layerCount)
    }
    // As do experts, and heads with norms of their own, in safetensors.
    if form == nil, spec.tensorsPerLayer > checkpoint.tensors.count {
      throw .invalidField(
        "number of experts or heads", expected: "at most the number of tensors")
    }
    self.spec = spec

    var finder = TensorFinder(
      checkpoint: checkpoint, spec: spec, architecture: architecture, form: form,
      isMultimodal: wrapper != nil)
    let hidden = spec.hiddenSize
    let embedding = finder.matrix(
      isOutputAlone ? .output : .embedding, rows: spec.vocabularySize, columns: hidden)
    positions =
      spec.hasLearnedPositions
      ? finder.matrix(.positions, rows: spec.contextLength, columns: hidden)?.tensor : nil
    let output =
      spec.tiedEmbeddings
      ? embedding
      : hasOutput ? finder.matrix(.output, rows: spec.vocabularySize, columns: hidden) : nil
    let outputBias = output == nil ? nil : finder.outputBias()
    let finalNorm = finder.norm(.finalNorm)
    let layers = (0..<spec.layerCount).map { finder.layer($0) }
    try finder.check()
    guard let embedding, let finalNorm else { throw .missingTensors([]) }
    let unused = finder.unused.filter { form == nil || !Self.isRead($0) }
    multimodalType = wrapper
    unusedTensors = unused.filter { name in
      wrapper == nil || TensorNames.textModelPrefixes.contains { name.hasPrefix($0) }
    }
    otherTensorCount = unused.count - unusedTensors.count
    if form != nil, let unknown = unusedTensors.first(where: { $0.contains("rope") }) {
      throw .unknownRotaryTensor(unknown)
    }
    self.embedding = embedding
    self.output = output.map {
      .init(matrix: WeightMatrix(parts: [$0], arrangement: .consecutive), biases: [outputBias])
    }
    self.finalNorm = finalNorm
    self.layers = layers.compactMap { $0 }
  }

  /// Whether the rotation is read from this tensor of a GGUF file.
  private static func isRead(_ name: String) -> Bool {
    ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"].contains(name)
  }

  /// Whether the next token can be predicted.
  public var predictsTokens: Bool { output != nil }

  /// Elements of all tensors together.
  public var parameterCount: Int { checkpoint.parameterCount }

  /// Bytes of all tensors as they are stored.
  public var weightBytes: Int { checkpoint.tensors.reduce(0) { $0 + $1.byteCount } }
}

extension Model {
  /// Starts reading a layer's weights from disk without waiting for them.
  func prefetch(layer index: Int) {
    checkpoint.prefetch(layers[index].parts.map(\.tensor))
  }
}

extension ArchitectureSpec {
  /// Tensors that a layer has at least, where some are stored one by one.
  fileprivate var tensorsPerLayer: Int {
    max(experts?.count ?? 0, queryKeyNorm?.extent == .separateHeads ? headCount : 0)
  }
}
