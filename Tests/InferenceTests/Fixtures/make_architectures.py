"""Writes `architectures/NAME`: one tiny checkpoint for each architecture and variant.

    python make_architectures.py [NAME...]

Made with torch 2.15.0 and transformers 5.2.0; `olmo3`, of which that version scales the rotation
of windowed layers too, with 5.23.0. Models are drawn as in `make_fixtures.py` and stored
in float16; `reference.safetensors` has the same members, computed in float32 with eager attention
and without a cache from the weights as stored. Its key norms are those of the rotated keys, so a
rotation that scales lengths scales them too. The prompt of 67 tokens is longer than every window
and every context that a scaling of the rotation starts from.
"""

import json
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

from make_fixtures import ATTENTION_ROWS, HERE, VOCABULARY, edit_config, prompt

COMMON = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128,
    "initializer_range": 0.2, "tie_word_embeddings": True, "bos_token_id": 0, "eos_token_id": 1,
    "pad_token_id": None,
}
# Heads of 16 dimensions have frequencies on both sides of every scaling threshold.
WIDE_HEADS = {"head_dim": 16, "num_hidden_layers": 2}


def rope(kind: str = "default", base: float = 10000.0, **rest) -> dict:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": base, **rest}}


YARN = {"factor": 4.0, "original_max_position_embeddings": 32}
LONGROPE = {
    "short_factor": [1.0, 1.1, 1.2, 1.3, 1.5, 2.0], "long_factor": [1.0, 1.5, 2.0, 3.0, 5.0, 8.0],
}
EXPERTS = {"num_hidden_layers": 2, "intermediate_size": 24}

TOWER = {
    "hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2, "num_key_value_heads": 1,
    "head_dim": 6, "query_pre_attn_scalar": 4, "sliding_window": 16,
}

# Dozens of random layers would amplify rounding beyond any tolerance: theirs add little each.
TOWERS = ["gemma2-27b", "gemma3-27b"]

