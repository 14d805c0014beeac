"""Holds a compression of a whole prompt against kvpress's KnormPress: the same positions stay.

    python compare_kvpress.py TOOL MODEL CORPUS [--length 500] [--ratios 0.5 0.1]

kvpress reads the prompt with sdpa attention and drops, in every layer and KV head, the keys of the
highest norms; `evaluate lm` does the same where a cache is pruned at the prompt's last token. Counts are
made equal: kvpress keeps int(length * (1 - compression_ratio)), this tool ceil(ratio * length).
Where two norms at the boundary differ by less than 1e-5 of their size either choice is right; such
heads are counted.

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
from kvpress import KnormPress
from transformers import AutoModelForCausalLM, AutoTokenizer

TIE = 1e-5


class RecordingPress(KnormPress):
    """Remembers which indices each layer kept."""

    def compress(self, module, hidden_states, keys, values, attentions, kwargs):
        scores = self.score(module, hidden_states, keys, values, attentions, kwargs)
        kept_keys, kept_values = super().compress(
            module, hidden_states, keys, values, attentions, kwargs)
        order = scores[0].sort(-1, descending=True)
        count = kept_keys.shape[2]
        self.kept[module.layer_idx] = order.indices[:, :count].sort(-1).values.numpy()
        edge = -order.values[:, count - 1 : count + 1]
        # Where all are kept nothing lies beyond the boundary.
        self.ties[module.layer_idx] = (
            edge[:, -1] - edge[:, 0] < TIE * edge[:, -1]).numpy() & (edge.shape[1] > 1)
        return kept_keys, kept_values


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--length", type=int, default=500)
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.9, 0.5, 0.1])
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    text = options.corpus.read_text()[: options.length * 20]
    ids = tokenizer(text, add_special_tokens=False)["input_ids"][: options.length + 1]
    model = AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.float32, attn_implementation="sdpa").eval()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ids.txt").write_text(" ".join(map(str, ids)) + "\n")
        command = [options.tool, "evaluate", "lm", options.model, f"{folder}/ids.txt", "--ids",
                   "--bos", "never", "--separator", "none", "--length", options.length + 1,
                   "--prune-after", options.length, "--skip-layers", "none", "--record-kept",
                   "--no-baseline", "--out", f"{folder}/out", "--quiet"]
        for ratio in options.ratios:
            command += ["--keep-ratio", ratio]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        ours = np.load(f"{folder}/out/kept.npz")
        for index, ratio in enumerate(options.ratios):
            count = math.ceil(ratio * options.length)
            press = RecordingPress(compression_ratio=1 - (count + 0.5) / options.length)
            press.kept, press.ties = {}, {}
            with press(model):
                model(torch.tensor([ids[:-1]]), use_cache=True)
            heads = different = tied = 0
            for layer in sorted(press.kept):
                found = ours[f"kept_{index}_{layer}"][0]
                for head, expected in enumerate(press.kept[layer]):
                    heads += 1
                    tied += bool(press.ties[layer][head])
                    same = np.array_equal(found[head], expected)
                    different += not same
                    failures += not same and not press.ties[layer][head]
            print(f"ratio {ratio}: {found.shape[-1]} of {options.length} kept, {heads} heads, "
                  f"{different} differ, {tied} tied at the boundary", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
