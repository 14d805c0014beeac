extension Architecture {
  /// OLMo 2: norms after each sublayer instead of before, and of all queries and all keys as rows.
  static let olmo2 = Architecture(
    name: "olmo2",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(epsilon: 1e-5)
      spec.setOLMo2()
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      return spec
    },
    names: TensorNames.llama.with([
      .afterAttentionNorm: "post_attention_layernorm",
      .afterFeedForwardNorm: "post_feedforward_layernorm",
    ]),
    gguf: GGUFForm(
      name: "olmo2",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.setOLMo2()
        // OLMo 3 goes by the same name.
        if config.has("attention.sliding_window") {
          throw .unsupportedValue(
            field: config.field("attention.sliding_window"), value: "a window in OLMo 2")
        }
        return spec
      }))
}

extension ArchitectureSpec {
  fileprivate mutating func setOLMo2() {
    normPlaces = [.afterAttention, .afterFeedForward]
    queryKeyNorm = QueryKeyNorm(extent: .row)
  }
}
