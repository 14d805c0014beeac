extension Architecture {
  /// Mistral: Llama with one sliding window for all layers.
  static let mistral = Architecture(
    name: "mistral",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(context: 131_072)
      // Left out it means 4096, null means none.
      let window =
        config.has("sliding_window") ? try config.optionalCount("sliding_window") : 4096
      for index in spec.layers.indices { spec.layers[index].window = window }
      return spec
    })
}
