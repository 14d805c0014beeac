import ModelFiles

/// Finds a model's tensors by role, and remembers what was missing or of the wrong shape, so that
/// one error can list it all.
struct TensorFinder {
  let spec: ArchitectureSpec
  private let checkpoint: Checkpoint
  private let names: TensorNames
  private let layout: TensorLayout
  private let isInterleaved: Bool
  private let weightOffset: Float
  private let fp8: FP8Scheme
  private var found: Set<String> = []
  private var missing: [String] = []
  private var mismatched: [InferenceError.TensorMismatch] = []
  private var unsupported: InferenceError?

  /// - Parameter form: how a GGUF file stores the architecture; `nil` for safetensors.
  init(
    checkpoint: Checkpoint, spec: ArchitectureSpec, architecture: Architecture,
    form: Architecture.GGUFForm?, isMultimodal: Bool = false
  ) {
    self.checkpoint = checkpoint
    self.spec = spec
    let own = form?.names ?? architecture.names
    names = isMultimodal ? own.withinMultimodal() : own
    layout = form == nil ? architecture.layout : TensorLayout()
    isInterleaved = form?.isInterleaved ?? false
    weightOffset = form == nil ? spec.norm.weightOffset : 0
    fp8 = FP8Scheme(checkpoint.configuration?.root)
  }

  /// - Throws: the first of missing tensors, mismatched shapes and unsupported types.
  func check() throws(InferenceError) {
    if !missing.isEmpty { throw .missingTensors(missing) }
    if !mismatched.isEmpty { throw .mismatchedTensors(mismatched) }
    if let unsupported { throw unsupported }
  }

  /// Tensors that nothing asked for; tables that are computed anew are not counted.
  var unused: [String] {
    checkpoint.tensors.map(\.name).filter { name in
      !found.contains(name)
        && !(names.ignored + Self.activationScales).contains { name.hasSuffix($0) }
    }
  }

  /// What activations would be divided by to be rounded to FP8, which is not done.
  private static let activationScales = [".input_scale", ".activation_scale", ".input_scale_ub"]

  mutating func matrix(
    _ role: TensorRole, layer: Int? = nil, rows: Int, columns: Int
  ) -> WeightMatrix.Part? {
    let isTransposed = layout.isTransposed && layer != nil
    let shape = isTransposed ? [columns, rows] : [rows, columns]
    guard let tensor = tensor(names.candidates(role, layer: layer), "weight", shape: shape) else {
      return nil
    }
    return WeightMatrix.Part(
      tensor: tensor, rows: rows, columns: columns, heads: headRows(role),
      isTransposed: isTransposed, scale: scale(of: tensor))
  }

  mutating func norm(_ role: TensorRole, layer: Int? = nil) -> LayerWeights.NormWeights? {
    guard let weight = vector(role, layer, "weight", count: spec.hiddenSize) else { return nil }
    let bias =
      spec.norm.kind == .layer ? vector(role, layer, "bias", count: spec.hiddenSize) : nil
    return LayerWeights.NormWeights(weight: weight.map { $0 + weightOffset }, bias: bias)
  }

  /// Whether the checkpoint stores a matrix of the model itself, such as the output.
  func has(_ role: TensorRole) -> Bool {
    names.candidates(role).contains { checkpoint.tensors["\($0).weight"] != nil }
  }

  /// The bias of the logits.
  mutating func outputBias() -> [Float]? {
    guard spec.biases.contains(.output) else { return nil }
    return vector(.output, nil, "bias", count: spec.vocabularySize)
  }

  mutating func layer(_ index: Int) -> LayerWeights? {
    let hidden = spec.hiddenSize
    let queries = spec.headCount * spec.headDim
    // Everything is looked up before anything is missed: an error lists all of it.
    let attentionNorm = norm(.attentionNorm, index, at: .beforeAttention)
    let projections = projections(index)
    let queryNorm = headNorm(.queryNorm, index, heads: spec.headCount)
    let keyNorm = headNorm(.keyNorm, index, heads: spec.kvHeadCount)
    let output = biased(
      matrix(.attentionOutput, layer: index, rows: hidden, columns: queries), .attentionOutput,
      index, if: .attentionOutput)
    let afterAttentionNorm = norm(.afterAttentionNorm, index, at: .afterAttention)
    let feedForwardNorm = norm(.feedForwardNorm, index, at: .beforeFeedForward)
    let feedForward = spec.layers[index].usesExperts ? experts(index) : dense(index)
    let afterFeedForwardNorm = norm(.afterFeedForwardNorm, index, at: .afterFeedForward)
    guard let projections, let output, let feedForward else { return nil }
    return LayerWeights(
      attentionNorm: attentionNorm, query: projections[0], key: projections[1],
      value: projections[2], queryNorm: queryNorm, keyNorm: keyNorm, attentionOutput: output,
      afterAttentionNorm: afterAttentionNorm, feedForwardNorm: feedForwardNorm,
      feedForward: feedForward, afterFeedForwardNorm: afterFeedForwardNorm)
  }

