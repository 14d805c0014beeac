"""Trains the sample model on one CPU core for a given time.

    python train.py SCRATCH --minutes 75
    python train.py SCRATCH --export ../sample

A step is 4096 tokens: 8 sequences of 512, in the last fifth 2 of 2048. Every sequence is the begin
token and then running text, so that the first position is always the same, as it is in use. The
learning rate rises, stays, and falls to zero from two fifths on; all are shares of the time, so a
run always ends fully cooled. A checkpoint is written every three minutes, and a run that finds
one goes on from it.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import LlamaForCausalLM

from model import configuration, export
from prepare import BEGIN_ID

STEP_TOKENS = 4096
PEAK_RATE = 3e-3
LONG_SEQUENCES_FROM = 0.8
WARM_UP, COOL_DOWN_FROM = 0.02, 0.4
CHECKPOINT_SECONDS = 180
SEED = 1


def rate_at(progress: float) -> float:
    if progress < WARM_UP:
        return PEAK_RATE * (0.02 + progress / WARM_UP)
    if progress < COOL_DOWN_FROM:
        return PEAK_RATE
    return PEAK_RATE * max(0.0, 1 - progress) / (1 - COOL_DOWN_FROM)


def next_batch(tokens: np.ndarray, position: int, length: int) -> tuple[torch.Tensor, int]:
    """Sequences of begin + length − 1 running tokens; starts anew at the end of the text."""
    rows = []
    for _ in range(STEP_TOKENS // length):
        if position + length - 1 > len(tokens):
            position = 0
        rows.append(np.concatenate([[BEGIN_ID], tokens[position : position + length - 1]]))
        position += length - 1
    return torch.from_numpy(np.stack(rows).astype(np.int64)), position


def loss_of(model: LlamaForCausalLM, ids: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(input_ids=ids, use_cache=False).logits
    return F.cross_entropy(logits[:, :-1].float().flatten(0, 1), ids[:, 1:].flatten())


def optimizer_for(model: LlamaForCausalLM) -> torch.optim.AdamW:
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
        lr=PEAK_RATE, betas=(0.9, 0.95), fused=True)


def train(scratch: Path, minutes: float) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    tokens = np.fromfile(scratch / "train.bin", dtype=np.uint16)
    model = LlamaForCausalLM(configuration())
    optimizer = optimizer_for(model)
    checkpoint_path = scratch / "checkpoint.pt"
    position, step, before = 0, 0, 0.0
    if checkpoint_path.exists():
        saved = torch.load(checkpoint_path)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        position, step, before = saved["position"], saved["step"], saved["seconds"]

    def save(seconds: float) -> None:
        partial = checkpoint_path.with_suffix(".partial")
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                    "position": position, "step": step, "seconds": seconds}, partial)
        partial.replace(checkpoint_path)

    start = saved_at = time.monotonic()
    mean_loss = None
    while True:
        seconds = before + time.monotonic() - start
        progress = seconds / (60 * minutes)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate_at(progress)
        ids, position = next_batch(tokens, position, 512 if progress < LONG_SEQUENCES_FROM else 2048)
        loss = loss_of(model, ids)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        mean_loss = loss.item() if mean_loss is None else 0.95 * mean_loss + 0.05 * loss.item()
        if step % 20 == 0:
            print(f"step {step} tokens {step * STEP_TOKENS} minutes {seconds / 60:.1f} "
                  f"loss {mean_loss:.3f}", flush=True)
        if time.monotonic() - saved_at > CHECKPOINT_SECONDS:
            save(before + time.monotonic() - start)
            saved_at = time.monotonic()
    save(60 * minutes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--export", type=Path, help="write the checkpoint so far to this folder")
    arguments = parser.parse_args()
    if arguments.export:
        saved = torch.load(arguments.scratch / "checkpoint.pt")
        export(saved["model"], arguments.scratch / "tokenizer.json", arguments.export)
    else:
        train(arguments.scratch, arguments.minutes)


if __name__ == "__main__":
    main()
