"""Freezes random blocks of every computable type and the values that the reference gives them.

For each type two tensors of dequantize.safetensors: TYPE.stored (bytes) and TYPE.values (float32),
from the `gguf` package's own dequantization and, for the 8-bit floats, from torch.

Run: python make_dequantize.py   (needs numpy, torch, gguf, safetensors)
"""

import pathlib

import numpy as np
import torch
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize
from safetensors.numpy import save_file

# Where the float16 scales and minimums of a block stand.
HALVES = {
    "Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}
# Ordinary, smallest subnormal, a subnormal, minus zero, largest, infinity, NaN.
SCALES = [0.0123, 2.0**-24, -(2.0**-17), -0.0, 65504.0, float("inf"), float("nan")]


def blocks(name, random):
    _, size = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
    rows = random.integers(0, 256, (len(SCALES), size), dtype=np.uint8)
    for row, scale in enumerate(SCALES):
        for place, offset in enumerate(HALVES[name]):
            value = scale if place == 0 else SCALES[(row + 1) % len(SCALES)]
            rows[row, offset : offset + 2] = np.frombuffer(np.float16(value).tobytes(), np.uint8)
    return rows


def main():
    random = np.random.default_rng(20240617)
    tensors = {}

    def add(name, stored, values):
        tensors[f"{name}.stored"] = np.ascontiguousarray(stored, dtype=np.uint8).reshape(-1)
        tensors[f"{name}.values"] = np.ascontiguousarray(values, dtype=np.float32).reshape(-1)

    with np.errstate(all="ignore"):
        for name in HALVES:
            stored = blocks(name, random)
            add(name, stored, dequantize(stored, GGMLQuantizationType[name]))
        halves = np.concatenate(
            [random.integers(0, 1 << 16, 200, dtype=np.uint16),
             np.array([0, 1, 0x3FF, 0x400, 0x7BFF, 0x7C00, 0x7E00, 0x8000, 0x8001, 0xFC00], np.uint16)])
        add("F16", halves.view(np.uint8), dequantize(halves.view(np.float16), GGMLQuantizationType.F16))
        words = np.concatenate([random.integers(0, 1 << 16, 200, dtype=np.uint16),
                                np.array([0, 1, 0x7F80, 0x7FC0, 0x8000, 0xFF80], np.uint16)])
        add("BF16", words.view(np.uint8), dequantize(words.view(np.uint8), GGMLQuantizationType.BF16))
        plain = random.standard_normal(64).astype(np.float32)
        add("F32", plain.view(np.uint8), plain)
        every = torch.arange(256, dtype=torch.uint8)
        for name, dtype in [("F8_E4M3", torch.float8_e4m3fn), ("F8_E5M2", torch.float8_e5m2)]:
            add(name, every.numpy(), every.view(dtype).to(torch.float32).numpy())
    save_file(tensors, pathlib.Path(__file__).parent / "dequantize.safetensors")


main()
