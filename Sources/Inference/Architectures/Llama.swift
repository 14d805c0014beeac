extension Architecture {
  /// Llama 1 to 3 and what is built like them: RMSNorm, RoPE, grouped-query attention, SwiGLU.
  ///
  /// GGUF calls Mistral and Mixtral by this name too.
  static let llama = Architecture(
    name: "llama",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec()
      if try config.flag("attention_bias", default: false) { spec.biases.formUnion(.attention) }
      if try config.flag("mlp_bias", default: false) { spec.biases.insert(.feedForward) }
      return spec
    },
    gguf: GGUFForm(
      name: "llama",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        if try config.wholeNumber("expert_count") ?? 0 > 0 {
          spec.experts = try ExpertSpec(
            count: config.count("expert_count"), usedCount: config.count("expert_used_count"),
            intermediateSize: spec.intermediateSize, normalizesWeights: true)
          for index in spec.layers.indices { spec.layers[index].usesExperts = true }
        }
        return spec
      },
      isInterleaved: true))
}
