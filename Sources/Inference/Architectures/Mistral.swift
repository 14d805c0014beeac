extension Architecture {
  /// Mistral: Llama with one sliding window, for all layers or those that `layer_types` names.
  static let mistral = Architecture(
    name: "mistral",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(context: 131_072, kvHeads: 8)
      let window = try config.windowOr4096()
      let types = try config.windowedLayers(count: spec.layerCount)
      for index in spec.layers.indices where types?[index] ?? true {
        spec.layers[index].window = window
      }
      return spec
    })
}
