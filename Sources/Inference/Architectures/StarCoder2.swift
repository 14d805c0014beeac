extension Architecture {
  /// StarCoder 2: layer norms, biases everywhere, a plain GELU feed-forward, one sliding window.
  static let starCoder2 = Architecture(
    name: "starcoder2",
    fromHuggingFace: { (config) throws(InferenceError) in
      var spec = try config.commonSpec(
        epsilonField: "norm_epsilon", epsilon: 1e-5, activation: "gelu_pytorch_tanh",
        context: 4096, tiedEmbeddings: true, kvHeads: 2)
      spec.setStarCoder2()
      if try config.flag("use_bias", default: true) { spec.biases = [.attention, .feedForward] }
      let window = try config.optionalCount("sliding_window")
      for index in spec.layers.indices { spec.layers[index].window = window }
      return spec
    },
    names: TensorNames.llama.with([.up: "mlp.c_fc", .down: "mlp.c_proj"]),
    gguf: GGUFForm(
      name: "starcoder2",
      read: { (config) throws(InferenceError) in
        var spec = try config.commonSpec(norm: .layer)
        spec.activation = .geluTanh
        spec.setStarCoder2()
        // The file does not say so, but every StarCoder 2 was made with this window.
        let window = try config.count("attention.sliding_window", default: 4096)
        for index in spec.layers.indices { spec.layers[index].window = window }
        return spec
      }))
}

extension ArchitectureSpec {
  fileprivate mutating func setStarCoder2() {
    norm.kind = .layer
    isGated = false
  }
}
