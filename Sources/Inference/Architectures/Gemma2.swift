extension Architecture {
  /// Gemma 2: norms on both sides of every sublayer, soft caps, a window on every other layer.
  static let gemma2 = Architecture(
    name: "gemma2",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        activationField: "hidden_activation", activation: "gelu_pytorch_tanh", context: 8192,
        tiedEmbeddings: true, kvHeads: 4, headDim: 256)
      spec.setGemma2(weightOffset: 1)
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      spec.attentionScale = Float(
        1 / (try config.number("query_pre_attn_scalar", default: 256)).squareRoot())
      spec.attentionSoftCap = try config.softCap("attn_logit_softcapping", default: 50)
      spec.logitSoftCap = try config.softCap("final_logit_softcapping", default: 30)
      let window = try config.windowOr4096()
      let types = try config.windowedLayers(count: spec.layerCount)
      for index in spec.layers.indices where types?[index] ?? index.isMultiple(of: 2) {
        spec.layers[index].window = window
      }
      return spec
    },
    names: TensorNames.llama.withSandwichedNorms(),
    gguf: GGUFForm(
      name: "gemma2",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.activation = .geluTanh
        spec.setGemma2(weightOffset: 0)
        // The file does not say that the 27B model alone scales by another size than the head's.
        if spec.layerCount == 46 { spec.scaleByHiddenShare() }
        spec.attentionSoftCap = Float(try config.number("attn_logit_softcapping", default: 50))
        spec.logitSoftCap = Float(try config.number("final_logit_softcapping", default: 30))
        let window = try config.count("attention.sliding_window", default: 4096)
        for index in spec.layers.indices where index.isMultiple(of: 2) {
          spec.layers[index].window = window
        }
        return spec
      }))
}

extension ArchitectureSpec {
  /// What Gemma 2 and 3 share.
  mutating func setGemma2(weightOffset: Float) {
    setGemma(weightOffset: weightOffset)
    normPlaces = [.beforeAttention, .afterAttention, .beforeFeedForward, .afterFeedForward]
  }

  /// q · k / √(hidden size / heads), as the 27B models have it.
  mutating func scaleByHiddenShare() {
    attentionScale = 1 / (Float(hiddenSize) / Float(headCount)).squareRoot()
  }
}

extension HuggingFaceConfiguration {
  /// A bound, `nil` where the field is null, `fallback` where it is left out.
  func softCap(_ field: String, default fallback: Double?) throws(InferenceError) -> Float? {
    let cap = has(field) ? try optionalNumber(field) : fallback
    return cap.map { Float($0) }
  }
}

extension TensorNames {
  /// Names of norms before and after each sublayer, as Gemma 2 and 3 have them.
  func withSandwichedNorms() -> TensorNames {
    with([
      .afterAttentionNorm: "post_attention_layernorm",
      .feedForwardNorm: "pre_feedforward_layernorm",
      .afterFeedForwardNorm: "post_feedforward_layernorm",
    ])
  }
}
