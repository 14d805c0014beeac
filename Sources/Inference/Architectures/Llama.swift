import ModelFiles

extension Architecture {
  /// Llama 1 to 3 and what is built like them: RMSNorm, RoPE, grouped-query attention, SwiGLU.
  static let llama = Architecture(
    name: "llama",
    fromHuggingFace: { (config) throws(InferenceError) in
      try config.require("hidden_act", isOneOf: ["silu"], default: "silu")
      let hidden = try config.count("hidden_size")
      let heads = try config.count("num_attention_heads")
      let kvHeads = try config.count("num_key_value_heads", default: heads)
      let headDim = try config.headDimension(hidden: hidden, heads: heads)
      let attentionBias = try config.flag("attention_bias", default: false)
      return try ArchitectureSpec(
        name: "llama",
        vocabularySize: config.count("vocab_size"),
        hiddenSize: hidden,
        intermediateSize: config.count("intermediate_size"),
        layerCount: config.count("num_hidden_layers"),
        headCount: heads,
        kvHeadCount: kvHeads,
        headDim: headDim,
        contextLength: config.count("max_position_embeddings", default: 2048),
        normEpsilon: Float(config.number("rms_norm_eps", default: 1e-6)),
        rotary: config.rotary(headDim: headDim),
        tiedEmbeddings: config.flag("tie_word_embeddings", default: false),
        attentionBias: attentionBias,
        feedForwardBias: config.flag("mlp_bias", default: false)
      ).checked()
    },
    fromGGUF: { (config) throws(InferenceError) in
      let hidden = try config.count("embedding_length")
      let heads = try config.count("attention.head_count")
      let kvHeads = try config.count("attention.head_count_kv", default: heads)
      let headDim = try config.headDimension(hidden: hidden, heads: heads)
      return try ArchitectureSpec(
        name: "llama",
        vocabularySize: config.vocabularySize(),
        hiddenSize: hidden,
        intermediateSize: config.count("feed_forward_length"),
        layerCount: config.count("block_count"),
        headCount: heads,
        kvHeadCount: kvHeads,
        headDim: headDim,
        contextLength: config.count("context_length"),
        normEpsilon: Float(config.number("attention.layer_norm_rms_epsilon")),
        rotary: config.rotary(headDim: headDim),
        tiedEmbeddings: !config.hasTensor(TensorRole.output.ggufName + ".weight"),
        attentionBias: config.hasTensor(TensorRole.query(0).ggufName + ".bias"),
        feedForwardBias: config.hasTensor(TensorRole.gate(0).ggufName + ".bias")
      ).checked()
    },
    interleavesGGUF: true)
}

extension ArchitectureSpec {
  /// This value, where its sizes fit together.
  func checked() throws(InferenceError) -> ArchitectureSpec {
    guard headCount.isMultiple(of: kvHeadCount) else {
      throw .invalidField(
        "num_key_value_heads", expected: "a divisor of the \(headCount) attention heads")
    }
    guard headDim.isMultiple(of: 2) else {
      throw .invalidField("head_dim", expected: "even, for pairs to rotate")
    }
    return self
  }
}
