extension Architecture {
  /// Granite 3: Llama with four multipliers.
  static let granite = Architecture(
    name: "granite",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec()
      if try config.flag("attention_bias", default: false) { spec.biases.formUnion(.attention) }
      if try config.flag("mlp_bias", default: false) { spec.biases.insert(.feedForward) }
      spec.attentionScale = Float(try config.number("attention_multiplier", default: 1))
      spec.embeddingScale = Float(try config.number("embedding_multiplier", default: 1))
      spec.residualScale = Float(try config.number("residual_multiplier", default: 1))
      spec.logitScale = Float(1 / (try config.number("logits_scaling", default: 1)))
      return spec
    },
    gguf: GGUFForm(
      name: "granite",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.attentionScale = Float(
          try config.number("attention.scale", default: Double(spec.attentionScale)))
        spec.embeddingScale = Float(try config.number("embedding_scale", default: 1))
        spec.residualScale = Float(try config.number("residual_scale", default: 1))
        spec.logitScale = Float(1 / (try config.number("logit_scale", default: 1)))
        return spec
      },
      isInterleaved: true))
}
