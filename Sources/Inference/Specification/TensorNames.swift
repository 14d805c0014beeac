/// The part that a tensor plays in a model.
enum TensorRole: Sendable, Hashable {
  // Of the model
  case embedding, positions, finalNorm, output

  // Of each layer
  case attentionNorm, query, key, value, queryNorm, keyNorm, attentionOutput, afterAttentionNorm
  case feedForwardNorm, gate, up, down, afterFeedForwardNorm
  /// Queries, keys and values in one tensor.
  case queryKeyValue
  /// Gate and up in one tensor.
  case gateUp
  case router
  /// One tensor an expert, or one for all of them.
  case expertGate, expertUp, expertDown
  /// One tensor (expert, rows, columns) for all experts, gate and up of each in one, and the router
  /// that goes with it; these experts' names are whole, without `.weight`.
  case stackedRouter, stackedGateUp, stackedDown
}

/// The names that one kind of checkpoint gives its tensors, without `.weight` or `.bias`.
///
/// `{}` stands for an index within the layer: of an expert, or of a head whose norm is stored
/// alone.
struct TensorNames: Sendable {
  /// Put before every name but that of the output, tried in order.
  var prefixes = [""]
  /// Put before the name of the output.
  var outputPrefixes = [""]
  /// Put before the names of a layer, `{}` being its index.
  var layer: String
  var names: [TensorRole: String]
  /// Endings of tensors that hold no weights: masks and tables that are computed.
  var ignored: [String] = []

  /// Every spelling of one tensor's name, the usual one first; empty where it has none.
  func candidates(_ role: TensorRole, layer index: Int? = nil, part: Int? = nil) -> [String] {
    guard var name = names[role] else { return [] }
    if let part { name = Self.filling(name, with: part) }
    if let index { name = Self.filling(layer, with: index) + name }
    return (role == .output ? outputPrefixes : prefixes).map { $0 + name }
  }

  /// Whether the names of a role's tensors differ by an index within the layer.
  func isIndexed(_ role: TensorRole) -> Bool { names[role]?.contains("{}") ?? false }

  /// The same with some names replaced or added.
  func with(_ changes: [TensorRole: String]) -> TensorNames {
    var copy = self
    copy.names.merge(changes) { $1 }
    return copy
  }

  private static func filling(_ template: String, with index: Int) -> String {
    template.replacing("{}", with: String(index), maxReplacements: 1)
  }
}

extension TensorNames {
  /// Hugging Face checkpoints of the Llama family, whose names most others have taken over.
  static let llama = TensorNames(
    prefixes: ["model.", ""],
    layer: "layers.{}.",
    names: [
      .embedding: "embed_tokens",
      .finalNorm: "norm",
      .output: "lm_head",
      .attentionNorm: "input_layernorm",
      .query: "self_attn.q_proj",
      .key: "self_attn.k_proj",
      .value: "self_attn.v_proj",
      .queryNorm: "self_attn.q_norm",
      .keyNorm: "self_attn.k_norm",
      .attentionOutput: "self_attn.o_proj",
      .feedForwardNorm: "post_attention_layernorm",
      .gate: "mlp.gate_proj",
      .up: "mlp.up_proj",
      .down: "mlp.down_proj",
      .router: "mlp.gate",
      .expertGate: "mlp.experts.{}.gate_proj",
      .expertUp: "mlp.experts.{}.up_proj",
      .expertDown: "mlp.experts.{}.down_proj",
      .stackedRouter: "mlp.gate",
      .stackedGateUp: "mlp.experts.gate_up_proj",
      .stackedDown: "mlp.experts.down_proj",
    ],
    ignored: ["rotary_emb.inv_freq"])

  /// GGUF files, the same for every architecture but for the norms after attention.
  static let gguf = TensorNames(
    layer: "blk.{}.",
    names: [
      .embedding: "token_embd",
      .positions: "position_embd",
      .finalNorm: "output_norm",
      .output: "output",
      .attentionNorm: "attn_norm",
      .query: "attn_q",
      .key: "attn_k",
      .value: "attn_v",
      .queryKeyValue: "attn_qkv",
      .queryNorm: "attn_q_norm",
      .keyNorm: "attn_k_norm",
      .attentionOutput: "attn_output",
      .afterAttentionNorm: "post_attention_norm",
      .feedForwardNorm: "ffn_norm",
      .gate: "ffn_gate",
      .up: "ffn_up",
      .down: "ffn_down",
      .afterFeedForwardNorm: "post_ffw_norm",
      .router: "ffn_gate_inp",
      .expertGate: "ffn_gate_exps",
      .expertUp: "ffn_up_exps",
      .expertDown: "ffn_down_exps",
    ])
}
