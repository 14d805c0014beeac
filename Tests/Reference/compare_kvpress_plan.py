"""Runs the kvpress.py that `plan` writes: the same positions stay as with the plan itself.

    python compare_kvpress_plan.py TOOL MODEL CORPUS PLAN_FOLDER [--length 500]

The snippet is imported as it stands and its press reads the prompt; `evaluate lm --plan` prunes at the
prompt's last token. Heads whose norms at the boundary are equal to 1e-5 of their size are counted
apart, as in compare_kvpress.py, whose environment this needs.
"""

import argparse
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from compare_kvpress import RecordingPress
from transformers import AutoModelForCausalLM, AutoTokenizer


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["tool", "model", "corpus", "plan_folder"]:
        parser.add_argument(name, type=Path)
    parser.add_argument("--length", type=int, default=500)
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    text = options.corpus.read_text()[: options.length * 20]
    ids = tokenizer(text, add_special_tokens=False)["input_ids"][: options.length + 1]
    model = AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.float32, attn_implementation="sdpa").eval()
    press = runpy.run_path(str(options.plan_folder / "kvpress.py"))["plan_press"](options.length)
    # The same scores and counts, remembered.
    press.press.__class__ = RecordingPress
    press.press.kept, press.press.ties = {}, {}
    with press(model):
        model(torch.tensor([ids[:-1]]), use_cache=True)
    kept, ties = press.press.kept, press.press.ties
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ids.txt").write_text(" ".join(map(str, ids)) + "\n")
        command = [options.tool, "evaluate", "lm", options.model, f"{folder}/ids.txt", "--ids",
                   "--bos", "never", "--separator", "none", "--length", options.length + 1,
                   "--prune-after", options.length, "--plan", options.plan_folder / "plan.json",
                   "--record-kept", "--no-baseline", "--out", f"{folder}/out", "--quiet"]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        ours = np.load(f"{folder}/out/kept.npz")
        heads = different = tied = failures = counts = 0
        for layer in range(model.config.num_hidden_layers):
            found = ours[f"kept_0_{layer}"][0]
            for head, row in enumerate(found):
                heads += 1
                row = row[row >= 0]
                if layer not in kept:
                    # kvpress leaves a layer of ratio 0 alone.
                    failures += len(row) != options.length
                    continue
                expected = kept[layer][head]
                counts += len(row) != len(expected)
                same = np.array_equal(row, expected)
                different += not same
                tied += bool(ties[layer][head])
                failures += not same and not ties[layer][head]
    print(f"{heads} heads: {different} differ, {tied} tied at the boundary, {counts} of another count")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
