"""Trains the sample model: minutes on a GPU, hours on two CPU cores.

    python train.py SCRATCH --run NAME                   goes on from its last checkpoint
    python train.py SCRATCH --run NAME --export ../sample

Every sequence is the begin token and then running text, so that the first position is always the
same, as it is in use; the text is cut anew in every pass over it. The first steps have short
sequences, the last ones as long as the context, with as many tokens a step. The learning rate rises,
stays, and falls to zero from two fifths on. Every few hundred steps a line tells the loss, also
on held-out text, and where the attention goes (probe.py).
"""

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from model import CONTEXT, Layer, SampleModel, Shape, export
from prepare import BEGIN_ID
from probe import probe

WARM_UP, COOL_DOWN_FROM = 0.02, 0.4
PROBE_SEQUENCES, PROBE_LENGTH = 32, 1024
CHECKPOINT_SECONDS = 180


def rate_at(progress: float, peak: float) -> float:
    if progress < WARM_UP:
        return peak * (0.02 + 0.98 * progress / WARM_UP)
    if progress < COOL_DOWN_FROM:
        return peak
    return peak * max(0.0, 1 - progress) / (1 - COOL_DOWN_FROM)


class Text:
    """Running tokens, cut into sequences in an order that is new in every pass."""

    def __init__(self, path: Path, device: torch.device, seed: int):
        tokens = np.fromfile(path, dtype=np.uint16).astype(np.int32)
        self.tokens = torch.from_numpy(tokens).to(device)
        self.device = device
        self.random = np.random.default_rng(seed)
        self.starts = np.empty(0, dtype=np.int64)
        self.length = 0

    def cut(self, starts: np.ndarray, length: int) -> torch.Tensor:
        """Sequences (starts, length): the begin token and the tokens from each start on."""
        places = torch.from_numpy(starts).to(self.device)[:, None]
        places = places + torch.arange(length - 1, device=self.device)
        begin = torch.full((len(starts), 1), BEGIN_ID, device=self.device)
        return torch.cat([begin, self.tokens[places].long()], 1)

    def next(self, count: int, length: int) -> torch.Tensor:
        """`count` sequences of `length` tokens, the begin token included."""
        if self.length != length:
            self.starts, self.length = np.empty(0, dtype=np.int64), length
        while len(self.starts) < count:
            offset = self.random.integers(length - 1)
            starts = np.arange(offset, len(self.tokens) - length + 2, length - 1)
            self.starts = np.concatenate([self.starts, self.random.permutation(starts)])
        starts, self.starts = self.starts[:count], self.starts[count:]
        return self.cut(starts, length)


def held_out_sequences(path: Path, device: torch.device) -> torch.Tensor:
    text = Text(path, device, 0)
    starts = np.linspace(0, len(text.tokens) - PROBE_LENGTH, PROBE_SEQUENCES).astype(np.int64)
    return text.cut(starts, PROBE_LENGTH)


class Trainer:
    """A step of training; on a GPU it is recorded once a sequence length and then replayed."""

    def __init__(self, model: SampleModel, weight_decay: float, betas: tuple[float, float],
                 device: torch.device):
        self.model, self.device = model, device
        self.on_gpu = device.type == "cuda"
        matrices = [p for p in model.parameters() if p.dim() >= 2]
        vectors = [p for p in model.parameters() if p.dim() < 2]
        self.rate = torch.tensor(0.0, device=device) if self.on_gpu else 0.0
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": weight_decay},
             {"params": vectors, "weight_decay": 0.0}],
            lr=self.rate, betas=betas, fused=True, capturable=self.on_gpu)
        self.graphs: dict[torch.Size, tuple] = {}
        self.run_layer, self.run_head = Layer.forward, SampleModel.head_loss
        if self.on_gpu:
            self.run_layer = torch.compile(self.run_layer, dynamic=False)
            self.run_head = torch.compile(self.run_head, dynamic=False)

    def forward_and_update(self, ids: torch.Tensor) -> torch.Tensor:
        with torch.autocast(self.device.type, torch.bfloat16):
            loss = self.model.loss(ids, self.run_layer, self.run_head)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=False)
        return loss.detach()

    def set_rate(self, rate: float) -> None:
        if self.on_gpu:
            self.rate.fill_(rate)
        else:
            for group in self.optimizer.param_groups:
                group["lr"] = rate

    def step(self, ids: torch.Tensor) -> torch.Tensor:
        if not self.on_gpu:
            return self.forward_and_update(ids)
        if ids.shape not in self.graphs:
            held = ids.clone()
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):  # three steps to settle what is compiled and allocated
                for _ in range(3):
                    self.forward_and_update(held)
            torch.cuda.current_stream().wait_stream(stream)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                loss = self.forward_and_update(held)
            self.graphs[ids.shape] = (graph, held, loss)
        graph, held, loss = self.graphs[ids.shape]
        held.copy_(ids)
        graph.replay()
        return loss


