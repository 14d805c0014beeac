extension Architecture {
  /// Phi 1 to 2: parallel attention and feed-forward behind one layer norm, partial rotation.
  static let phi = Architecture(
    name: "phi",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        epsilonField: "layer_norm_eps", epsilon: 1e-5, activation: "gelu_new",
        rotary: RotaryDefaults(share: 0.5))
      spec.setPhi()
      spec.biases = [.attention, .feedForward, .output]
      if try config.flag("qk_layernorm", default: false) {
        spec.queryKeyNorm = QueryKeyNorm(extent: .head, hasBias: true)
      }
      return spec
    },
    names: TensorNames.llama.with([
      .finalNorm: "final_layernorm",
      .attentionOutput: "self_attn.dense",
      .queryNorm: "self_attn.q_layernorm",
      .keyNorm: "self_attn.k_layernorm",
      .up: "mlp.fc1",
      .down: "mlp.fc2",
    ]),
    gguf: GGUFForm(
      name: "phi2",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec(norm: .layer)
        spec.activation = .geluTanh
        spec.setPhi()
        spec.biases = [.attention, .feedForward, .output]
        return spec
      }))
}

extension ArchitectureSpec {
  fileprivate mutating func setPhi() {
    norm.kind = .layer
    normPlaces = .beforeAttention
    isParallel = true
    isGated = false
  }
}
