"""Makes `scores.csv`: what each eviction score gives for made-up keys, values and queries.

    python3 make_scores.py

The definitions are written out below one by one, in float64, without looking at how the tool does
it. Inputs are not stored: both sides draw them with SplitMix64. Written with numpy 2.

A row is a case, a score's name and the scores of its slots. Cases:
  whole    90 positions, global attention
  window   the same within a sliding window of 30, soft cap 3
  pruned   80 slots of 120 positions
  long     280 positions, for lag-kv, which needs three partitions to say anything
"""

from pathlib import Path

import numpy as np

SIZE, ROTARY, BASE, HEADS = 8, 6, 100.0, 2
SCALE = 0.35
MASK = (1 << 64) - 1


def draws(seed, count):
    """Uniform in -1...1, exact in float32."""
    state, values = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        values.append(((z ^ (z >> 31)) >> 41) / 2**22 - 1)
    return np.array(values)


def rotate(vectors, positions):
    """(..., positions, size); angles as float32 makes them."""
    half = ROTARY // 2
    frequencies = (1 / (BASE ** (np.arange(half) * 2 / ROTARY).astype(np.float32))).astype(np.float32)
    angles = (np.asarray(positions, np.float32)[:, None] * frequencies).astype(np.float64)
    cosines, sines = np.cos(angles), np.sin(angles)
    first, second = vectors[..., :half], vectors[..., half:ROTARY]
    return np.concatenate([first * cosines - second * sines, second * cosines + first * sines,
                           vectors[..., ROTARY:]], -1)


class Case:
    def __init__(self, seed, length, positions, window=None, cap=0.0):
        self.positions = np.array(positions)
        self.window, self.cap = window, cap
        self.raw_keys = draws(seed, length * SIZE).reshape(length, SIZE)[positions] * 2 + 0.3
        self.values = draws(seed + 1, length * SIZE).reshape(length, SIZE)[positions]
        self.raw_queries = draws(seed + 2, HEADS * length * SIZE).reshape(HEADS, length, SIZE) * 3
        self.keys = rotate(self.raw_keys, positions)
        self.query_positions = np.arange(length)
        self.queries = rotate(self.raw_queries, self.query_positions)

    def attention(self, query_positions):
        """Attention rows (heads, queries, slots) of queries at these positions."""
        rows = np.zeros((HEADS, len(query_positions), len(self.positions)))
        for head in range(HEADS):
            for index, position in enumerate(query_positions):
                products = self.keys @ self.queries[head, position] * SCALE
                if self.cap:
                    products = self.cap * np.tanh(products / self.cap)
                seen = self.positions <= position
                if self.window:
                    seen &= self.positions > position - self.window
                weights = np.where(seen, np.exp(products), 0)
                if seen.any():
                    rows[head, index] = weights / weights.sum()
        return rows


def key_norm_high(case):
    return np.sqrt((case.raw_keys**2).sum(1))


def key_norm(case):
    return -key_norm_high(case)


def streaming(case):
    return np.where(case.positions < 4, np.inf, case.positions)


def value_norm(case):
    return np.sqrt((case.values**2).sum(1))


def key_diff(case):
    directions = case.keys / np.linalg.norm(case.keys, axis=1, keepdims=True)
    mean = directions.mean(0)
    return -(directions @ mean) / np.linalg.norm(mean)


def lag_kv(case):
    count = len(case.positions)
    scores = 1.0 + np.arange(count)
    scores[case.positions < 4] = np.inf
    first = int((case.positions < 4).sum())
    parts = (count - first) // 128
    for part in range(parts - 1):
        own = slice(first + part * 128, first + (part + 1) * 128)
        following = slice(own.stop, own.stop + 128)
        total = 0
        for states in (case.keys, case.values):
            low, high = states[following].min(0), states[following].max(0)
            spread = ((states[own] - low) / (high - low)).std(axis=1, ddof=1)
            weights = np.exp(spread)
            total = total + weights / weights.sum() / 2
        scores[own] = total.argsort().argsort() / 128
    return scores


def leverage(case):
    centred = case.raw_keys - case.raw_keys.mean(0)
    inverse = np.linalg.inv(centred.T @ centred + 0.01 * np.eye(SIZE))
    return np.diag(centred @ inverse @ centred.T)


def tova(case):
    return case.attention([case.positions[-1]])[:, 0].mean(0)


def h2o(case):
    return case.attention(range(case.positions[-1] + 1)).sum(1).mean(0)


def snap_kv(case):
    last = case.positions[-1]
    sums = case.attention(range(last - 63, last + 1)).sum(1).mean(0)
    scores = 65.0 + np.arange(len(sums))
    before = int((case.positions <= last - 64).sum())
    padded = np.concatenate([np.zeros(2), sums[:before], np.zeros(2)])
    scores[:before] = [padded[i : i + 5].mean() for i in range(before)]
    return scores


def expected_attention(case):
    first = int((case.positions < 4).sum())
    last = case.positions[-1]
    # R as a matrix, averaged over the next 512 positions.
    turn = np.mean([rotate(np.eye(SIZE)[:, None], [p])[:, 0] for p in range(last + 1, last + 513)], 0).T
    keys, total = case.keys[first:], 0
    for head in range(HEADS):
        queries = case.raw_queries[head, 4 : last + 1]
        mean = turn @ queries.mean(0)
        covariance = turn @ np.cov(queries.T, bias=True) @ turn.T
        exponents = SCALE * keys @ mean + SCALE**2 / 2 * np.einsum("ni,ij,nj->n", keys, covariance, keys)
        weights = np.exp(exponents - exponents.max())
        total = total + weights / weights.sum() / HEADS
    norms = np.linalg.norm(case.values[first:], axis=1)
    return np.concatenate([np.full(first, np.inf), total * norms])


scores = [key_norm, key_norm_high, streaming, value_norm, key_diff, lag_kv, leverage, tova, h2o,
          snap_kv, expected_attention]
kept = [position for position in range(120) if position % 3 != 1]
cases = {
    "whole": (Case(1, 90, list(range(90))), scores),
    "window": (Case(11, 90, list(range(90)), window=30, cap=3.0), [tova, h2o, snap_kv]),
    "pruned": (Case(21, 120, kept), scores),
    "long": (Case(31, 280, list(range(280))), [lag_kv]),
}
lines = [
    ",".join([name, score.__name__.replace("_", "-")] + [f"{value:.9g}" for value in score(case)])
    for name, (case, chosen) in cases.items() for score in chosen]
(Path(__file__).parent / "scores.csv").write_text("\n".join(lines) + "\n")
