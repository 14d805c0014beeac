"""Holds what stays of a whole prompt, by every score that kvpress has too, against kvpress.

    python compare_kvpress_scores.py TOOL MODEL CORPUS [--length 500] [--ratios 0.9 0.5 0.1]

`evaluate lm` prunes a cache at the prompt's last token; kvpress's presses score the same prompt.
What is compared is which positions each KV head keeps, count for count: ceil(ratio * length). Both
choose the highest scores; a position that only one of them keeps counts as tied where kvpress's score of
it is within 1e-4 of the score at the boundary, since rounding (float32 there, float64 here) or
equal scores decide there, and as different otherwise.

Where kvpress does something that a score by KV head does not, the press is told otherwise:
  tova       averages over all heads of the layer there, over those of the KV head here; the last
             token counts with its own attention here, and is set above all others there
  h2o        ObservedAttentionPress, times the number of queries that it divides by
  leverage   without the random sketch (the identity in its place)

Written for kvpress 0.5.5, transformers 4.57, torch; an environment of its own, since kvpress needs
transformers below 5.3.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from kvpress import (ExpectedAttentionPress, KeyDiffPress, KnormPress, LagKVPress,
                     LeverageScorePress, ObservedAttentionPress, SnapKVPress)
from transformers import AutoModelForCausalLM, AutoTokenizer

NEAR = 1e-4


class Tova(SnapKVPress):
    def score(self, module, hidden_states, keys, values, attentions, kwargs):
        # The row of the last query, its own place included.
        weights = attentions[..., -1, :]
        return weights.view(1, keys.shape[1], -1, keys.shape[2]).mean(2)


class HeavyHitters(ObservedAttentionPress):
    def score(self, module, hidden_states, keys, values, attentions, kwargs):
        means = super().score(module, hidden_states, keys, values, attentions, kwargs)
        return means * torch.arange(keys.shape[2], 0, -1)


class Leverage(LeverageScorePress):
    def score(self, module, hidden_states, keys, values, attentions, kwargs):
        draw, size = torch.randn, keys.shape[-1]
        # It multiplies by 1 / sqrt(48).
        torch.randn = lambda *_, **__: torch.eye(size)[None, None] * math.sqrt(self.sketch_dimension)
        try:
            return super().score(module, hidden_states, keys, values, attentions, kwargs)
        finally:
            torch.randn = draw


PRESSES = {
    "key-norm": KnormPress, "key-diff": KeyDiffPress, "lag-kv": LagKVPress, "leverage": Leverage,
    "tova": Tova, "h2o": HeavyHitters, "snap-kv": SnapKVPress,
    "expected-attention": ExpectedAttentionPress,
}


def scores_of(press, model, ids):
    """What a press says of the prompt, (kv_heads, length) by layer."""
    found = {}
    score = press.score

    def recording(module, *arguments):
        value = score(module, *arguments)
        found[module.layer_idx] = value[0].double().numpy()
        return value

    press.score = recording
    press.compression_ratio = 0.5
    with press(model):
        model(torch.tensor([ids]), use_cache=True, output_attentions=True)
    return found


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--length", type=int, default=500)
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.9, 0.5, 0.1])
    parser.add_argument("--scores", nargs="+", default=list(PRESSES))
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    text = options.corpus.read_text()[: options.length * 20]
    ids = tokenizer(text, add_special_tokens=False)["input_ids"][: options.length + 1]
    model = AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.float32, attn_implementation="eager").eval()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ids.txt").write_text(" ".join(map(str, ids)) + "\n")
        command = [options.tool, "evaluate", "lm", options.model, f"{folder}/ids.txt", "--ids",
                   "--bos", "never", "--separator", "none", "--length", options.length + 1,
                   "--prune-after", options.length, "--skip-layers", "none", "--record-kept",
                   "--no-baseline", "--out", f"{folder}/out", "--quiet"]
        for name in options.scores:
            command += ["--policy", name]
        for ratio in options.ratios:
            command += ["--keep-ratio", ratio]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        ours = np.load(f"{folder}/out/kept.npz")
        for place, name in enumerate(options.scores):
            theirs = scores_of(PRESSES[name](), model, ids[:-1])
            for index, ratio in enumerate(options.ratios):
                count = math.ceil(ratio * options.length)
                heads = same = tied = different = 0
                for layer in sorted(theirs):
                    found = ours[f"kept_{place * len(options.ratios) + index}_{layer}"][0]
                    for head, scores in enumerate(theirs[layer]):
                        heads += 1
                        order = np.argsort(-scores, kind="stable")
                        boundary = scores[order[count - 1]]
                        odd = set(order[:count].tolist()) ^ set(found[head].tolist())
                        near = max(NEAR * abs(boundary), 1e-9)
                        far = [p for p in odd if abs(scores[p] - boundary) > near]
                        same += not odd
                        tied += bool(odd) and not far
                        different += bool(far)
                failures += different
                print(f"{name} {ratio}: {count} of {options.length} kept, {heads} heads: {same} the "
                      f"same, {tied} but for ties, {different} different", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
