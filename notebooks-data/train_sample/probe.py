"""What the attention of a model looks at while it trains: the signs that the sample is there to show."""

from dataclasses import dataclass

import torch
from torch import Tensor

from model import SampleModel

QUERIES = 32  # the last rows of a sequence


@dataclass
class Probe:
    """Arrays by layer and head, means over sequences and over the last queries of each."""

    first_token: Tensor  # (layers, heads), attention on position 0
    first_norm: Tensor   # (layers, kv_heads), key norm of position 0 over the median key norm
    alr_ratio: Tensor    # (layers,), ALR of dropping by key norm over ALR at random, on KV heads

    def summary(self) -> str:
        share = " ".join(f"{value:.2f}" for value in self.first_token.mean(1).tolist())
        norm = " ".join(f"{value:.2f}" for value in self.first_norm.mean(1).tolist())
        ratio = " ".join(f"{value:.2f}" for value in self.alr_ratio.tolist())
        return f"first-token {share} | first-norm {norm} | alr-ratio {ratio}"


def alr_sums(scores: Tensor, norms: Tensor) -> tuple[Tensor, Tensor]:
    """ALR, and what dropping at random gives on average, summed over all rows.

    scores: (..., n) attention scores; norms: (..., n) key norms; the longest key goes first, of
    equal keys the later position.
    """
    n = scores.shape[-1]
    rank = torch.arange(1, n + 1, device=scores.device, dtype=torch.float64)
    order = (-norms.flip(-1)).sort(dim=-1, stable=True).indices
    by_norm = scores.flip(-1).gather(-1, order)
    ideal = scores.sort(-1).values
    # Σ_m L^m = Σ_p a_p (n + 1 - r_p), for any order of dropping.
    weight = n + 1 - rank
    loss, reference = (by_norm.double() * weight).sum(-1), (ideal.double() * weight).sum(-1)
    at_random = (n + 1) / 2 * scores.double().sum(-1)
    return (loss - reference).sum(), (at_random - reference).sum()


@torch.no_grad()
def probe(model: SampleModel, ids: Tensor) -> Probe:
    """ids: (sequences, positions), each beginning with the begin token. Float32 throughout."""
    shape, length = model.shape, ids.shape[1]
    cos, sin = model.rotations(length)
    group = shape.heads // shape.kv_heads
    first_token, first_norm, ratios = [], [], []
    later = torch.arange(length, device=ids.device) > torch.arange(
        length - QUERIES, length, device=ids.device)[:, None]
    x = model.model.embed_tokens(ids)
    for layer in model.model.layers:
        q, k, _ = layer.self_attn.heads(layer.input_layernorm(x), cos, sin)
        keys = k.repeat_interleave(group, 1)
        logits = q[:, :, -QUERIES:] @ keys.transpose(-1, -2) * shape.head_dim**-0.5
        scores = logits.masked_fill(later, -torch.inf).softmax(-1)
        norms = k.norm(dim=-1)  # (sequences, kv_heads, positions)
        first_token.append(scores[..., 0].mean((0, 2)))
        first_norm.append((norms[..., 0] / norms.median(-1).values).mean(0))
        # The cache of the last query: all positions before it.
        rows = scores[:, :, -1, : length - 1].unflatten(1, (-1, group)).mean(2)
        alr, at_random = alr_sums(rows, norms[..., : length - 1])
        ratios.append((alr / at_random).float())
        x = layer(x, cos, sin)
    return Probe(torch.stack(first_token), torch.stack(first_norm), torch.stack(ratios))