# Name: model type, changes of COMMON.
VARIANTS = {
    "llama-linear": ("llama", WIDE_HEADS | rope("linear", factor=2.5)),
    "llama-dynamic": (
        "llama", WIDE_HEADS | {"max_position_embeddings": 40} | rope("dynamic", factor=2.0)),
    "llama-llama3": ("llama", WIDE_HEADS | rope(
        "llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=32)),
    "llama-yarn": ("llama", WIDE_HEADS | rope("yarn", **YARN)),
    "llama-yarn-options": ("llama", WIDE_HEADS | rope(
        "yarn", beta_fast=4.0, beta_slow=0.5, truncate=False, mscale=0.7, mscale_all_dim=0.2,
        **YARN)),
    "mistral": ("mistral", {"sliding_window": 16, "head_dim": 16, "num_hidden_layers": 2}),
    "mixtral": ("mixtral", EXPERTS | {
        "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None}),
    "mixtral-stacked": ("mixtral", EXPERTS | {
        "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None}),
    "qwen2": ("qwen2", {}),
    "qwen2-windows": ("qwen2", {
        "use_sliding_window": True, "sliding_window": 16, "max_window_layers": 1,
        "num_hidden_layers": 2}),
    "qwen3": ("qwen3", WIDE_HEADS),
    "qwen3_moe": ("qwen3_moe", EXPERTS | {
        "head_dim": 16, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24,
        "norm_topk_prob": True}),
    "qwen3_moe-mixed": ("qwen3_moe", EXPERTS | {
        "head_dim": 8, "num_hidden_layers": 3, "num_experts": 4, "num_experts_per_tok": 2,
        "moe_intermediate_size": 16, "norm_topk_prob": False, "mlp_only_layers": [1],
        "use_sliding_window": True, "sliding_window": 20}),
    "gemma": ("gemma", {"head_dim": 16, "num_hidden_layers": 2, "num_key_value_heads": 1}),
    "gemma2": ("gemma2", {
        "head_dim": 12, "query_pre_attn_scalar": 12, "sliding_window": 16,
        "attn_logit_softcapping": 4.0, "final_logit_softcapping": 6.0}),
    # GGUF files tell the 27B models by their layers alone.
    "gemma2-27b": ("gemma2", TOWER | {
        "num_hidden_layers": 46, "attn_logit_softcapping": 4.0, "final_logit_softcapping": 6.0}),
    "gemma3-27b": ("gemma3_text", TOWER | {
        "num_hidden_layers": 62, "rope_parameters": {
            "full_attention": {"rope_type": "linear", "rope_theta": 1000000.0, "factor": 8.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}}),
    "gemma3": ("gemma3_text", {
        "num_hidden_layers": 6, "intermediate_size": 32, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "query_pre_attn_scalar": 16,
        "sliding_window": 16, "rope_parameters": {
            "full_attention": {"rope_type": "linear", "rope_theta": 1000000.0, "factor": 4.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}}),
    "phi": ("phi", {
        "tie_word_embeddings": False, "num_attention_heads": 2, "num_key_value_heads": 2,
        "intermediate_size": 128, "num_hidden_layers": 2}),
    "phi-head-norms": ("phi", {
        "tie_word_embeddings": False, "num_hidden_layers": 2, "qk_layernorm": True}),
    "phi3-short": ("phi3", WIDE_HEADS | {
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 256,
        "original_max_position_embeddings": 128, "partial_rotary_factor": 0.75, "head_dim": 16,
    } | rope("longrope", partial_rotary_factor=0.75, **LONGROPE)),
    "phi3-long": ("phi3", WIDE_HEADS | {
        "num_attention_heads": 2, "num_key_value_heads": 1, "original_max_position_embeddings": 32,
        "partial_rotary_factor": 0.75, "sliding_window": 24,
    } | rope("longrope", partial_rotary_factor=0.75, **LONGROPE)),
    "gpt2": ("gpt2", {
        "n_embd": 32, "n_layer": 3, "n_head": 4, "max_position_embeddings": 80, "n_ctx": 80}),
    "gpt_neox": ("gpt_neox", {
        "num_attention_heads": 2, "num_hidden_layers": 2, "tie_word_embeddings": False}),
    "gpt_neox-sequential": ("gpt_neox", {
        "num_attention_heads": 2, "num_hidden_layers": 2, "tie_word_embeddings": False,
        "use_parallel_residual": False, "attention_bias": False}),
    "gpt2-layer-scale": ("gpt2", {
        "n_embd": 32, "n_layer": 3, "n_head": 4, "max_position_embeddings": 80, "n_ctx": 80,
        "scale_attn_by_inverse_layer_idx": True}),
    "olmo2": ("olmo2", {"num_hidden_layers": 2, "tie_word_embeddings": False}),
    "olmo3": ("olmo3", {
        "num_hidden_layers": 4, "intermediate_size": 32, "tie_word_embeddings": False,
        "sliding_window": 16, "rope_parameters": {
            "full_attention": {"rope_type": "yarn", "rope_theta": 500000.0, **YARN},
            "sliding_attention": {"rope_type": "default", "rope_theta": 500000.0}}}),
    "smollm3": ("smollm3", {"num_hidden_layers": 4, "intermediate_size": 32}),
    "smollm3-windows": ("smollm3", {
        "no_rope_layers": [1, 0, 1], "use_sliding_window": True, "sliding_window": 16,
        "attention_bias": True, "mlp_bias": True}),
    "granite": ("granite", {
        "embedding_multiplier": 3.0, "residual_multiplier": 0.6, "attention_multiplier": 0.2,
        "logits_scaling": 2.0}),
    "starcoder2": ("starcoder2", {"sliding_window": None, "num_hidden_layers": 2}),
    "starcoder2-window": ("starcoder2", {
        "sliding_window": 16, "use_bias": False, "num_hidden_layers": 2}),
    "stablelm": ("stablelm", {
        "num_attention_heads": 2, "num_key_value_heads": 1, "use_qkv_bias": True,
        "tie_word_embeddings": False, "num_hidden_layers": 2}),
    "stablelm-parallel": ("stablelm", {
        "use_parallel_residual": True, "qk_layernorm": True, "num_hidden_layers": 2,
        "partial_rotary_factor": 0.5}),
}

# Experts as transformers 5 has them in memory, three dimensions to a tensor.
STACKED = ["mixtral-stacked"]

# What is written by hand into config.json, in the older spelling; None removes a field.
# transformers 5.2 would read the newer one of GPT-NeoX as a share of 0.25 whatever it says.
EDITS = {
    "gpt_neox-sequential": {
        "rope_parameters": None, "rotary_pct": 0.5, "rotary_emb_base": 500.0, "dtype": None,
        "torch_dtype": "float16"},
}


def seed_of(name: str) -> int:
    return 100 + sum(name.encode())


def random_model(name: str) -> torch.nn.Module:
    """Linear layers as transformers draws them; norms, biases and routers drawn too."""
    kind, changes = VARIANTS[name]
    torch.manual_seed(seed_of(name))
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **(COMMON | changes)))
    middle = 0.0 if kind.startswith("gemma") else 1.0  # Gemma adds 1 to what is stored
    with torch.no_grad():
        for path, module in model.named_modules():
            if "Norm" in type(module).__name__ and hasattr(module, "weight"):
                module.weight.uniform_(middle - 0.4, middle + 0.4)
                if name in TOWERS and "post_" in path:
                    module.weight.uniform_(-0.99, -0.97)
                # Few enough bits that adding 1 in float16, as converters do, is exact.
                module.weight.mul_(256).round_().div_(256)
        for path, parameter in model.named_parameters():
            if path.endswith(".bias"):
                parameter.normal_(std=0.3)
            elif path.endswith("mlp.gate.weight"):
                parameter.normal_(std=1.0)
    return model.to(torch.float16)


def reference(model: torch.nn.Module, ids: torch.Tensor) -> dict[str, torch.Tensor]:
    """Logits, and what the eager attention of each layer was given and made."""
    model = model.to(torch.float32).eval()
    model.set_attn_implementation("eager")
    attention = next(module for module in model.modules() if hasattr(module, "layer_idx")
                     and type(module).__name__.endswith(("Attention", "SdpaAttention")))
    source = sys.modules[type(attention).__module__]
    plain = source.eager_attention_forward
    keys, scores = [], []

    def recording(module, query, key, value, *rest, **named):
        output, weights = plain(module, query, key, value, *rest, **named)
        keys.append(key[0])
        scores.append(weights[0])
        return output, weights

    source.eager_attention_forward = recording
    try:
        with torch.no_grad():
            logits = model(input_ids=ids[None], use_cache=False).logits[0]
    finally:
        source.eager_attention_forward = plain
    return {
        "tokens": ids.to(torch.int32),
        "logits": logits.contiguous(),
        "attention_rows": torch.tensor(ATTENTION_ROWS, dtype=torch.int32),
        "attention": torch.stack(scores)[:, :, ATTENTION_ROWS].contiguous(),
        "key_norms": torch.stack(keys).double().square().sum(-1).sqrt().contiguous(),
    }


def write(name: str) -> None:
    folder = HERE / "architectures" / name
    shutil.rmtree(folder, ignore_errors=True)
    random_model(name).save_pretrained(folder, save_original_format=name not in STACKED)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if edits := EDITS.get(name):
        edit_config(folder, [key for key, value in edits.items() if value is None],
                    {key: value for key, value in edits.items() if value is not None})
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    save_file(reference(model, prompt(seed_of(name))), folder / "reference.safetensors")
    size = sum(path.stat().st_size for path in folder.iterdir())
    config = json.loads((folder / "config.json").read_text())
    print(f"{name:20} {size // 1024:4} KiB  {config['model_type']}")


if __name__ == "__main__":
    for name in sys.argv[1:] or VARIANTS:
        write(name)