  private mutating func norm(
    _ role: TensorRole, _ layer: Int, at place: NormPlaces
  ) -> LayerWeights.NormWeights? {
    spec.normPlaces.contains(place) ? norm(role, layer: layer) : nil
  }

  /// Queries, keys and values, from tensors of their own or from one that holds them all.
  private mutating func projections(_ layer: Int) -> [LayerWeights.Projection]? {
    let roles: [TensorRole] = [.query, .key, .value]
    let rows = [spec.headCount, spec.kvHeadCount, spec.kvHeadCount].map { $0 * spec.headDim }
    let total = rows.reduce(0, +)
    var parts: [WeightMatrix.Part?] = []
    var biases: [[Float]?] = []
    if isFused(.queryKeyValue, instead: .query, layer) {
      let whole = matrix(.queryKeyValue, layer: layer, rows: total, columns: spec.hiddenSize)
      let bias =
        spec.biases.contains(.projections)
        ? vector(.queryKeyValue, layer, "bias", count: total) : nil
      for index in roles.indices {
        let part = whole.map { whole in
          WeightMatrix.Part(
            tensor: whole.tensor, rows: rows[index], columns: spec.hiddenSize,
            firstRow: layout.fusesEachHead
              ? index * spec.headDim : rows[..<index].reduce(0, +),
            heads: layout.fusesEachHead
              ? .init(headDim: spec.headDim, stride: 3 * spec.headDim, isInterleaved: false) : nil,
            isTransposed: whole.isTransposed, scale: whole.scale)
        }
        parts.append(part)
        biases.append(part.flatMap { part in bias.map { bias in reordered(bias, as: part) } })
      }
    } else {
      for (role, rows) in zip(roles, rows) {
        let part = matrix(role, layer: layer, rows: rows, columns: spec.hiddenSize)
        parts.append(part)
        biases.append(bias(role, layer, of: part, if: .projections))
      }
    }
    let projections = zip(parts, biases).compactMap { part, bias in
      part.map { LayerWeights.Projection(part: $0, bias: bias) }
    }
    return projections.count == 3 ? projections : nil
  }

  private mutating func dense(_ layer: Int) -> LayerWeights.FeedForward? {
    let inner = spec.intermediateSize
    let hidden = spec.hiddenSize
    let input: LayerWeights.BiasedMatrix?
    if !spec.isGated {
      input = biased(
        matrix(.up, layer: layer, rows: inner, columns: hidden), .up, layer, if: .feedForward)
    } else if isFused(.gateUp, instead: .gate, layer) {
      let whole = matrix(.gateUp, layer: layer, rows: 2 * inner, columns: hidden)
      input = whole.map { whole in
        let halves = [0, inner].map {
          WeightMatrix.Part(
            tensor: whole.tensor, rows: inner, columns: hidden, firstRow: $0, scale: whole.scale)
        }
        return .init(
          matrix: WeightMatrix(parts: halves, arrangement: .gated), biases: [nil, nil])
      }
    } else {
      let gate = matrix(.gate, layer: layer, rows: inner, columns: hidden)
      let up = matrix(.up, layer: layer, rows: inner, columns: hidden)
      let biases = [
        bias(.gate, layer, of: gate, if: .feedForward), bias(.up, layer, of: up, if: .feedForward),
      ]
      input = gate.flatMap { gate in
        up.map { up in
          .init(matrix: WeightMatrix(parts: [gate, up], arrangement: .gated), biases: biases)
        }
      }
    }
    let down = biased(
      matrix(.down, layer: layer, rows: hidden, columns: inner), .down, layer, if: .feedForward)
    guard let input, let down else { return nil }
    return .dense(.init(input: input, down: down))
  }

