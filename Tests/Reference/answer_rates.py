"""The recommendation's rule, written again: checks its answers, and how often it is wrong.

    python3 Tests/Reference/answer_rates.py RESULTS [--choices 400]

First the answers of `result.json` are compared with this script's; they may differ where a share of
resamplings lies within chance of its limit, since the draws are others. Then random subsets of the
chunks are answered and held against what all chunks say of each layer, taken as the truth: so there
should be hundreds of them. Exits 1 where more answers differ than one in eight. Needs numpy, scipy.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from scipy import stats

ANSWERS = {-1: "compress", 0: "unsure", 1: "skip"}


def threshold(ratios: np.ndarray) -> np.ndarray:
    median = np.median(ratios, axis=-1, keepdims=True)
    return median + 3 * 1.4826 * np.median(np.abs(ratios - median), axis=-1, keepdims=True)


def answers(alr: np.ndarray, random: np.ndarray, draws: int, generator) -> np.ndarray:
    """1 skip, -1 compress, 0 unsure for each layer; `alr` and `random` are (chunks, layers)."""
    chunks = len(alr)
    ratios = alr.sum(0) / random.sum(0)
    without = (alr.sum(0) - alr) / (random.sum(0) - random)
    deviations = np.sqrt((chunks - 1) / chunks) * (without - without.mean(0))
    reach = stats.t.ppf(0.975, chunks - 1) * np.sqrt((deviations ** 2).sum(0))
    stretch = np.sqrt((chunks - 1) / generator.chisquare(chunks - 1, (draws, 1)))
    resampled = ratios + stretch * (generator.standard_normal((draws, chunks)) @ deviations)
    distance = ratios - threshold(ratios)
    distances = np.sort(resampled - threshold(resampled), axis=0)
    tail = draws // 40
    doubt = np.maximum(distances[-1 - tail] - distance, distance - distances[tail])

    def claim(distance: np.ndarray, doubt: np.ndarray) -> np.ndarray:
        return np.where(np.abs(distance) > doubt, np.sign(distance), 0)

    worse, outlying = claim(ratios - 1, reach), claim(distance, doubt)
    skip = (worse > 0) | (outlying > 0)
    return np.where(skip, 1, np.where((worse < 0) & (outlying < 0), -1, 0))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--choices", type=int, default=400, help="subsets of each size")
    options = parser.parse_args()
    arrays = np.load(options.results / "arrays.npz")
    alr, random = (arrays[name].sum(axis=2) for name in ("kv_alr", "kv_random_alr"))
    generator = np.random.default_rng(5)

    result = json.loads((options.results / "result.json").read_text())
    given = [row["answer"] for row in result["recommendation"]["layers"]]
    found = [ANSWERS[answer] for answer in answers(alr, random, 20_000, generator)]
    differing = [layer for layer, pair in enumerate(zip(given, found)) if pair[0] != pair[1]]
    print(f"{len(given)} answers, {len(differing)} differ: {differing}")

    ratios = alr.sum(0) / random.sum(0)
    truth = np.where((ratios > 1) | (ratios > threshold(ratios)), 1, -1)
    print("to skip by all chunks:", np.flatnonzero(truth == 1).tolist())
    for chunks in (2, 3, 4, 8, 16, 32):
        if 2 * chunks > len(alr):
            break
        wrong = np.zeros(len(truth))
        unsure = 0.0
        for _ in range(options.choices):
            chosen = generator.choice(len(alr), chunks, replace=False)
            answer = answers(alr[chosen], random[chosen], 1_000, generator)
            wrong += answer == -truth
            unsure += np.mean(answer == 0)
        print(f"{chunks} chunks: cannot tell {100 * unsure / options.choices:.1f} % of layers; "
              f"wrong {100 * wrong.max() / options.choices:.1f} % in the worst layer, "
              f"{100 * wrong.mean() / options.choices:.2f} % on average")
    sys.exit(len(differing) > len(given) / 8)


if __name__ == "__main__":
    main()
