"""Times `evaluate lm` beside the way of the paper's released code: transformers, one sequence, one
token at a time, the cache pruned to the lowest key norms behind every token.

    python compare_token_by_token.py TOOL MODEL CORPUS [--chunks 10] [--length 2000] [--max-cache 1000]

The tool reads all chunks; transformers reads `--sample` tokens behind a cache that is already full, and
the time of all chunks is that of as many such tokens (the first ones, over shorter caches, would be a
little faster: it also counts `--sample` tokens over a half full cache for them). Float32, as many
threads for both. Needs torch, transformers.
"""

import argparse
import math
import os
import subprocess
import tempfile
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache


def prune(cache, kept, skipped):
    for index, layer in enumerate(cache.layers):
        if index in skipped:
            continue
        order = layer.keys.norm(dim=-1).argsort(-1)[..., :kept].sort(-1).values
        wide = order[..., None].expand(-1, -1, -1, layer.keys.shape[-1])
        layer.keys, layer.values = layer.keys.gather(2, wide), layer.values.gather(2, wide)


@torch.no_grad()
def seconds_per_token(model, ids, filled, sample, max_cache):
    """Layers of unequal lengths are what these caches refuse: so none is skipped here."""
    cache = DynamicCache(config=model.config)
    model(ids[:, :filled], past_key_values=cache, logits_to_keep=1)
    began = time.perf_counter()
    for index in range(filled, filled + sample):
        logits = model(ids[:, index : index + 1], past_key_values=cache).logits[0, -1]
        logits.float().log_softmax(-1)[ids[0, index + 1]].item()
        length = cache.get_seq_length()
        if length >= max_cache:
            prune(cache, math.ceil(0.98 * length), ())
    return (time.perf_counter() - began) / sample


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--chunks", type=int, default=10)
    parser.add_argument("--length", type=int, default=2000)
    parser.add_argument("--max-cache", type=int, default=1000)
    parser.add_argument("--sample", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    ids = tokenizer(options.corpus.read_text()[:40000], return_tensors="pt")["input_ids"]
    half = seconds_per_token(model, ids, options.max_cache // 2, options.sample, options.max_cache)
    full = seconds_per_token(
        model, ids, options.max_cache - options.sample // 5, options.sample, options.max_cache)
    growing = options.max_cache
    theirs = options.chunks * (growing * half + (options.length - 1 - growing) * full)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        subprocess.run([options.tool, "evaluate", "lm", options.model, options.corpus, "--length",
                        str(options.length), "--max-chunks", str(options.chunks), "--max-cache",
                        str(options.max_cache), "--skip-layers", "none", "--no-baseline",
                        "--quiet", "--out", f"{folder}/out"], check=True,
                       stdout=subprocess.DEVNULL)
        ours = time.perf_counter() - began
    print(f"transformers: {1e3 * half:.1f} ms a token over a half full cache, {1e3 * full:.1f} ms "
          f"over a full one, {theirs:.0f} s for all; evaluate lm: {ours:.1f} s; "
          f"{theirs / ours:.1f} times")


if __name__ == "__main__":
    main()
