import ModelFiles

/// Finds a model's tensors by role, and remembers what was missing or of the wrong shape, so that
/// one error can list it all.
struct TensorFinder {
  private let checkpoint: Checkpoint
  private let spec: ArchitectureSpec
  private let architecture: Architecture
  private var found: Set<String> = []
  private var missing: [String] = []
  private var mismatched: [InferenceError.TensorMismatch] = []
  private var unsupported: InferenceError?

  init(checkpoint: Checkpoint, spec: ArchitectureSpec, architecture: Architecture) {
    self.checkpoint = checkpoint
    self.spec = spec
    self.architecture = architecture
  }

  /// - Throws: the first of missing tensors, mismatched shapes and unsupported types.
  func check() throws(InferenceError) {
    if !missing.isEmpty { throw .missingTensors(missing) }
    if !mismatched.isEmpty { throw .mismatchedTensors(mismatched) }
    if let unsupported { throw unsupported }
  }

  /// Tensors that nothing asked for; stored rotary tables are recomputed and not counted.
  var unused: [String] {
    checkpoint.tensors.map(\.name).filter {
      !found.contains($0) && !$0.hasSuffix("rotary_emb.inv_freq")
    }
  }

  mutating func matrix(_ role: TensorRole, rows: Int, columns: Int) -> WeightMatrix.Part? {
    guard let tensor = tensor(role, "weight", shape: [rows, columns]) else { return nil }
    let interleaved: Bool
    switch role {
    case .query, .key: interleaved = checkpoint.format == .gguf && architecture.interleavesGGUF
    default: interleaved = false
    }
    return WeightMatrix.Part(
      tensor: tensor, interleavedHeadDim: interleaved ? spec.headDim : nil)
  }

  mutating func vector(_ role: TensorRole, count: Int) -> [Float]? {
    guard let tensor = tensor(role, "weight", shape: [count]) else { return nil }
    return checkpoint.vector(tensor, capacity: count)
  }

  mutating func layer(_ index: Int) -> LayerWeights? {
    let hidden = spec.hiddenSize
    let inner = spec.intermediateSize
    let queries = spec.headCount * spec.headDim
    let keys = spec.kvHeadCount * spec.headDim
    // Everything is looked up before anything is missed: an error lists all of it.
    let attentionNorm = vector(.attentionNorm(index), count: hidden)
    let query = matrix(.query(index), rows: queries, columns: hidden)
    let key = matrix(.key(index), rows: keys, columns: hidden)
    let value = matrix(.value(index), rows: keys, columns: hidden)
    let queryBias = bias(.query(index), of: query, if: spec.attentionBias)
    let keyBias = bias(.key(index), of: key, if: spec.attentionBias)
    let valueBias = bias(.value(index), of: value, if: spec.attentionBias)
    let output = matrix(.attentionOutput(index), rows: hidden, columns: queries)
    let outputBias = bias(.attentionOutput(index), of: output, if: spec.attentionBias)
    let feedForwardNorm = vector(.feedForwardNorm(index), count: hidden)
    let gate = matrix(.gate(index), rows: inner, columns: hidden)
    let up = matrix(.up(index), rows: inner, columns: hidden)
    let down = matrix(.down(index), rows: hidden, columns: inner)
    let gateBias = bias(.gate(index), of: gate, if: spec.feedForwardBias)
    let upBias = bias(.up(index), of: up, if: spec.feedForwardBias)
    let downBias = bias(.down(index), of: down, if: spec.feedForwardBias)
    guard let attentionNorm, let query, let key, let value, let output, let feedForwardNorm,
      let gate, let up, let down
    else { return nil }
    return LayerWeights(
      attentionNorm: attentionNorm, query: query, key: key, value: value,
      queryBias: queryBias, keyBias: keyBias, valueBias: valueBias,
      attentionOutput: .init(
        matrix: WeightMatrix(parts: [output], arrangement: .consecutive), biases: [outputBias]),
      feedForwardNorm: feedForwardNorm,
      gateUp: .init(
        matrix: WeightMatrix(parts: [gate, up], arrangement: .gated), biases: [gateBias, upBias]),
      down: .init(
        matrix: WeightMatrix(parts: [down], arrangement: .consecutive), biases: [downBias]))
  }

  private mutating func bias(
    _ role: TensorRole, of part: WeightMatrix.Part?, if wanted: Bool
  ) -> [Float]? {
    guard wanted, let part, let tensor = tensor(role, "bias", shape: [part.rows]) else {
      return nil
    }
    let stored = checkpoint.vector(tensor, capacity: part.rows)
    return (0..<part.rows).map { stored[part.storedRow($0)] }
  }

  private mutating func tensor(
    _ role: TensorRole, _ suffix: String, shape: [Int]
  ) -> TensorInfo? {
    let names: [String]
    switch checkpoint.format {
    case .gguf: names = ["\(role.ggufName).\(suffix)"]
    case .safetensors:
      let name = "\(role.huggingFaceName).\(suffix)"
      names = role == .output ? [name] : ["model.\(name)", name]
    }
    let candidates = names.compactMap { [checkpoint] in checkpoint.tensors[$0] }
    guard let tensor = candidates.first else {
      missing.append(names[0])
      return nil
    }
    found.insert(tensor.name)
    guard tensor.shape == shape else {
      mismatched.append(.init(name: tensor.name, found: tensor.shape, expected: shape))
      return nil
    }
    guard tensor.type.isComputable else {
      unsupported = unsupported ?? .unsupportedType(tensor: tensor.name, type: tensor.type.name)
      return nil
    }
    return tensor
  }
}
