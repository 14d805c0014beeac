extension Architecture {
  /// OLMo 3: OLMo 2 with a window on three of four layers.
  static let olmo3 = Architecture(
    name: "olmo3",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(epsilon: 1e-5)
      spec.normPlaces = [.afterAttention, .afterFeedForward]
      spec.queryKeyNorm = QueryKeyNorm(extent: .row)
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      let window =
        config.has("sliding_window") ? try config.optionalCount("sliding_window") : 4096
      let types = try config.windowedLayers(count: spec.layerCount)
      for index in spec.layers.indices where types?[index] ?? !(index + 1).isMultiple(of: 4) {
        spec.layers[index].window = window
      }
      return spec
    },
    names: Architecture.olmo2.names)
}
