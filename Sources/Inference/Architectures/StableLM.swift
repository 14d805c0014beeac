extension Architecture {
  /// StableLM 2 and 3B: Llama with layer norms and partial rotation; the 12B model has a norm of
  /// its own for each query and key head, and runs attention and feed-forward in parallel.
  static let stableLM = Architecture(
    name: "stablelm",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        epsilonField: "layer_norm_eps", epsilon: 1e-5, context: 4096, kvHeads: 32,
        rotary: RotaryDefaults(share: 0.25))
      spec.setStableLM(
        isParallel: try config.flag("use_parallel_residual", default: false),
        hasHeadNorms: try config.flag("qk_layernorm", default: false))
      if try config.flag("use_qkv_bias", default: false) { spec.biases = .projections }
      return spec
    },
    names: TensorNames.llama.with([
      .queryNorm: "self_attn.q_layernorm.norms.{}",
      .keyNorm: "self_attn.k_layernorm.norms.{}",
    ]),
    gguf: GGUFForm(
      name: "stablelm",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec(norm: .layer)
        spec.setStableLM(
          // Only files without a second norm are parallel, whatever the key says.
          isParallel: !config.hasTensor("blk.0.ffn_norm.weight"),
          hasHeadNorms: config.hasTensor("blk.0.attn_q_norm.weight"))
        return spec
      }))
}

extension ArchitectureSpec {
  fileprivate mutating func setStableLM(isParallel: Bool, hasHeadNorms: Bool) {
    norm.kind = .layer
    self.isParallel = isParallel
    if isParallel { normPlaces = .beforeAttention }
    if hasHeadNorms { queryKeyNorm = QueryKeyNorm(extent: .separateHeads) }
  }
}
