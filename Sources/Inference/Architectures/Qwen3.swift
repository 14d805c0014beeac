extension Architecture {
  /// Qwen 3: Llama with a norm of each query and key head.
  static let qwen3 = Architecture(
    name: "qwen3",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(context: 32_768, kvHeads: 32, headDim: 128)
      spec.queryKeyNorm = QueryKeyNorm(extent: .head)
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      try config.optionalWindows(&spec)
      return spec
    },
    gguf: GGUFForm(
      name: "qwen3",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.queryKeyNorm = QueryKeyNorm(extent: .head)
        return spec
      }))
}
