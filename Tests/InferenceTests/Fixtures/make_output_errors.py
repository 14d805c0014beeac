"""Writes `output-errors.json`: how far dropping keys moves what attention adds, by plain torch.

    python make_output_errors.py

Made with torch 2.15.0 and transformers 5.2.0, in float32 with eager attention, from checkpoints that
the other scripts made: grouped heads, a norm behind attention with windows, a transposed output
projection, a parallel block. The text is the first 24 tokens of each model's reference: 23 cached
positions, the rows of the last three queries. Positions go by descending key norm before the
rotation, the later of equal ones first. What remains, the query's own position included, shares the
weight of 1; the squared length of the change behind the output projection (and behind the norm that
follows it, with the row's own divisor) is divided by that of the residual stream that enters the
layer.

    {model: [layer][kv_head][point]}, points 0 %, 5 %, ... 100 %, means over the rows
"""

import json

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from make_captures import layers_of, unrotated_keys
from make_fixtures import HERE

MODELS = ["gqa-tied", "architectures/gemma3", "architectures/gpt2", "architectures/phi"]
TOKENS, ROWS, POINTS = 24, 3, 21


def output_errors(name: str) -> list:
    path = HERE / name
    model = AutoModelForCausalLM.from_pretrained(
        path, dtype=torch.float32, attn_implementation="eager").eval()
    tokens = load_file(path / "reference.safetensors")["tokens"].flatten()[:TOKENS].long()
    keys, values, streams, branches = {}, {}, {}, {}
    unrotated_keys(model, keys)
    layers = layers_of(model)
    config = model.config.get_text_config()
    heads = config.num_attention_heads
    # This GPT-2 has a stray field, which it does not read.
    kv_heads = heads if hasattr(layers[0], "attn") else config.num_key_value_heads
    for index, layer in enumerate(layers):
        attention = layer.attn if hasattr(layer, "attn") else layer.self_attn
        layer.register_forward_pre_hook(
            lambda m, a, i=index: streams.__setitem__(i, a[0][0].detach()))
        if hasattr(attention, "c_attn"):
            def split(module, arguments, output, i=index):
                _, keys[i], values[i] = output[0].detach().chunk(3, -1)

            attention.c_attn.register_forward_hook(split)
            output = attention.c_proj
        else:
            attention.v_proj.register_forward_hook(
                lambda m, a, o, i=index: values.__setitem__(i, o[0].detach()))
            output = getattr(attention, "o_proj", None) or attention.dense
        output.register_forward_hook(
            lambda m, a, o, i=index: branches.__setitem__(i, o[0].detach()))
    with torch.no_grad():
        attentions = model(tokens[None], output_attentions=True).attentions
    result = []
    for index, layer in enumerate(layers):
        attention = layer.attn if hasattr(layer, "attn") else layer.self_attn
        scores = attentions[index][0].double()
        value = values[index].double().view(TOKENS, kv_heads, -1)
        norms = keys[index].double().view(TOKENS, kv_heads, -1).norm(dim=-1)
        if hasattr(attention, "c_proj"):
            weight = attention.c_proj.weight.double().T
        else:
            weight = (getattr(attention, "o_proj", None) or attention.dense).weight.double()
        norm = getattr(layer, "pre_feedforward_layernorm", None) and layer.post_attention_layernorm
        dim, group = value.shape[-1], heads // kv_heads
        window = None
        if getattr(config, "layer_types", None) and config.layer_types[index] != "full_attention":
            window = config.sliding_window
        rows = []
        for kv_head in range(kv_heads):
            points = torch.zeros(POINTS, dtype=torch.float64)
            for t in range(TOKENS - ROWS, TOKENS):
                count = t if window is None else min(t, window - 1)
                places = sorted(
                    range(t - count, t), key=lambda p: (-norms[p, kv_head].item(), -p))
                for point in range(POINTS):
                    kept = sorted(places[point * count // (POINTS - 1):]) + [t]
                    move = torch.zeros(weight.shape[0], dtype=torch.float64)
                    for head in range(kv_head * group, (kv_head + 1) * group):
                        row = scores[head, t]
                        whole = row[t - count:t + 1] @ value[t - count:t + 1, kv_head]
                        left = row[kept] @ value[kept, kv_head] / row[kept].sum()
                        move += weight[:, head * dim:(head + 1) * dim] @ (left - whole)
                    if norm is not None:
                        branch = branches[index][t].double()
                        variance = branch.pow(2).mean() + config.rms_norm_eps
                        move = move * (1 + norm.weight.double()) / variance.sqrt()
                    points[point] += move.pow(2).sum() / streams[index][t].double().pow(2).sum()
            rows.append([float(f"{x:.9g}") for x in points / ROWS])
        result.append(rows)
    return result


if __name__ == "__main__":
    errors = {name: output_errors(name) for name in MODELS}
    (HERE / "output-errors.json").write_text(json.dumps(errors) + "\n")
