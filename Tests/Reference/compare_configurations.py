"""Compares what every field of config.json does here and in Hugging Face transformers.

    python compare_configurations.py ALR_ANALYZE [NAME...]

For each case of `configuration_cases.py` (or those whose name begins with NAME) a tiny random
checkpoint is written whose config.json says what the case is about. `capture` of one prompt is held
to transformers in float32 with eager attention, layer by layer: attention, values, keys after the
rotation, and their norms. Then `analyze --query greedy` of short chunks is held to the token that
transformers chooses, which the final norm and the output matrix decide.

A case is `equal`, `different`, `refused` (by the tool alone, with its line shown), `accepted` (by
the tool, while transformers refuses) or `unreadable` (to both). The exit status is 1 when one is
different; `--only-tool '{"rope_theta": 777}'` shows that it would be seen. `--verbose` prints equal
cases too. Needs torch, transformers, safetensors, numpy.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rotation_cases  # noqa: F401: adds its cases
import torch
import transformers
from configuration_cases import CASES, Case
from transformers import AutoConfig, AutoModelForCausalLM

ATTENTION, RELATIVE = 1e-4, 1e-4
CHUNK = 11


def byte_vocabulary() -> dict[str, int]:
    """Every byte a token, under the printable character that byte-level vocabularies spell it by."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(256 + index): byte for index, byte in enumerate(rest)}


BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
              "use_regex": True}
TOKENIZER = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
    "normalizer": None, "pre_tokenizer": BYTE_LEVEL, "post_processor": None,
    "decoder": BYTE_LEVEL,
    "model": {"type": "BPE", "dropout": None, "unk_token": None,
              "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False,
              "byte_fallback": False, "ignore_merges": False, "vocab": byte_vocabulary(),
              "merges": []}}


def draw(model: torch.nn.Module) -> None:
    """Weights spread so widely that a wrong scale, base or mask shows in the attention."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(std=0.3)
            elif "norm" in name or "ln_" in name:
                middle = 1.0 if parameter.mean() > 0.5 else 0.0  # Gemma adds 1 to what is stored
                parameter.uniform_(middle - 0.4, middle + 0.4)
            elif name.endswith(("mlp.gate.weight", "block_sparse_moe.gate.weight")):
                parameter.normal_(std=1.0)
            elif parameter.ndim >= 2:
                parameter.normal_(std=0.2)


def new_model(folder: Path, case: Case) -> torch.nn.Module:
    torch.manual_seed(sum(case.name.encode()))
    model = AutoModelForCausalLM.from_config(
        AutoConfig.from_pretrained(folder), dtype=torch.float32,
        attn_implementation="eager").eval()
    draw(model)
    return model


@dataclass
class Reference:
    """What transformers computes of one sequence, or of a batch of them."""

    attention: np.ndarray  # (layers, batch, heads, n, n)
    keys: np.ndarray | None  # (layers, batch, kv_heads, n, head_dim), rotated
    values: np.ndarray | None
    next_tokens: np.ndarray  # (batch)


def run_reference(model: torch.nn.Module, ids: torch.Tensor) -> Reference:
    attentions = [module for module in model.modules()
                  if hasattr(module, "layer_idx") and "Attention" in type(module).__name__]
    source = sys.modules[type(attentions[0]).__module__]
    plain = source.eager_attention_forward
    keys, values, scores = [], [], []

    def recording(module, query, key, value, *rest, **named):
        output, weights = plain(module, query, key, value, *rest, **named)
        if hasattr(module, "layer_idx"):
            keys.append(key)
            values.append(value)
            scores.append(weights)
        return output, weights

    source.eager_attention_forward = recording
    try:
        with torch.no_grad():
            output = model(input_ids=ids, use_cache=False, logits_to_keep=1)
    finally:
        source.eager_attention_forward = plain
    return Reference(torch.stack(scores).numpy(), torch.stack(keys).numpy(),
                     torch.stack(values).numpy(), output.logits[:, -1].argmax(-1).numpy())


class Refusal(Exception):
    """One line of the tool."""


def call(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        if done.returncode < 0 or done.returncode == 70:
            lines.append(f"ended with {done.returncode}")
        raise Refusal(" ".join(lines[-2:]))


def far(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference as a share of the largest value."""
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-30))


