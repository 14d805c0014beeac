import ModelFiles

/// `config.json` with typed look-ups; older and newer spellings are one.
struct HuggingFaceConfiguration: Sendable {
  private let root: JSONNode
  /// Sizes that a file may leave out.
  private let defaultSizes: [String: Int]
  /// Numbers that a file may leave out, where they are not the architecture's.
  let defaultNumbers: [String: Double]

  /// - Parameters:
  ///   - root: the object of the text model.
  ///   - defaultSizes: what a size that is not there stands for.
  ///   - defaultNumbers: the same of other numbers.
  init(
    _ root: JSONNode, defaultSizes: [String: Int] = [:], defaultNumbers: [String: Double] = [:]
  ) {
    self.root = root
    self.defaultSizes = defaultSizes
    self.defaultNumbers = defaultNumbers
  }

  /// Sizes beyond this are no model's, and products of two of them still fit.
  private static let largestCount = 1 << 30

  var modelType: String {
    get throws(InferenceError) {
      guard let node = value("model_type") else { throw .missingField("model_type") }
      guard let text = node.string else { throw .invalidField("model_type", expected: "a string") }
      return text
    }
  }

  /// A field that is there and not null.
  func value(_ field: String) -> JSONNode? {
    guard let node = root[field], !node.isNull else { return nil }
    return node
  }

  /// Whether the field is there, be it null.
  func has(_ field: String) -> Bool { root[field] != nil }

  /// A whole number from 1.
  func count(_ field: String, default fallback: Int? = nil) throws(InferenceError) -> Int {
    guard let node = value(field) else {
      guard let count = defaultSize(field) ?? fallback else { throw .missingField(field) }
      return count
    }
    return try Self.count(node, field)
  }

  private func defaultSize(_ field: String) -> Int? { has(field) ? nil : defaultSizes[field] }

  /// A whole number from 1, where the field is there and not null.
  func optionalCount(_ field: String) throws(InferenceError) -> Int? {
    guard let node = value(field) else { return nil }
    return try Self.count(node, field)
  }

  /// A positive number.
  func number(_ field: String, default fallback: Double) throws(InferenceError) -> Double {
    try optionalNumber(field) ?? defaultNumbers[field] ?? fallback
  }

  func optionalNumber(_ field: String) throws(InferenceError) -> Double? {
    guard let node = value(field) else { return nil }
    return try Self.positive(node, field)
  }

  func flag(_ field: String, default fallback: Bool) throws(InferenceError) -> Bool {
    guard let node = value(field) else { return fallback }
    guard let flag = node.bool else { throw .invalidField(field, expected: "true or false") }
    return flag
  }

  func string(_ field: String, default fallback: String) throws(InferenceError) -> String {
    guard let node = value(field) else { return fallback }
    guard let text = node.string else { throw .invalidField(field, expected: "a string") }
    return text
  }

  /// `head_dim` where it is given, else `fallback`, else hidden size over heads.
  func headDimension(
    hidden: Int, heads: Int, default fallback: Int?
  ) throws(InferenceError) -> Int {
    if value("head_dim") != nil || defaultSize("head_dim") != nil {
      return try count("head_dim")
    }
    if let fallback, !has("head_dim") { return fallback }
    guard hidden.isMultiple(of: heads) else {
      throw .invalidField("hidden_size", expected: "a multiple of the \(heads) attention heads")
    }
    return hidden / heads
  }

  /// The nonlinearity that `field` names.
  func activation(_ field: String, default fallback: String) throws(InferenceError) -> Activation {
    let name = try string(field, default: fallback)
    switch name {
    case "silu", "swish": return .silu
    case "gelu", "gelu_python": return .gelu
    case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh": return .geluTanh
    case "quick_gelu": return .geluQuick
    default: throw .unsupportedValue(field: field, value: name)
    }
  }

  /// - Throws: where tokens see those after them.
  func requireCausal() throws(InferenceError) {
    guard try flag("is_causal", default: true) else {
      throw .unsupportedValue(field: "is_causal", value: "false")
    }
  }

  /// The older and newer spelling of one field, where both are there, say the same.
  func requireEqual(_ first: String, _ second: String) throws(InferenceError) {
    guard let one = value(first), let other = value(second) else { return }
    let isEqual =
      switch one.kind {
      case .string: one.utf8 == other.utf8
      case .number: one.double == other.double
      default: one.kind == other.kind
      }
    guard isEqual else { throw .conflictingFields(first, second) }
  }

  static func positive(_ node: JSONNode, _ field: String) throws(InferenceError) -> Double {
    guard let number = node.double, number > 0, number.isFinite else {
      throw .invalidField(field, expected: "a positive number")
    }
    return number
  }

