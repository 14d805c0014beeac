extension Architecture {
  /// Phi 3 and 4: Llama with fused projections, and longrope for long contexts.
  static let phi3 = Architecture(
    name: "phi3",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        epsilon: 1e-5, context: 4096,
        rotary: RotaryDefaults(share: 1, originalContext: 4096))
      let window = try config.optionalCount("sliding_window")
      for index in spec.layers.indices { spec.layers[index].window = window }
      return spec
    },
    names: TensorNames.llama.with([
      .queryKeyValue: "self_attn.qkv_proj",
      .gateUp: "mlp.gate_up_proj",
    ]),
    gguf: GGUFForm(
      name: "phi3",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        // 0 stands for none.
        let window = try config.wholeNumber("attention.sliding_window").flatMap {
          $0 > 0 ? $0 : nil
        }
        for index in spec.layers.indices { spec.layers[index].window = window }
        return spec
      },
      names: TensorNames.gguf.with([.gateUp: "ffn_up"])))
}
