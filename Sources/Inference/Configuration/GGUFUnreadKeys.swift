import ModelFiles
import Synchronization

/// Which keys of a GGUF file an architecture has asked for.
final class GGUFKeyLog: Sendable {
  private let keys = Mutex<Set<String>>([])

  func note(_ key: String) { keys.withLock { _ = $0.insert(key) } }

  func contains(_ key: String) -> Bool { keys.withLock { $0.contains(key) } }
}

extension GGUFConfiguration {
  /// Keys that change the arithmetic where an architecture knows them, and the numbers that change
  /// nothing; a flag counts as 0 or 1. One that nobody asked for must hold such a number.
  private static let arithmeticKeys: [String: Set<Double>] = [
    "attention.causal": [1],
    "attention.clamp_kqv": [0],
    "attention.kv_lora_rank": [0],
    "attention.layer_indices": [],
    "attention.max_alibi_bias": [0],
    "attention.q_lora_rank": [0],
    "attention.relative_buckets_count": [0],
    "attention.scale": [0],
    "attention.shared_kv_layers": [0],
    "attention.sliding_window": [0],
    "attention.sliding_window_pattern": [0],
    "attention.temperature_length": [0],
    "attention.temperature_scale": [0],
    "attn_logit_softcapping": [0],
    "activation_sparsity_scale": [],
    "embedding_scale": [0, 1],
    "expert_count": [0],
    "expert_gating_func": [0, 1],
    "expert_shared_count": [0],
    "expert_weights_norm": [1],
    "expert_weights_scale": [0, 1],
    "final_logit_softcapping": [0],
    "interleave_moe_layer_step": [0, 1],
    "leading_dense_block_count": [0],
    "logit_scale": [0, 1],
    "nextn_predict_layers": [0],
    "residual_scale": [0, 1],
    "rope.dimension_sections": [],
    "rope.freq_base_swa": [],
    "rope.scaling.attn_factor": [0, 1],
    "rope.scaling.yarn_attn_factor": [0, 1],
    "rope.scaling.yarn_ext_factor": [-1, 1],
    "rope.scaling.yarn_log_multiplier": [0],
    "router_logit_softcapping": [0],
  ]

  /// - Throws: `InferenceError.unsupportedValue` for a key that would change the arithmetic and
  ///   that the architecture has not asked for.
  func checkUnreadKeys() throws(InferenceError) {
    for (key, neutral) in Self.arithmeticKeys.sorted(by: { $0.key < $1.key })
    where !wasRead(key) && has(key) {
      let value = scalar(key)
      if let value, neutral.contains(value) { continue }
      throw .unsupportedValue(
        field: field(key), value: value.map { RotarySpec.shortest($0) } ?? "a list or text")
    }
  }
}