def train(scratch: Path, folder: Path, options: argparse.Namespace) -> None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(options.seed)
    torch.set_float32_matmul_precision("high")
    shape = Shape.parse(options.shape, options.rope_theta)
    model = SampleModel(shape).to(device)
    text = Text(scratch / "train.bin", device, options.seed)
    all_held_out = held_out_sequences(scratch / "heldout.bin", device)
    trainer = Trainer(model, options.weight_decay, (0.9, options.beta2), device)
    checkpoint = folder / "checkpoint.pt"
    step, before = 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(saved["model"])
        trainer.optimizer.load_state_dict(saved["optimizer"])
        text.random.bit_generator.state = saved["random"]
        step, before = saved["step"], saved["seconds"]

    def seconds() -> float:
        return before + time.monotonic() - start

    def save() -> None:
        partial = checkpoint.with_suffix(".partial")
        torch.save({"model": model.state_dict(), "optimizer": trainer.optimizer.state_dict(),
                    "random": text.random.bit_generator.state, "step": step,
                    "seconds": seconds(), "shape": asdict(shape)}, partial)
        partial.replace(checkpoint)

    def tell(loss: float) -> None:
        with torch.no_grad():
            held_out = all_held_out[:, :length]  # no longer than what is trained on
            losses = [model.loss(part).item() for part in held_out.split(4)]
            state = probe(model, held_out[:8])
        print(f"{options.run} step {step} tokens {step * options.step_tokens / 1e6:.1f}M "
              f"seconds {seconds():.0f} loss {loss:.3f} held-out {np.mean(losses):.3f} "
              f"ppl {np.exp(np.mean(losses)):.1f} {state.summary()}", flush=True)

    print(f"{options.run} parameters {model.parameter_count()} {vars(options)}", flush=True)
    start = saved_at = time.monotonic()
    while step < options.steps:
        progress = step / options.steps
        length = options.short if progress < options.long_from else CONTEXT
        trainer.set_rate(rate_at(progress, options.rate))
        loss = trainer.step(text.next(options.step_tokens // length, length))
        step += 1
        if step % options.tell_every == 0 or step == options.steps:
            tell(loss.item())
        if time.monotonic() - saved_at > CHECKPOINT_SECONDS:
            save()
            saved_at = time.monotonic()
    save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--run", default="sample", help="its folder in SCRATCH")
    parser.add_argument("--shape", default="8x192x4x2x64x416",
                        help="layers x width x heads x KV heads x head dimension x feed-forward")
    parser.add_argument("--rope-theta", type=float, default=500000.0)
    parser.add_argument("--short", type=int, default=128, help="tokens of the first sequences")
    parser.add_argument("--long-from", type=float, default=0.85,
                        help="share of the steps before sequences are long")
    parser.add_argument("--steps", type=int, default=30000)
    parser.add_argument("--step-tokens", type=int, default=4096)
    parser.add_argument("--rate", type=float, default=4e-3, help="peak learning rate")
    parser.add_argument("--weight-decay", type=float, default=0.5)
    parser.add_argument("--beta2", type=float, default=0.95)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tell-every", type=int, default=500)
    parser.add_argument("--export", type=Path, help="write the checkpoint so far to this folder")
    options = parser.parse_args()
    folder = options.scratch / options.run
    folder.mkdir(parents=True, exist_ok=True)
    if options.export:
        saved = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=False)
        export(saved["model"], Shape(**saved["shape"]), options.scratch / "tokenizer.json",
               options.export)
    else:
        train(options.scratch, folder, options)


if __name__ == "__main__":
    main()
