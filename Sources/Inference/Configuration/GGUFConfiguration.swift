import ModelFiles

/// The metadata of a GGUF file under its architecture's prefix.
struct GGUFConfiguration: Sendable {
  private let metadata: GGUFMetadata
  private let checkpoint: Checkpoint
  private let prefix: String
  private let log = GGUFKeyLog()

  private static let largestCount = 1 << 30

  init(_ metadata: GGUFMetadata, checkpoint: Checkpoint) throws(InferenceError) {
    guard let architecture = metadata.string("general.architecture") else {
      throw .missingField("general.architecture")
    }
    self.metadata = metadata
    self.checkpoint = checkpoint
    prefix = architecture
  }

  var architecture: String { prefix }

  func hasTensor(_ name: String) -> Bool { checkpoint.tensors[name] != nil }

  /// Whether the key is there; one that is asked for counts as read.
  func has(_ key: String) -> Bool {
    log.note(key)
    return metadata.type(of: field(key)) != nil
  }

  func wasRead(_ key: String) -> Bool { log.contains(key) }

  /// The whole name of a key.
  func field(_ key: String) -> String { "\(prefix).\(key)" }

  /// A number or a flag, which counts as 0 or 1; `nil` for anything else.
  func scalar(_ key: String) -> Double? {
    let name = field(key)
    return metadata.float(name) ?? metadata.integer(name).map(Double.init)
      ?? metadata.bool(name).map { $0 ? 1 : 0 }
  }

  /// A whole number from 1, under the prefix.
  func count(_ key: String, default fallback: Int? = nil) throws(InferenceError) -> Int {
    guard let count = try wholeNumber(key) else {
      guard let fallback else { throw .missingField(field(key)) }
      return fallback
    }
    guard count > 0 else {
      throw .invalidField(field(key), expected: "a whole number from 1 to \(Self.largestCount)")
    }
    return count
  }

  /// A whole number from 0; `nil` where the key is missing.
  func wholeNumber(_ key: String) throws(InferenceError) -> Int? {
    guard has(key) else { return nil }
    guard let count = metadata.unsigned(field(key)) ?? sameOfAllLayers(key),
      (0...Self.largestCount).contains(count)
    else {
      throw .invalidField(field(key), expected: "a whole number from 0 to \(Self.largestCount)")
    }
    return count
  }

  /// One number for all layers, written down for each.
  private func sameOfAllLayers(_ key: String) -> Int? {
    guard let values = metadata.integers(field(key)), let first = values.first,
      values.allSatisfy({ $0 == first })
    else { return nil }
    return first
  }

  func number(_ key: String, default fallback: Double? = nil) throws(InferenceError) -> Double {
    guard has(key) else {
      guard let fallback else { throw .missingField(field(key)) }
      return fallback
    }
    guard let number = metadata.float(field(key)), number > 0, number.isFinite else {
      throw .invalidField(field(key), expected: "a positive number")
    }
    return number
  }

  func flag(_ key: String, default fallback: Bool) throws(InferenceError) -> Bool {
    guard has(key) else { return fallback }
    guard let flag = metadata.bool(field(key)) else {
      throw .invalidField(field(key), expected: "true or false")
    }
    return flag
  }

  /// A list of truth values, or `nil` where there is none.
  func flags(_ key: String) -> [Bool]? { has(key) ? metadata.bools(field(key)) : nil }

  func string(_ key: String) -> String? { has(key) ? metadata.string(field(key)) : nil }

  /// A vector of `count` positive numbers that is stored as a tensor.
  func divisors(_ name: String, count: Int) throws(InferenceError) -> [Float] {
    guard let tensor = checkpoint.tensors[name] else { throw .missingTensors([name]) }
    guard tensor.shape == [count] else {
      throw .mismatchedTensors([.init(name: name, found: tensor.shape, expected: [count])])
    }
    guard tensor.type.isComputable else {
      throw .unsupportedType(tensor: name, type: tensor.type.name)
    }
    let values = checkpoint.vector(tensor, capacity: count)
    guard values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .nonFiniteWeights(tensor: name)
    }
    return values
  }

  /// Rows of the embedding: the file need not say it elsewhere.
  func vocabularySize() throws(InferenceError) -> Int {
    if has("vocab_size") { return try count("vocab_size") }
    let name = "token_embd.weight"
    guard let rows = checkpoint.tensors[name]?.shape.first else { throw .missingTensors([name]) }
    return rows
  }

  func headDimension(hidden: Int, heads: Int) throws(InferenceError) -> Int {
    if has("attention.key_length") {
      let length = try count("attention.key_length")
      guard try count("attention.value_length", default: length) == length else {
        throw .unsupportedValue(
          field: field("attention.value_length"), value: "another than key_length")
      }
      return length
    }
    guard hidden.isMultiple(of: heads) else {
      throw .invalidField(
        field("embedding_length"), expected: "a multiple of the \(heads) attention heads")
    }
    return hidden / heads
  }
}

