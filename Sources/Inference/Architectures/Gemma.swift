extension Architecture {
  /// Gemma 1: Llama with a scaled embedding, a GELU gate, and norm weights stored less 1.
  static let gemma = Architecture(
    name: "gemma",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        activation: "gelu_pytorch_tanh", context: 8192, tiedEmbeddings: true,
        kvHeads: 16, headDim: 256)
      // What the first files call so was meant to be the approximation by tanh.
      if try config.string("hidden_act", default: "") == "gelu" { spec.activation = .geluTanh }
      spec.setGemma(weightOffset: 1)
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      return spec
    },
    gguf: GGUFForm(
      name: "gemma",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.activation = .geluTanh
        spec.setGemma(weightOffset: 0)
        return spec
      }))
}

extension ArchitectureSpec {
  /// What all Gemmas share; GGUF files already hold the offset of the norm weights.
  mutating func setGemma(weightOffset: Float) {
    norm.weightOffset = weightOffset
    embeddingScale = Float(hiddenSize).squareRoot()
  }
}
