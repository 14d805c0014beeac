/// What a tensor is for, and what each format calls it; names are without `.weight` or `.bias`.
enum TensorRole: Sendable, Hashable {
  case embedding, finalNorm, output
  case attentionNorm(Int)
  case query(Int)
  case key(Int)
  case value(Int)
  case attentionOutput(Int)
  case feedForwardNorm(Int)
  case gate(Int)
  case up(Int)
  case down(Int)

  /// The name in Hugging Face checkpoints of the Llama family, without the `model.` prefix.
  var huggingFaceName: String {
    switch self {
    case .embedding: "embed_tokens"
    case .finalNorm: "norm"
    case .output: "lm_head"
    case .attentionNorm(let layer): "layers.\(layer).input_layernorm"
    case .query(let layer): "layers.\(layer).self_attn.q_proj"
    case .key(let layer): "layers.\(layer).self_attn.k_proj"
    case .value(let layer): "layers.\(layer).self_attn.v_proj"
    case .attentionOutput(let layer): "layers.\(layer).self_attn.o_proj"
    case .feedForwardNorm(let layer): "layers.\(layer).post_attention_layernorm"
    case .gate(let layer): "layers.\(layer).mlp.gate_proj"
    case .up(let layer): "layers.\(layer).mlp.up_proj"
    case .down(let layer): "layers.\(layer).mlp.down_proj"
    }
  }

  /// The name in GGUF files, the same for every architecture.
  var ggufName: String {
    switch self {
    case .embedding: "token_embd"
    case .finalNorm: "output_norm"
    case .output: "output"
    case .attentionNorm(let layer): "blk.\(layer).attn_norm"
    case .query(let layer): "blk.\(layer).attn_q"
    case .key(let layer): "blk.\(layer).attn_k"
    case .value(let layer): "blk.\(layer).attn_v"
    case .attentionOutput(let layer): "blk.\(layer).attn_output"
    case .feedForwardNorm(let layer): "blk.\(layer).ffn_norm"
    case .gate(let layer): "blk.\(layer).ffn_gate"
    case .up(let layer): "blk.\(layer).ffn_up"
    case .down(let layer): "blk.\(layer).ffn_down"
    }
  }
}
