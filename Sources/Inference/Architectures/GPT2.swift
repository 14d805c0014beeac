extension Architecture {
  /// GPT-2: learned positions, layer norms, no rotation.
  static let gpt2 = Architecture(
    name: "gpt2",
    fromHuggingFace: { (config) throws(InferenceError) in
      let hidden = try config.count("n_embd")
      let heads = try config.count("n_head")
      guard hidden.isMultiple(of: heads) else {
        throw .invalidField("n_embd", expected: "a multiple of the \(heads) attention heads")
      }
      let headDim = hidden / heads
      var spec = try ArchitectureSpec(
        vocabularySize: config.count("vocab_size"),
        hiddenSize: hidden,
        intermediateSize: config.optionalCount("n_inner") ?? 4 * hidden,
        headCount: heads,
        kvHeadCount: heads,
        headDim: headDim,
        contextLength: config.count("n_positions", default: 1024),
        layers: Array(repeating: LayerSpec(), count: config.layerCount("n_layer")),
        rotaries: [],
        norm: NormSpec(epsilon: Float(config.number("layer_norm_epsilon", default: 1e-5))),
        activation: config.activation("activation_function", default: "gelu_new"),
        attentionScale: config.flag("scale_attn_weights", default: true)
          ? 1 / Float(headDim).squareRoot() : 1,
        tiedEmbeddings: config.flag("tie_word_embeddings", default: true))
      spec.setGPT2()
      // `reorder_and_upcast_attn` only asks for the float32 that scores are computed in anyway.
      if try config.flag("scale_attn_by_inverse_layer_idx", default: false) {
        for index in spec.layers.indices {
          spec.layers[index].scoreScale = 1 / Float(index + 1)
        }
      }
      return spec
    },
    names: TensorNames(
      prefixes: ["transformer.", ""],
      layer: "h.{}.",
      names: [
        .embedding: "wte",
        .positions: "wpe",
        .finalNorm: "ln_f",
        .output: "lm_head",
        .attentionNorm: "ln_1",
        .queryKeyValue: "attn.c_attn",
        .attentionOutput: "attn.c_proj",
        .feedForwardNorm: "ln_2",
        .up: "mlp.c_fc",
        .down: "mlp.c_proj",
      ],
      ignored: [".attn.bias", ".attn.masked_bias"]),
    layout: TensorLayout(isTransposed: true),
    gguf: GGUFForm(
      name: "gpt2",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec(norm: .layer)
        spec.activation = .geluTanh
        spec.setGPT2()
        return spec
      }))
}

extension ArchitectureSpec {
  fileprivate mutating func setGPT2() {
    norm.kind = .layer
    biases = [.attention, .feedForward]
    isGated = false
    hasLearnedPositions = true
    rotaries = []
    for index in layers.indices { layers[index].rotary = nil }
  }
}
