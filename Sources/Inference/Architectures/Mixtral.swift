extension Architecture {
  /// Mixtral: Mistral with a mixture of experts in every layer.
  static let mixtral = Architecture(
    name: "mixtral",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        epsilon: 1e-5, context: 131_072, kvHeads: 8, rotary: RotaryDefaults(base: 1_000_000))
      let window = try config.optionalCount("sliding_window")
      for index in spec.layers.indices {
        spec.layers[index].window = window
        spec.layers[index].usesExperts = true
      }
      spec.experts = try ExpertSpec(
        count: config.count("num_local_experts", default: 8),
        usedCount: config.count("num_experts_per_tok", default: 2),
        intermediateSize: spec.intermediateSize, normalizesWeights: true)
      return spec
    },
    names: TensorNames.llama.with([
      .router: "block_sparse_moe.gate",
      .expertGate: "block_sparse_moe.experts.{}.w1",
      .expertUp: "block_sparse_moe.experts.{}.w3",
      .expertDown: "block_sparse_moe.experts.{}.w2",
    ]))
}
