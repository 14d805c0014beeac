extension Architecture {
  /// Qwen 1.5 to 2.5: Llama with biases on queries, keys and values, and windows on upper layers.
  static let qwen2 = Architecture(
    name: "qwen2",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(context: 32_768, kvHeads: 32)
      spec.biases = .projections
      try config.optionalWindows(&spec)
      return spec
    },
    gguf: GGUFForm(
      name: "qwen2",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.biases.insert(.projections)
        return spec
      }))
}
