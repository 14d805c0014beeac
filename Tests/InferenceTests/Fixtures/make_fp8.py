"""Writes `fp8/NAME`: tiny checkpoints with FP8 weights and their scales.

    python make_fp8.py [NAME...]

Made with torch 2.15.0 and transformers 5.2.0, from the random models of `make_architectures.py`.
Scales are laid out as published checkpoints have them: one for each block of a matrix
(`weight_scale_inv`; blocks at the edge are smaller), one a row (compressed-tensors, FBGEMM), one a
tensor, and exponents alone for experts stacked in three dimensions. `reference.safetensors` is
computed by transformers in float32 from weight = stored value · scale; of `block-even` from what
its own loader makes of the file (it refuses or misreads blocks that are cut at an edge, and
compressed-tensors rounds what it widens to bf16, so the others cannot be held to it).
"""

import json
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, FineGrainedFP8Config

import make_architectures
from make_architectures import COMMON, random_model, reference, seed_of
from make_fixtures import HERE, prompt

SIZES = {"hidden_size": 48, "intermediate_size": 72, "num_hidden_layers": 2, "head_dim": 8}
EXPERTS = {"num_hidden_layers": 2, "num_experts": 4, "num_experts_per_tok": 2, "head_dim": 8,
           "moe_intermediate_size": 24}
E4M3, E5M2 = torch.float8_e4m3fn, torch.float8_e5m2

# Name: model type, changes, weight type, block (0: as long as the weight), scale type,
# scale's ending, quantization_config
VARIANTS = {
    "block": ("llama", SIZES, E4M3, (32, 32), torch.float32, "_scale_inv", {
        "quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic",
        "weight_block_size": [32, 32]}),
    "block-even": ("llama", SIZES, E4M3, (8, 8), torch.float32, "_scale_inv", {
        "quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic",
        "weight_block_size": [8, 8]}),
    "row": ("qwen3", SIZES, E4M3, (1, 0), torch.bfloat16, "_scale", {
        "quant_method": "compressed-tensors", "format": "float-quantized",
        "quantization_status": "compressed", "ignore": ["lm_head"], "config_groups": {
            "group_0": {"targets": ["Linear"], "weights": {
                "num_bits": 8, "type": "float", "strategy": "channel"}}}}),
    "fbgemm": ("llama", SIZES, E4M3, (1, 0), torch.float32, "_scale", {
        "quant_method": "fbgemm_fp8", "activation_scale_ub": 1200.0}),
    "tensor": ("llama", SIZES, E5M2, (0, 0), torch.float32, "_scale", {
        "quant_method": "fp8", "activation_scheme": "static"}),
    "experts": ("qwen3_moe", EXPERTS, E4M3, (16, 8), torch.float8_e8m0fnu, "_scale_inv", {
        "quant_method": "fp8", "fmt": "e4m3", "scale_fmt": "ue8m0",
        "weight_block_size": [16, 8]}),
}


def spread(scale: torch.Tensor, shape: tuple, block: tuple) -> torch.Tensor:
    """Scales repeated over their blocks, cut at the matrix's edges."""
    for axis, size in zip((-2, -1), block):
        scale = scale.repeat_interleave(size, axis).narrow(axis, 0, shape[axis])
    return scale


def quantized(weight: torch.Tensor, kind: torch.dtype, block: tuple, scale_kind: torch.dtype):
    """The stored values, the scales, and what they stand for in float32."""
    weight = weight.float()
    rows, columns = weight.shape[-2:]
    height, width = block[0] or rows, block[1] or columns
    padded = torch.nn.functional.pad(weight.abs(), (0, -columns % width, 0, -rows % height))
    tiles = padded.unflatten(-1, (-1, width)).unflatten(-3, (-1, height))
    scale = (tiles.amax((-3, -1)) / torch.finfo(kind).max).clamp(min=1e-8)
    if scale_kind == torch.float8_e8m0fnu:
        scale = scale.log2().ceil().exp2()
    scale = scale.to(scale_kind)
    factors = spread(scale.float(), weight.shape, (height, width))
    stored = (weight / factors).clamp(-torch.finfo(kind).max, torch.finfo(kind).max).to(kind)
    return stored, scale, stored.float() * factors


def is_quantized(name: str) -> bool:
    return ("proj" in name and name.endswith("weight")) or "experts" in name


def write(name: str) -> None:
    kind, changes, weight_kind, block, scale_kind, ending, quantization = VARIANTS[name]
    folder = HERE / "fp8" / name
    shutil.rmtree(folder, ignore_errors=True)
    make_architectures.VARIANTS[name] = (kind, changes)
    model = random_model(name)
    model.save_pretrained(folder, save_original_format=False)
    (folder / "generation_config.json").unlink(missing_ok=True)
    tensors, widened = {}, {}
    for path, weight in model.state_dict().items():
        if path == "lm_head.weight":
            continue  # tied
        if not is_quantized(path):
            tensors[path] = weight.contiguous()
            widened[path] = weight.float()
            continue
        stored, scale, values = quantized(weight, weight_kind, block, scale_kind)
        tensors[path], widened[path] = stored, values
        if name == "tensor":
            scale = scale.reshape(()) if "q_proj" in path else scale.reshape(1)
            tensors[path.removesuffix("weight") + "input_scale"] = torch.tensor(0.5)
        tensors[path + ending] = scale.contiguous()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    path = folder / "config.json"
    config = json.loads(path.read_text()) | {"quantization_config": quantization}
    path.write_text(json.dumps(config, indent=2) + "\n")

    plain = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(kind, **(COMMON | changes)), dtype=torch.float32)
    missing, unexpected = plain.load_state_dict(widened, strict=False)
    assert missing in ([], ["lm_head.weight"]) and not unexpected, (missing, unexpected)
    plain.tie_weights()
    if name == "block-even":
        plain = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32,
            quantization_config=FineGrainedFP8Config(dequantize=True)).float()
    save_file(reference(plain, prompt(seed_of(name))), folder / "reference.safetensors")
    print(f"{name:10} {sum(p.stat().st_size for p in folder.iterdir()) // 1024:4} KiB")


if __name__ == "__main__":
    for name in sys.argv[1:] or VARIANTS:
        write(name)
