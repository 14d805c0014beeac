"""Makes `chunk_sums.csv`: ALR and random ALR of SmolLM2 by text, chunk and layer.

    alr-analyze SmolLM2-135M-Instruct.Q4_1.gguf corpus.txt --chunk-length 512 --max-chunks 32 --out corpus
    alr-analyze SmolLM2-135M-Instruct.Q4_1.gguf jargon.txt --chunk-length 512 --max-chunks 32 --out jargon
    python3 make_chunk_sums.py corpus jargon

`corpus.txt` is that of `notebooks-data/sample` (29 chunks), `jargon.txt` the Jargon File 4.4.7 as
Debian packages it (`dict-jargon`, `gzip -dc jargon.dict.dz`). Sums over the KV heads, made with
alr-analyze 0.1.0 (avx512bf16, f32) and numpy 2; another instruction set changes the last digits.
"""

import sys
from pathlib import Path

import numpy as np

lines = ["text,chunk,layer,alr,random_alr"]
for folder in map(Path, sys.argv[1:]):
    arrays = np.load(folder / "arrays.npz")
    sums = [arrays[name].sum(axis=2) for name in ("kv_alr", "kv_random_alr")]
    for chunk, layer in np.ndindex(sums[0].shape):
        values = ",".join(f"{array[chunk, layer]:.5g}" for array in sums)
        lines.append(f"{folder.name},{chunk},{layer},{values}")
(Path(__file__).parent / "chunk_sums.csv").write_text("\n".join(lines) + "\n")