  private mutating func experts(_ layer: Int) -> LayerWeights.FeedForward? {
    guard let mixture = spec.experts else { return nil }
    let inner = mixture.intermediateSize
    let hidden = spec.hiddenSize
    let isStacked = names.candidates(.stackedGateUp, layer: layer).contains {
      [checkpoint] in checkpoint.tensors[$0] != nil
    }
    let router = matrix(
      isStacked ? .stackedRouter : .router, layer: layer, rows: mixture.count, columns: hidden)
    let gates: [WeightMatrix.Part]?
    let ups: [WeightMatrix.Part]?
    let downs: [WeightMatrix.Part]?
    if isStacked {
      let both = stackedParts(
        .stackedGateUp, layer, mixture.count, rows: 2 * inner, columns: hidden)
      gates = both?.map { $0.rows(0..<inner) }
      ups = both?.map { $0.rows(inner..<2 * inner) }
      downs = stackedParts(.stackedDown, layer, mixture.count, rows: hidden, columns: inner)
    } else {
      gates = expertParts(.expertGate, layer, mixture.count, rows: inner, columns: hidden)
      ups = expertParts(.expertUp, layer, mixture.count, rows: inner, columns: hidden)
      downs = expertParts(.expertDown, layer, mixture.count, rows: hidden, columns: inner)
    }
    guard let router, let gates, let ups, let downs else { return nil }
    let experts = gates.indices.map { index in
      LayerWeights.DenseFeedForward(
        input: .init(
          matrix: WeightMatrix(parts: [gates[index], ups[index]], arrangement: .gated),
          biases: [nil, nil]),
        down: .init(
          matrix: WeightMatrix(parts: [downs[index]], arrangement: .consecutive), biases: [nil]))
    }
    return .experts(
      .init(
        router: .init(
          matrix: WeightMatrix(parts: [router], arrangement: .consecutive), biases: [nil]),
        experts: experts))
  }

  /// One matrix an expert, from as many tensors or from one (expert, rows, columns).
  private mutating func expertParts(
    _ role: TensorRole, _ layer: Int, _ count: Int, rows: Int, columns: Int
  ) -> [WeightMatrix.Part]? {
    guard names.isIndexed(role) else {
      return stackedParts(role, layer, count, "weight", rows: rows, columns: columns)
    }
    let parts = (0..<count).map { index -> WeightMatrix.Part? in
      let names = names.candidates(role, layer: layer, part: index)
      return tensor(names, "weight", shape: [rows, columns]).map {
        WeightMatrix.Part(tensor: $0, rows: rows, columns: columns, scale: scale(of: $0))
      }
    }
    return parts.contains { $0 == nil } ? nil : parts.compactMap { $0 }
  }

  /// The matrices of a tensor (expert, rows, columns).
  private mutating func stackedParts(
    _ role: TensorRole, _ layer: Int, _ count: Int, _ suffix: String? = nil, rows: Int,
    columns: Int
  ) -> [WeightMatrix.Part]? {
    let names = names.candidates(role, layer: layer)
    guard let tensor = tensor(names, suffix, shape: [count, rows, columns]) else { return nil }
    let scale = scale(of: tensor)
    return (0..<count).map {
      WeightMatrix.Part(
        tensor: tensor, rows: rows, columns: columns, firstRow: $0 * rows, scale: scale)
    }
  }

  /// The scales of an FP8 tensor, stored beside it.
  private mutating func scale(of tensor: TensorInfo) -> BlockScale? {
    guard tensor.type == .f8E4M3 || tensor.type == .f8E5M2 else { return nil }
    let names = ["_scale_inv", "_scale"].map { tensor.name + $0 }
    guard let stored = names.compactMap({ [checkpoint] in checkpoint.tensors[$0] }).first else {
      if fp8.requiresScales { missing.append(names[1]) }
      return nil
    }
    found.insert(stored.name)
    guard let values = checkpoint.scales(stored) else {
      unsupported = unsupported ?? .unsupportedType(tensor: stored.name, type: stored.type.name)
      return nil
    }
    guard values.allSatisfy(\.isFinite) else {
      unsupported = unsupported ?? .nonFiniteWeights(tensor: stored.name)
      return nil
    }
    guard
      let scale = BlockScale(
        values: values, shape: tensor.shape, scaleShape: stored.shape, declared: fp8.block)
    else {
      let rows = tensor.shape.dropLast()
      mismatched.append(.init(name: stored.name, found: stored.shape, expected: rows + [1]))
      return nil
    }
    return scale
  }

