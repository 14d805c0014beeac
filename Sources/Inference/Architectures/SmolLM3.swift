import ModelFiles

extension Architecture {
  /// SmolLM 3: Llama with layers that do not rotate, every fourth one.
  static let smolLM3 = Architecture(
    name: "smollm3",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        context: 32_768, tiedEmbeddings: true, kvHeads: 4, rotary: RotaryDefaults(base: 2_000_000))
      if try config.flag("attention_bias", default: false) { spec.biases.formUnion(.attention) }
      if try config.flag("mlp_bias", default: false) { spec.biases.insert(.feedForward) }
      let rotates = try config.rotatingLayers(count: spec.layerCount)
      for index in spec.layers.indices where !rotates[index] { spec.layers[index].rotary = nil }
      if try config.flag("use_sliding_window", default: false) {
        let window = try config.optionalCount("sliding_window")
        let types = try config.windowedLayers(count: spec.layerCount)
        for index in spec.layers.indices where types?[index] ?? !rotates[index] {
          spec.layers[index].window = window
        }
      } else if try config.windowedLayers(count: spec.layerCount)?.contains(true) == true {
        throw .conflictingFields("use_sliding_window", "layer_types")
      }
      return spec
    },
    gguf: GGUFForm(
      name: "smollm3",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        // The file does not say which layers rotate.
        for index in spec.layers.indices where (index + 1).isMultiple(of: 4) {
          spec.layers[index].rotary = nil
        }
        return spec
      },
      isInterleaved: true))
}

extension HuggingFaceConfiguration {
  /// `no_rope_layers`, where 1 means that the layer rotates, or one in `no_rope_layer_interval`
  /// that does not.
  fileprivate func rotatingLayers(count: Int) throws(InferenceError) -> [Bool] {
    guard let node = value("no_rope_layers") else {
      let interval = try self.count("no_rope_layer_interval", default: 4)
      return (0..<count).map { !($0 + 1).isMultiple(of: interval) }
    }
    let flags = node.elements.compactMap(\.int)
    guard node.kind == .array, node.count == count, flags.count == count,
      flags.allSatisfy({ $0 == 0 || $0 == 1 })
    else { throw .invalidField("no_rope_layers", expected: "a list of \(count) times 0 or 1") }
    return flags.map { $0 == 1 }
  }
}