  static func count(_ node: JSONNode, _ field: String) throws(InferenceError) -> Int {
    guard let count = node.int, (1...largestCount).contains(count) else {
      throw .invalidField(field, expected: "a whole number from 1 to \(largestCount)")
    }
    return count
  }
}

extension HuggingFaceConfiguration {
  /// What nearly every architecture says in the same words; its own differences are set after.
  ///
  /// - Parameters:
  ///   - epsilonField: the norms' epsilon, 1e-5 or 1e-6 by `epsilon` where it is left out.
  ///   - activationField: the nonlinearity, `activation` where it is left out.
  ///   - kvHeads: where the file does not say it; `nil` for as many as heads, which null stands
  ///     for too.
  ///   - headDim: the same; `nil` for the hidden size over heads.
  ///   - rotary: what the file may leave to the architecture; `nil` where rotations are set after.
  func commonSpec(
    epsilonField: String = "rms_norm_eps", epsilon: Double = 1e-6,
    activationField: String = "hidden_act", activation: String = "silu",
    context: Int = 2048, tiedEmbeddings: Bool = false, kvHeads: Int? = nil,
    headDim fallback: Int? = nil,
    rotary defaults: RotaryDefaults? = RotaryDefaults()
  ) throws(InferenceError) -> ArchitectureSpec {
    let hidden = try count("hidden_size")
    let heads = try count("num_attention_heads")
    let headDim = try headDimension(hidden: hidden, heads: heads, default: fallback)
    return try ArchitectureSpec(
      vocabularySize: count("vocab_size"),
      hiddenSize: hidden,
      intermediateSize: count("intermediate_size"),
      headCount: heads,
      kvHeadCount: count(
        "num_key_value_heads", default: has("num_key_value_heads") ? heads : kvHeads ?? heads),
      headDim: headDim,
      contextLength: count("max_position_embeddings", default: context),
      layers: Array(repeating: LayerSpec(), count: layerCount("num_hidden_layers")),
      rotaries: defaults.map { (defaults) throws(InferenceError) in
        [try rotary(headDim: headDim, defaults)]
      } ?? [],
      norm: NormSpec(epsilon: Float(number(epsilonField, default: epsilon))),
      activation: self.activation(activationField, default: activation),
      attentionScale: 1 / Float(headDim).squareRoot(),
      tiedEmbeddings: flag("tie_word_embeddings", default: tiedEmbeddings))
  }

  func layerCount(_ field: String) throws(InferenceError) -> Int {
    let layers = try count(field)
    // A layer is a value of its own long before its tensors are looked for.
    guard layers <= ArchitectureSpec.mostLayers else {
      throw .invalidField(field, expected: "at most \(ArchitectureSpec.mostLayers)")
    }
    return layers
  }

  /// `layer_types`: for each layer whether its attention is windowed; `nil` where it is not given.
  func windowedLayers(count layers: Int) throws(InferenceError) -> [Bool]? {
    guard let node = value("layer_types") else { return nil }
    let names = node.elements.map(\.string)
    guard node.kind == .array, names.count == layers else {
      throw .invalidField("layer_types", expected: "a list of \(layers) names")
    }
    return try names.map { (name) throws(InferenceError) in
      switch name {
      case "sliding_attention": return true
      case "full_attention": return false
      case let name?: throw .unsupportedValue(field: "layer_types", value: name)
      case nil: throw .invalidField("layer_types", expected: "a list of \(layers) names")
      }
    }
  }

  /// Where `use_sliding_window` is set, `sliding_window` on the layers that `layer_types` names, or
  /// from `max_window_layers` on.
  func optionalWindows(_ spec: inout ArchitectureSpec) throws(InferenceError) {
    guard try flag("use_sliding_window", default: false) else { return }
    let window = try windowOr4096()
    let types = try windowedLayers(count: spec.layerCount)
    let first = try wholeNumber("max_window_layers", default: 28)
    for index in spec.layers.indices where types?[index] ?? (index >= first) {
      spec.layers[index].window = window
    }
  }

  /// `sliding_window`: left out it means 4096, null means none.
  func windowOr4096() throws(InferenceError) -> Int? {
    has("sliding_window") ? try optionalCount("sliding_window") : 4096
  }

  /// A whole number from 0.
  func wholeNumber(_ field: String, default fallback: Int) throws(InferenceError) -> Int {
    guard let node = value(field) else { return fallback }
    guard let number = node.int, (0...Self.largestCount).contains(number) else {
      throw .invalidField(field, expected: "a whole number from 0 to \(Self.largestCount)")
    }
    return number
  }
}
