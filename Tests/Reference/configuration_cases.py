"""The configurations that `compare_configurations.py` tries: one field or spelling at a time.

A case is the fields of a config.json over those of its architecture in `PLAIN`. Rotations are in
`rotation_cases.py`.
"""

from dataclasses import dataclass

TEXT = ("The quick brown fox jumps over the lazy dog. Paris is the capital of France, is it not? "
        "Yes, it is: 1 + 1 = 2.")
LONG_TEXT = "".join(f"{number} is {number * number % 97}, " for number in range(460))[:4180]
LEFT_OUT = object()

SIZES = {
    "vocab_size": 256, "hidden_size": 64, "intermediate_size": 48, "num_hidden_layers": 4,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256,
    "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "tie_word_embeddings": False,
}
GPT2_SIZES = {
    "vocab_size": 256, "n_embd": 64, "n_layer": 4, "n_head": 4, "n_positions": 256,
    "bos_token_id": 1, "eos_token_id": 2,
}
WIDE = {"head_dim": 16}
EXPERTS = {"num_experts": 6, "num_experts_per_tok": 3, "moe_intermediate_size": 24}

# What an architecture needs beside the sizes.
PLAIN = {
    "gemma": SIZES | WIDE,
    "gemma2": SIZES | WIDE,
    "gemma3_text": SIZES | WIDE | {"num_hidden_layers": 6},
    "gpt2": GPT2_SIZES,
    "gpt_neox": {key: value for key, value in SIZES.items() if key != "num_key_value_heads"},
    "granite": SIZES | {"attention_multiplier": 0.25},
    "llama": SIZES,
    "mistral": SIZES,
    "mixtral": SIZES | WIDE | {"num_local_experts": 4, "num_experts_per_tok": 2},
    "olmo2": SIZES,
    "olmo3": SIZES,
    "phi": SIZES,
    "phi3": SIZES,
    "qwen2": SIZES,
    "qwen3": SIZES | WIDE,
    "qwen3_moe": SIZES | WIDE | EXPERTS,
    "smollm3": SIZES,
    "stablelm": SIZES,
    "starcoder2": SIZES,
}
ROTATING = [kind for kind in PLAIN if kind != "gpt2"]


@dataclass(frozen=True)
class Case:
    name: str
    fields: dict
    plain_fields: dict  # of a model of the same sizes, where transformers refuses `fields`
    text: str = TEXT
    checks_output: bool = False


CASES: list[Case] = []


def add(kind: str, name: str, changes: dict | None = None, plain: dict | None = None,
        **options) -> None:
    """A case whose checkpoint has the sizes of `plain` and whose config.json has `changes` too."""
    base = {"model_type": kind, "dtype": "float32"} | PLAIN[kind] | (plain or {})
    fields = {key: value for key, value in (base | (changes or {})).items()
              if value is not LEFT_OUT}
    CASES.append(Case(f"{kind}/{name}", fields, base, **options))


def alternating(kind: str) -> list[str]:
    return [("full_attention", "sliding_attention")[index % 2]
            for index in range(PLAIN[kind].get("num_hidden_layers", 4))]


EPSILON = {"gpt2": "layer_norm_epsilon", "gpt_neox": "layer_norm_eps", "phi": "layer_norm_eps",
           "stablelm": "layer_norm_eps", "starcoder2": "norm_epsilon"}
ACTIVATION = {"gemma2": "hidden_activation", "gemma3_text": "hidden_activation",
              "gpt2": "activation_function"}

TIED = {"gemma", "gemma2", "gemma3_text", "gpt2", "smollm3", "starcoder2"}  # if not said otherwise
TYPED = {"gemma2", "gemma3_text", "mistral", "olmo3", "qwen2", "qwen3", "qwen3_moe", "smollm3"}

