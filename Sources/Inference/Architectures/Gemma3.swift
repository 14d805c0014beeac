extension Architecture {
  /// Gemma 3: Gemma 2 with norms of queries and keys instead of the soft cap on scores, and another
  /// rotation for windowed layers, which are five of six.
  static let gemma3 = Architecture(
    name: "gemma3_text",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        activationField: "hidden_activation", activation: "gelu_pytorch_tanh", context: 131_072,
        tiedEmbeddings: true, kvHeads: 4, headDim: 256, rotary: nil)
      spec.setGemma2(weightOffset: 1)
      spec.queryKeyNorm = QueryKeyNorm(extent: .head)
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      if try config.flag("use_bidirectional_attention", default: false) {
        throw .unsupportedValue(field: "use_bidirectional_attention", value: "true")
      }
      spec.attentionScale = Float(
        1 / (try config.number("query_pre_attn_scalar", default: 256)).squareRoot())
      spec.logitSoftCap = try config.softCap("final_logit_softcapping", default: nil)
      spec.rotaries = try [
        config.rotary(
          headDim: spec.headDim, RotaryDefaults(base: 1_000_000), layerType: "full_attention"),
        config.rotary(
          headDim: spec.headDim, RotaryDefaults(), layerType: "sliding_attention",
          baseField: "rope_local_base_freq", ignoresScaling: true),
      ]
      let window = try config.windowOr4096()
      let types = try config.windowedLayers(count: spec.layerCount)
      let pattern = try config.gemma3Pattern(count: spec.layerCount, types: types)
      spec.setGemma3Layers(windowed: types ?? pattern, window: window)
      return spec
    },
    names: TensorNames.llama.withSandwichedNorms(),
    gguf: GGUFForm(
      name: "gemma3",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.activation = .geluTanh
        spec.setGemma2(weightOffset: 0)
        spec.queryKeyNorm = QueryKeyNorm(extent: .head)
        // The file does not say that the 27B model alone scales by another size than the head's.
        if spec.layerCount == 62 { spec.scaleByHiddenShare() }
        if config.has("final_logit_softcapping") {
          spec.logitSoftCap = Float(try config.number("final_logit_softcapping"))
        }
        var local = RotarySpec(dimension: spec.rotaries[0].dimension, base: 10_000)
        local.base = try config.number("rope.freq_base_swa", default: local.base)
        if !config.has("rope.freq_base") { spec.rotaries[0].base = 1_000_000 }
        spec.rotaries.append(local)
        let key = "attention.sliding_window_pattern"
        var pattern = spec.layers.indices.map { !($0 + 1).isMultiple(of: 6) }
        if let flags = config.flags(key) {
          guard flags.count == spec.layerCount else {
            throw .invalidField(config.field(key), expected: "one value a layer")
          }
          pattern = flags
        } else if config.has(key) {
          let period = try config.count(key)
          pattern = spec.layers.indices.map { !($0 + 1).isMultiple(of: period) }
        }
        spec.setGemma3Layers(
          windowed: pattern,
          window: config.has("attention.sliding_window")
            ? try config.count("attention.sliding_window") : nil)
        return spec
      }))
}

extension ArchitectureSpec {
  /// Windowed layers take the second rotation, whether or not there is a window.
  fileprivate mutating func setGemma3Layers(windowed: [Bool], window: Int?) {
    for index in layers.indices where windowed[index] {
      layers[index].window = window
      layers[index].rotary = 1
    }
  }
}

extension HuggingFaceConfiguration {
  /// Which layers are windowed by `sliding_window_pattern`, whose last layer of so many is not; it
  /// does not contradict `types`.
  fileprivate func gemma3Pattern(
    count: Int, types: [Bool]?
  ) throws(InferenceError) -> [Bool] {
    try requireEqual("sliding_window_pattern", "_sliding_window_pattern")
    func pattern(_ period: Int) -> [Bool] { (1...count).map { !$0.isMultiple(of: period) } }
    let field = "sliding_window_pattern"
    let period = try optionalCount(field)
    // With an underscore it only goes along with the types that were made from it.
    let copy = try optionalCount("_" + field)
    if let types, let period = period ?? copy, types != pattern(period) {
      throw .conflictingFields(field, "layer_types")
    }
    if types == nil, period == nil, let copy, copy != 6 {
      throw .unsupportedValue(field: "_" + field, value: "\(copy)")
    }
    return pattern(period ?? 6)
  }
}
