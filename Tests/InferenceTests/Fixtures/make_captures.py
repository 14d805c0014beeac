"""Writes `captures/NAME.safetensors`: what a cache of transformers holds after a prompt.

    python make_captures.py

Made with torch 2.15.0 and transformers 5.2.0, in float32 with eager attention, from checkpoints that
the other scripts made: grouped heads, biases, normed heads, a window, a stretched rotation that
scales keys, soft caps, no rotation at all. The prompt is the first 24 tokens of each model's
reference. A fresh `DynamicCache` is filled in one pass; it keeps every position, so keys and values
are there whole also where a window hides the early ones from the last query.

    tokens      (n)                             int32
    attention   (layers, heads, n, n)           float32
    keys        (layers, kv_heads, n, head_dim) float32, after the rotation, as the cache holds them
    values      (layers, kv_heads, n, head_dim) float32
    key_norms   (layers, kv_heads, n)           float64, of those keys
    unrotated   as keys; where keys leave a module of their own (`k_norm` or `k_proj`), that output
"""

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, DynamicCache

from make_fixtures import HERE

MODELS = [
    "gqa-tied", "biases", "architectures/qwen3", "architectures/mistral",
    "architectures/llama-yarn", "architectures/gemma2", "architectures/gpt2",
]
TOKENS = 24


def layers_of(model) -> list:
    return model.transformer.h if hasattr(model, "transformer") else model.model.layers


def unrotated_keys(model, kept: dict[int, torch.Tensor]) -> None:
    """Fills `kept` with (n, kv_heads, head_dim) of each layer as the pass computes them."""
    for index, layer in enumerate(layers_of(model)):
        attention = getattr(layer, "self_attn", None)
        module = getattr(attention, "k_norm", None) or getattr(attention, "k_proj", None)
        if module is None:
            continue

        def keep(_, __, output, index=index, size=attention.head_dim):
            kept[index] = output[0].reshape(output.shape[1], -1, size)

        module.register_forward_hook(keep)


def capture(name: str) -> dict[str, torch.Tensor]:
    model = AutoModelForCausalLM.from_pretrained(HERE / name, dtype=torch.float32).eval()
    model.set_attn_implementation("eager")
    ids = load_file(HERE / name / "reference.safetensors")["tokens"][:TOKENS].long()
    cache, unrotated = DynamicCache(), {}
    unrotated_keys(model, unrotated)
    with torch.no_grad():
        output = model(
            input_ids=ids[None], past_key_values=cache, use_cache=True, output_attentions=True)
    keys = torch.cat([layer.keys for layer in cache.layers]).contiguous()
    assert keys.shape[2] == TOKENS
    arrays = {
        "tokens": ids.to(torch.int32),
        "attention": torch.cat(output.attentions).contiguous(),
        "keys": keys,
        "values": torch.cat([layer.values for layer in cache.layers]).contiguous(),
        "key_norms": keys.double().square().sum(-1).sqrt(),
    }
    if unrotated:
        arrays["unrotated"] = torch.stack(
            [unrotated[index].transpose(0, 1) for index in range(len(unrotated))]).contiguous()
    return arrays


def main() -> None:
    folder = HERE / "captures"
    folder.mkdir(exist_ok=True)
    for name in MODELS:
        save_file(capture(name), folder / f"{name.rsplit('/', 1)[-1]}.safetensors")


if __name__ == "__main__":
    main()