def compare_capture(tool: Path, folder: Path, model, text: str) -> list[str]:
    """What of the capture is not what transformers computes; empty where all is."""
    target = folder / "capture.npz"
    call(tool, "capture", folder, "--text", text, "--bos", "never", "--what",
         "attention,norms,values,rotated-keys", "--out", target, "--force", "--quiet")
    found = np.load(target)
    reference = run_reference(model, torch.tensor([list(text.encode())]))
    attention, keys = reference.attention[:, 0], reference.keys[:, 0]
    if found["attention"].shape != attention.shape:
        return [f"attention {found['attention'].shape}, transformers {attention.shape}"]
    norms = np.sqrt(np.square(keys.astype(np.float64)).sum(-1))
    worst = np.abs(found["attention"] - attention).max(axis=(1, 2, 3))
    differences = []
    if not worst.max() < ATTENTION:
        differences.append("attention by layer " + " ".join(f"{value:.1e}" for value in worst))
    if keys.shape != found["rotated_keys"].shape:  # repeated for the query heads that share them
        group = keys.shape[1] // found["rotated_keys"].shape[1]
        keys, norms = keys[:, ::group], norms[:, ::group]
        reference.values = reference.values[:, :, ::group]
    for name, one, other in (("keys", found["rotated_keys"], keys),
                             ("values", found["values"], reference.values[:, 0]),
                             ("norms", found["key_norms"], norms)):
        distance = far(one, other)
        if not distance < RELATIVE:
            differences.append(f"{name} {distance:.1e}")
    return differences


def compare_greedy(tool: Path, folder: Path, model, text: str) -> list[str]:
    """Attention of the token that follows each chunk by the model's own choice."""
    ids = list(text.encode())
    chunks = [ids[start : start + CHUNK + 1]
              for start in range(0, len(ids) - CHUNK, CHUNK + 1)]
    corpus = folder / "corpus.txt"
    corpus.write_text(text)
    call(tool, "analyze", folder, corpus, "--chunk-length", str(CHUNK), "--bos", "never",
         "--query", "greedy", "--out", folder / "results", "--force", "--quiet")
    found = np.load(folder / "results" / "arrays.npz")["attention_mean"]
    ids = torch.tensor([chunk[:CHUNK] for chunk in chunks])
    tokens = run_reference(model, ids).next_tokens
    extended = torch.cat([ids, torch.from_numpy(tokens)[:, None]], 1)
    expected = run_reference(model, extended).attention[:, :, :, -1, :CHUNK].mean(1)
    worst = np.abs(np.nan_to_num(found) - expected).max()
    return [] if worst < ATTENTION else [f"attention of the greedy token {worst:.1e}"]


def first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:150]


def write_checkpoint(case: Case, folder: Path):
    """The model of the case, and what keeps transformers from it, if anything."""
    theirs = None
    (folder / "config.json").write_text(json.dumps(case.fields))
    try:
        model = new_model(folder, case)
        run_reference(model, torch.tensor([list(b"ab")]))
    except Exception as error:  # noqa: BLE001: whatever keeps transformers from the file
        theirs = first_line(error)
        (folder / "config.json").write_text(json.dumps(case.plain_fields))
        model = new_model(folder, case)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(TOKENIZER))
    return model, theirs


def outcome(tool: Path, case: Case, folder: Path, only_tool: dict) -> tuple[str, str]:
    """How the case ended, and a line about it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    model, theirs = write_checkpoint(case, folder)
    (folder / "config.json").write_text(json.dumps(case.fields | only_tool, indent=1))
    try:
        if theirs is not None:
            call(tool, "capture", folder, "--text", "ab", "--bos", "never", "--what", "norms",
                 "--out", folder / "capture.npz", "--force", "--quiet")
            return "accepted", theirs
        differences = compare_capture(tool, folder, model, case.text)
        if not differences and case.checks_output:
            differences = compare_greedy(tool, folder, model, case.text)
    except Refusal as refusal:
        line = str(refusal).replace(str(folder), case.name)
        return ("refused", line) if theirs is None else ("unreadable", f"{line} | {theirs}")
    return ("different", "; ".join(differences)) if differences else ("equal", "")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", type=Path, help="the executable")
    parser.add_argument("names", nargs="*", metavar="NAME", help="how names of cases begin")
    parser.add_argument("--verbose", action="store_true", help="print every case")
    parser.add_argument("--keep", type=Path, help="folder for the checkpoints")
    parser.add_argument("--only-tool", type=json.loads, default={}, metavar="JSON",
                        help="fields that only the tool is shown: that differences are seen")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity(transformers.logging.CRITICAL)
    transformers.utils.logging.disable_progress_bar()
    names = Counter(case.name for case in CASES)
    if wrong := [name for name, count in names.items() if count > 1]:
        raise SystemExit(f"names that stand twice: {wrong}")
    cases = [case for case in CASES
             if not options.names or case.name.startswith(tuple(options.names))]
    counts = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        root = options.keep or Path(scratch)
        root.mkdir(exist_ok=True)
        for case in cases:
            folder = root / case.name.replace("/", "-")
            found, line = outcome(options.tool, case, folder, options.only_tool)
            if options.keep is None:
                shutil.rmtree(folder)
            counts[found] += 1
            if options.verbose or found != "equal":
                print(f"{case.name}: {found}" + (f"; {line}" if line else ""), flush=True)
    print(f"{len(cases)} cases: " + ", ".join(
        f"{counts[name]} {name}"
        for name in ("equal", "refused", "accepted", "unreadable", "different"))
        + f" (transformers {transformers.__version__})")
    sys.exit(1 if counts["different"] else 0)


if __name__ == "__main__":
    main()
