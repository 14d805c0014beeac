extension Architecture {
  /// GPT-NeoX and Pythia: parallel attention and feed-forward, each behind its own layer norm,
  /// partial rotation, fused projections.
  static let gptNeoX = Architecture(
    name: "gpt_neox",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        epsilonField: "layer_norm_eps", epsilon: 1e-5, activation: "gelu", rotary: nil)
      spec.rotaries = try [
        config.rotary(
          headDim: spec.headDim, RotaryDefaults(share: 0.25), baseField: "rotary_emb_base",
          shareField: "rotary_pct")
      ]
      spec.setGPTNeoX(isParallel: try config.flag("use_parallel_residual", default: true))
      spec.biases = .feedForward
      if try config.flag("attention_bias", default: true) { spec.biases.formUnion(.attention) }
      return spec
    },
    names: TensorNames(
      prefixes: ["gpt_neox.", ""],
      layer: "layers.{}.",
      names: [
        .embedding: "embed_in",
        .finalNorm: "final_layer_norm",
        .output: "embed_out",
        .attentionNorm: "input_layernorm",
        .queryKeyValue: "attention.query_key_value",
        .attentionOutput: "attention.dense",
        .feedForwardNorm: "post_attention_layernorm",
        .up: "mlp.dense_h_to_4h",
        .down: "mlp.dense_4h_to_h",
      ],
      ignored: [".attention.bias", ".attention.masked_bias", "rotary_emb.inv_freq"]),
    layout: TensorLayout(fusesEachHead: true),
    gguf: GGUFForm(
      name: "gptneox",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec(norm: .layer)
        spec.activation = .gelu
        spec.setGPTNeoX(isParallel: try config.flag("use_parallel_residual", default: true))
        return spec
      }))
}

extension ArchitectureSpec {
  fileprivate mutating func setGPTNeoX(isParallel: Bool) {
    norm.kind = .layer
    isGated = false
    self.isParallel = isParallel
  }
}