extension GGUFConfiguration {
  /// What every architecture says in the same words; its own differences are set after.
  ///
  /// Biases are there where the file has their tensors.
  func commonSpec(norm kind: NormSpec.Kind = .rms) throws(InferenceError) -> ArchitectureSpec {
    let hidden = try count("embedding_length")
    let heads = try count("attention.head_count")
    let headDim = try headDimension(hidden: hidden, heads: heads)
    let layers = try count("block_count")
    guard layers <= ArchitectureSpec.mostLayers else {
      throw .invalidField(
        field("block_count"), expected: "at most \(ArchitectureSpec.mostLayers)")
    }
    let epsilon =
      kind == .rms ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon"
    var biases: Biases = []
    if hasTensor("blk.0.attn_q.bias") || hasTensor("blk.0.attn_qkv.bias") {
      biases.insert(.projections)
    }
    if hasTensor("blk.0.attn_output.bias") { biases.insert(.attentionOutput) }
    if hasTensor("blk.0.ffn_up.bias") { biases.insert(.feedForward) }
    if hasTensor("output.bias") { biases.insert(.output) }
    return try ArchitectureSpec(
      vocabularySize: vocabularySize(),
      hiddenSize: hidden,
      intermediateSize: count("feed_forward_length"),
      headCount: heads,
      kvHeadCount: count("attention.head_count_kv", default: heads),
      headDim: headDim,
      contextLength: count("context_length"),
      layers: Array(repeating: LayerSpec(), count: layers),
      rotaries: [rotary(headDim: headDim)],
      norm: NormSpec(kind: kind, epsilon: Float(number(epsilon))),
      biases: biases,
      attentionScale: 1 / Float(headDim).squareRoot(),
      tiedEmbeddings: !hasTensor("output.weight"))
  }

  /// The rotation, from `rope.*` keys and the tensors that hold divisors of its frequencies.
  func rotary(headDim: Int) throws(InferenceError) -> RotarySpec {
    let dimension = try count("rope.dimension_count", default: headDim)
    guard dimension <= headDim, dimension.isMultiple(of: 2) else {
      throw .invalidField(
        field("rope.dimension_count"), expected: "even and at most the head's \(headDim)")
    }
    var rotary = try RotarySpec(
      dimension: dimension, base: number("rope.freq_base", default: 10_000))
    guard rotary.base > 1 else {
      throw .invalidField(field("rope.freq_base"), expected: "above 1")
    }
    rotary.scaling = try rotaryScaling(dimension: dimension)
    return rotary
  }

  private func rotaryScaling(dimension: Int) throws(InferenceError) -> RotaryScaling {
    let long = "rope_factors_long.weight"
    let short = "rope_factors_short.weight"
    let any = "rope_freqs.weight"
    let type = string("rope.scaling.type")
    if hasTensor(long) || hasTensor(short) {
      if let type, !["none", "longrope", "yarn"].contains(type) {
        throw .unsupportedValue(field: field("rope.scaling.type"), value: type)
      }
      let context = try count("rope.scaling.original_context_length")
      let scale = Double(try count("context_length")) / Double(context)
      return try .longrope(
        short: divisors(short, count: dimension / 2), long: divisors(long, count: dimension / 2),
        context: context,
        attentionFactor: number(
          "rope.scaling.attn_factor",
          default: RotaryScaling.longropeAttentionFactor(scale: scale, context: context)))
    }
    // A file that names no type scales linearly, by a factor whose key has had two names.
    switch type ?? "linear" {
    case "none":
      return hasTensor(any) ? try .divisors(divisors(any, count: dimension / 2)) : .none
    case "linear":
      let key = has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear"
      let factor = has(key) && scalar(key) != 0 ? try number(key) : 1
      guard hasTensor(any) else { return factor == 1 ? .none : .linear(factor: factor) }
      guard factor == 1 else {
        throw .unsupportedValue(field: field(key), value: "a factor beside \(any)")
      }
      return try .divisors(divisors(any, count: dimension / 2))
    case "yarn" where !hasTensor(any):
      let factor = try number("rope.scaling.factor")
      return try .yarn(
        YarnScaling(
          factor: factor,
          context: count("rope.scaling.original_context_length"),
          betaFast: number("rope.scaling.yarn_beta_fast", default: 32),
          betaSlow: number("rope.scaling.yarn_beta_slow", default: 1),
          attentionFactor: YarnScaling.attentionFactor(scale: factor)))
    case let type:
      throw .unsupportedValue(field: field("rope.scaling.type"), value: type)
    }
  }
}
