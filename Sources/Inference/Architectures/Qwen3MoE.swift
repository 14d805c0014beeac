import ModelFiles

extension Architecture {
  /// Qwen 3 with a mixture of experts in most layers.
  static let qwen3MoE = Architecture(
    name: "qwen3_moe",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(context: 32_768, kvHeads: 4)
      spec.queryKeyNorm = QueryKeyNorm(extent: .head)
      if try config.flag("attention_bias", default: false) { spec.biases = .attention }
      // All layers or none, whatever layer_types says.
      if try config.flag("use_sliding_window", default: false) {
        let window = try config.windowOr4096()
        for index in spec.layers.indices { spec.layers[index].window = window }
        if try config.windowedLayers(count: spec.layerCount)?.contains(false) == true {
          throw .conflictingFields("use_sliding_window", "layer_types")
        }
      }
      // The newer spelling is that of Mixtral.
      try config.requireEqual("num_experts", "num_local_experts")
      let count = try config.optionalCount("num_local_experts")
      spec.experts = try ExpertSpec(
        count: config.count("num_experts", default: count ?? 128),
        usedCount: config.count("num_experts_per_tok", default: 8),
        intermediateSize: config.count("moe_intermediate_size", default: 768),
        normalizesWeights: config.flag("norm_topk_prob", default: false))
      let step = try config.count("decoder_sparse_step", default: 1)
      let dense = try config.layerIndices("mlp_only_layers")
      for index in spec.layers.indices {
        spec.layers[index].usesExperts =
          (index + 1).isMultiple(of: step) && !dense.contains(index)
      }
      return spec
    },
    gguf: GGUFForm(
      name: "qwen3moe",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec()
        spec.queryKeyNorm = QueryKeyNorm(extent: .head)
        spec.experts = try ExpertSpec(
          count: config.count("expert_count"), usedCount: config.count("expert_used_count"),
          intermediateSize: config.count("expert_feed_forward_length"), normalizesWeights: true)
        for index in spec.layers.indices { spec.layers[index].usesExperts = true }
        return spec
      }))
}

extension HuggingFaceConfiguration {
  fileprivate func layerIndices(_ field: String) throws(InferenceError) -> Set<Int> {
    guard let node = value(field) else { return [] }
    let indices = node.elements.compactMap(\.int)
    guard node.kind == .array, indices.count == node.count else {
      throw .invalidField(field, expected: "a list of layers")
    }
    return Set(indices)
  }
}