  /// The norm of queries or keys.
  private mutating func headNorm(
    _ role: TensorRole, _ layer: Int, heads: Int
  ) -> LayerWeights.HeadNorm? {
    guard let norm = spec.queryKeyNorm else { return nil }
    let size = spec.headDim
    func columns(_ suffix: String) -> [Float]? {
      switch norm.extent {
      case .head:
        return vector(role, layer, suffix, count: size)
      case .row:
        return vector(role, layer, suffix, count: heads * size)
      case .separateHeads where names.isIndexed(role):
        let each = (0..<heads).map { head in
          vector(names.candidates(role, layer: layer, part: head), suffix, shape: [size])
        }
        return each.contains { $0 == nil } ? nil : each.flatMap { $0 ?? [] }
      case .separateHeads:
        return vector(names.candidates(role, layer: layer), suffix, shape: [heads, size])
      }
    }
    guard let weight = columns("weight") else { return nil }
    return LayerWeights.HeadNorm(
      weights: .init(
        weight: weight.map { $0 + weightOffset }, bias: norm.hasBias ? columns("bias") : nil),
      groupSize: norm.extent == .row ? heads * size : size,
      groupCount: norm.extent == .row ? 1 : heads)
  }

  /// Whether a fused tensor is what the checkpoint has, or the only thing that it could have.
  private func isFused(_ fused: TensorRole, instead separate: TensorRole, _ layer: Int) -> Bool {
    guard names.names[fused] != nil else { return false }
    return names.names[separate] == nil
      || names.candidates(fused, layer: layer).contains {
        checkpoint.tensors["\($0).weight"] != nil
      }
  }

  /// How the rows of a matrix of heads are stored, where they do not simply follow one another.
  private func headRows(_ role: TensorRole) -> WeightMatrix.HeadRows? {
    guard isInterleaved, role == .query || role == .key else { return nil }
    return .init(headDim: spec.headDim, stride: spec.headDim, isInterleaved: true)
  }

  private mutating func biased(
    _ part: WeightMatrix.Part?, _ role: TensorRole, _ layer: Int, if kind: Biases
  ) -> LayerWeights.BiasedMatrix? {
    let bias = bias(role, layer, of: part, if: kind)
    return part.map {
      .init(matrix: WeightMatrix(parts: [$0], arrangement: .consecutive), biases: [bias])
    }
  }

  private mutating func bias(
    _ role: TensorRole, _ layer: Int, of part: WeightMatrix.Part?, if kind: Biases
  ) -> [Float]? {
    guard spec.biases.contains(kind), let part,
      let stored = vector(role, layer, "bias", count: part.rows)
    else { return nil }
    return reordered(stored, as: part)
  }

  /// The elements of a stored vector that belong to the rows of `part`.
  private func reordered(_ stored: [Float], as part: WeightMatrix.Part) -> [Float] {
    (0..<part.rows).map { stored[part.storedRow($0)] }
  }

  private mutating func vector(
    _ role: TensorRole, _ layer: Int?, _ suffix: String, count: Int
  ) -> [Float]? {
    vector(names.candidates(role, layer: layer), suffix, shape: [count])
  }

  private mutating func vector(
    _ names: [String], _ suffix: String, shape: [Int]
  ) -> [Float]? {
    guard let tensor = tensor(names, suffix, shape: shape) else { return nil }
    let values = checkpoint.vector(tensor, capacity: tensor.elementCount)
    if !values.allSatisfy(\.isFinite) {
      unsupported = unsupported ?? .nonFiniteWeights(tensor: tensor.name)
    }
    return values
  }

  private mutating func tensor(
    _ names: [String], _ suffix: String?, shape: [Int]
  ) -> TensorInfo? {
    let names = suffix.map { suffix in names.map { "\($0).\(suffix)" } } ?? names
    guard let tensor = names.compactMap({ [checkpoint] in checkpoint.tensors[$0] }).first else {
      missing.append(names.first ?? "a tensor without a name")
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