# Fields of some architecture. Each must change nothing in those that do not read it, all at once.
ANYWHERE = {
    "attention_bias": True, "mlp_bias": True, "use_bias": False, "use_qkv_bias": True,
    "qkv_bias": True, "bias": True, "qk_layernorm": True, "use_qk_norm": True,
    "use_parallel_residual": True, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 2.0,
    "query_pre_attn_scalar": 100, "attention_multiplier": 0.1, "embedding_multiplier": 3.0,
    "residual_multiplier": 0.4, "logits_scaling": 4.0, "logit_scale": 3.0, "sliding_window": 16,
    "use_sliding_window": True, "max_window_layers": 2, "use_bidirectional_attention": True,
    "is_decoder": False, "rms_norm_eps": 0.1, "layer_norm_eps": 0.1, "norm_epsilon": 0.1,
    "layer_norm_epsilon": 0.1, "hidden_dropout": 0.3, "attention_dropout": 0.3, "clip_qkv": 0.1,
    "rope_interleaved": True, "scale_attn_weights": False,
    "scale_attn_by_inverse_layer_idx": True, "no_rope_layers": [0, 1, 0, 1, 1, 1],
    "no_rope_layer_interval": 2, "pretraining_tp": 2, "norm_topk_prob": True,
    "num_experts_per_tok": 1, "attention_scale": 0.3, "embedding_scale": 2.0,
    "scale_embedding": True, "norm_after": True, "scaling": 0.2, "mscale": 2.0,
    "original_max_position_embeddings": 32, "rope_local_base_freq": 500.0,
    "sliding_window_pattern": 2, "_sliding_window_pattern": 2, "rope_type": "linear",
    "attention_chunk_size": 16, "attn_temperature_tuning": True, "first_k_dense_replace": 2,
    "routed_scaling_factor": 2.0, "rotary_pct": 0.5, "rotary_emb_base": 500.0, "rotary_dim": 4,
    "tie_encoder_decoder": True, "head_size": 8, "decoder_sparse_step": 2,
    "mlp_only_layers": [0], "hidden_act": "relu", "hidden_activation": "relu",
    "activation_function": "relu", "shared_expert_intermediate_size": 24,
}
WINDOWS = {"sliding_window", "use_sliding_window", "max_window_layers"}
# What an architecture reads, and values of it that each are a case; none where a table below has it.
READ: dict[str, dict[str, list]] = {
    "gemma": {"attention_bias": [True]},
    "gemma2": {"attention_bias": [True], "attn_logit_softcapping": [2.0, None, LEFT_OUT],
               "final_logit_softcapping": [2.0, None], "query_pre_attn_scalar": [100],
               "sliding_window": [16, None]},
    "gemma3_text": {"attention_bias": [True], "final_logit_softcapping": [2.0],
                    "query_pre_attn_scalar": [100], "sliding_window": [16, None],
                    "use_bidirectional_attention": [True], "rope_local_base_freq": [500.0],
                    "sliding_window_pattern": [2], "_sliding_window_pattern": [2]},
    "gpt2": {"scale_attn_weights": [False], "n_inner": [40],
             "scale_attn_by_inverse_layer_idx": [True], "reorder_and_upcast_attn": [True]},
    "gpt_neox": {"attention_bias": [False], "use_parallel_residual": [False, True],
                 "rotary_pct": [0.5], "rotary_emb_base": [500.0]},
    "granite": {"attention_bias": [True], "mlp_bias": [True],
                "attention_multiplier": [0.1, LEFT_OUT], "embedding_multiplier": [3.0],
                "residual_multiplier": [0.4], "logits_scaling": [4.0]},
    "llama": {"attention_bias": [True], "mlp_bias": [True]},
    "mistral": {"sliding_window": [16, None]},
    "mixtral": {"sliding_window": [16, None], "num_experts_per_tok": [1, 4],
                "router_jitter_noise": [0.5]},
    "olmo2": {"attention_bias": [True]},
    "olmo3": {"attention_bias": [True], "sliding_window": [16, None]},
    "phi": {"qk_layernorm": [True]},
    "phi3": {"sliding_window": [16, None], "original_max_position_embeddings": [32]},
    "qwen2": dict.fromkeys(WINDOWS, []),
    "qwen3": dict.fromkeys(WINDOWS, []) | {"attention_bias": [True]},
    "qwen3_moe": dict.fromkeys(WINDOWS, []) | {
        "attention_bias": [True], "norm_topk_prob": [True, False], "num_experts_per_tok": [1, 6],
        "decoder_sparse_step": [2, 3], "mlp_only_layers": [[0, 2], None, [9], [-1]]},
    "smollm3": dict.fromkeys(WINDOWS, []) | {
        "attention_bias": [True], "mlp_bias": [True], "no_rope_layers": [[0, 1, 0, 1], None],
        "no_rope_layer_interval": [2, 3]},
    "stablelm": {"use_qkv_bias": [True], "qk_layernorm": [True],
                 "use_parallel_residual": [True]},
    "starcoder2": {"use_bias": [False], "sliding_window": [16, None]},
}

