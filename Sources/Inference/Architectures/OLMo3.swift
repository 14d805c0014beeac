extension Architecture {
  /// OLMo 3: OLMo 2 with a window on three of four layers, whose rotation is never scaled.
  static let olmo3 = Architecture(
    name: "olmo3",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(epsilon: 1e-5, rotary: nil)
      spec.normPlaces = [.afterAttention, .afterFeedForward]
      spec.queryKeyNorm = QueryKeyNorm(extent: .row)
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      let defaults = RotaryDefaults(base: 500_000)
      // Versions of transformers differ in which layers another base is for.
      if let base = try config.optionalNumber("rope_theta"), base != defaults.base {
        throw .unsupportedValue(field: "rope_theta", value: RotarySpec.shortest(base))
      }
      spec.rotaries = try [
        config.rotary(headDim: spec.headDim, defaults, layerType: "full_attention"),
        config.rotary(
          headDim: spec.headDim, defaults, layerType: "sliding_attention", ignoresScaling: true),
      ]
      let window = try config.windowOr4096()
      let types = try config.windowedLayers(count: spec.layerCount)
      for index in spec.layers.indices where types?[index] ?? !(index + 1).isMultiple(of: 4) {
        spec.layers[index].window = window
        spec.layers[index].rotary = 1
      }
      return spec
    },
    names: Architecture.olmo2.names)
}