for kind, read in READ.items():
    epsilon = EPSILON.get(kind, "rms_norm_eps")
    activation = ACTIVATION.get(kind, "hidden_act")
    add(kind, "plain", checks_output=True)
    if kind not in TIED:
        add(kind, "tied", {"tie_word_embeddings": True}, checks_output=True)
    add(kind, "tied=left-out", {"tie_word_embeddings": LEFT_OUT}, checks_output=True)
    ignored = {field: value for field, value in ANYWHERE.items()
               if field not in {*read, epsilon, activation}}
    if kind in TYPED:
        add(kind, "layer-types", {"sliding_window": 16, "layer_types": alternating(kind)})
    else:
        ignored["layer_types"] = alternating(kind)
    add(kind, "ignored", ignored, checks_output=True)
    add(kind, f"{epsilon}=0.1", {epsilon: 0.1})
    add(kind, f"{activation}=gelu", {activation: "gelu"})
    for field, values in read.items():
        for value in values:
            shown = "left-out" if value is LEFT_OUT else str(value).replace(" ", "")
            add(kind, f"{field}={shown}", {field: value}, checks_output=True)
for value in ("silu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "quick_gelu", "gelu_python"):
    add("llama", f"hidden_act={value}", {"hidden_act": value})
for kind in ("llama", "gemma2", "gpt2"):
    activation = ACTIVATION.get(kind, "hidden_act")
    add(kind, f"{activation}=relu", {activation: "relu"})
    add(kind, "is_causal=False", {"is_causal": False})

# Heads.
for kind in ROTATING:
    sizes = {"num_attention_heads": 3, "hidden_size": 48, "num_hidden_layers": 5}
    if kind != "stablelm":
        sizes["head_dim"] = 24
    if kind != "gpt_neox":
        sizes["num_key_value_heads"] = 1
        add(kind, "kv=left-out", {"num_key_value_heads": LEFT_OUT}, {"num_key_value_heads": 4})
    add(kind, "odd-sizes", {}, sizes)
    add(kind, "head-dim=left-out", {"head_dim": LEFT_OUT})
for kind in ("llama", "granite", "qwen2", "gemma"):
    add(kind, "kv=None", {"num_key_value_heads": None}, {"num_key_value_heads": 4})
    add(kind, "head-dim=None", {"head_dim": None})

# Windows.
for kind in ("qwen2", "qwen3", "qwen3_moe", "smollm3"):
    window = {"sliding_window": 16}
    types = {"layer_types": alternating(kind)}
    used, unused = {"use_sliding_window": True}, {"use_sliding_window": False}
    add(kind, "window", window)
    add(kind, "window-unused", window | unused | {"max_window_layers": 2})
    add(kind, "window-used", window | used)
    add(kind, "window-used-above", window | used | {"max_window_layers": 2})
    add(kind, "window-used-null", used | {"max_window_layers": 0, "sliding_window": None})
    add(kind, "layer-types-used", window | types | used)
    add(kind, "layer-types-unused", window | types | unused)
for name, changes in {
        "pattern-of-types": {"sliding_window_pattern": 2, "layer_types": [
            "sliding_attention", "full_attention"] * 3},
        "pattern-against-types": {"sliding_window_pattern": 3, "layer_types": [
            "sliding_attention", "full_attention"] * 3},
        "copied-pattern": {"_sliding_window_pattern": 6}}.items():
    add("gemma3_text", name, {"sliding_window": 16} | changes)

# Defaults that only a long text shows: two layers of one head.
SMALL = {"hidden_size": 16, "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 16,
         "num_hidden_layers": 2, "max_position_embeddings": 8192, "intermediate_size": 16}
for kind in ("gemma2", "gemma3_text", "mistral", "mixtral", "olmo3", "phi3", "starcoder2"):
    add(kind, "window=left-out", SMALL, SMALL, text=LONG_TEXT)
for kind in ("qwen2", "qwen3", "qwen3_moe", "smollm3"):
    add(kind, "window-used=left-out", SMALL | {
        "use_sliding_window": True, "max_window_layers": 0, "no_rope_layers": [0, 1]}, SMALL,
        text=LONG_TEXT)

# Experts.
for name, changes in {
        "one-normalised": {"num_experts_per_tok": 1, "norm_topk_prob": True},
        "dense-layers-step": {"mlp_only_layers": [1], "decoder_sparse_step": 2},
        "local": {"num_experts": LEFT_OUT, "num_local_experts": 6},
        "both": {"num_local_experts": 6},
        "both-differ": {"num_local_experts": 5}}.items():
    add("qwen3_moe", f"experts-{name}", changes)
for name, changes in {
        "named-otherwise": {"num_local_experts": LEFT_OUT, "num_experts": 4},
        "both": {"num_experts": 4}}.items():
    add("mixtral", f"experts-{name}", changes)
