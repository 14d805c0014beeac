"""Compares two results folders of one model on one corpus that differ in their arithmetic.

    alr-analyze MODEL CORPUS --precision f32 --out F32
    alr-analyze MODEL CORPUS --precision bf16 --out BF16
    python compare_precisions.py F32 BF16

A head passes when its ALR of the second folder, the mean over chunks, agrees with that of the first
within 3 % or 1.5, whichever is larger; the layers pass when the rank correlation of their
`alr_ratio` is at least 0.99. The exit status is 1 when a head or the layers do not. `--per-head`
prints every head, not only those that fail. Needs numpy.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from measures import spearman

RELATIVE, ABSOLUTE, LEAST_CORRELATION = 0.03, 1.5, 0.99


def same_run(first: dict, second: dict) -> None:
    """Stops where the folders do not hold the same measurement."""
    facts = [("model", "fingerprint"), ("corpus", "fingerprint"), ("corpus", "chunks"),
             ("corpus", "chunk_length"), ("corpus", "bos"), ("protocol", "query"),
             ("protocol", "score")]
    for table, name in facts:
        if first[table][name] != second[table][name]:
            raise SystemExit(f"{table}.{name} differs: "
                             f"{first[table][name]} and {second[table][name]}")


def compare_heads(first: dict, second: dict, table: str, every: bool) -> bool:
    label = "head" if table == "heads" else "kv_head"
    expected = np.array([row["alr"] for row in first[table]])
    differences = np.array([row["alr"] for row in second[table]]) - expected
    limits = np.maximum(RELATIVE * np.abs(expected), ABSOLUTE)
    passes = np.abs(differences) <= limits
    for row, difference, passed in zip(first[table], differences, passes):
        if every or not passed:
            error = row["alr_se"]
            print(f"layer {row['layer']:3d} {label} {row[label]:3d}: alr {row['alr']:9.3f} "
                  f"(error over chunks {'-' if error is None else f'{error:.3f}'}), "
                  f"difference {difference:+8.3f} {'pass' if passed else 'FAIL'}")
    shares = np.abs(differences) / limits
    relative = np.abs(differences) / np.maximum(np.abs(expected), ABSOLUTE / RELATIVE)
    print(f"{table}: {passes.sum()} of {len(passes)} within {RELATIVE:.0%} or {ABSOLUTE}; "
          f"of the limit, worst {shares.max():.2f}, 99th percentile {np.quantile(shares, 0.99):.2f}, "
          f"median {np.median(shares):.3f}; largest difference {np.abs(differences).max():.3f}, "
          f"largest share of the ALR, or of {ABSOLUTE / RELATIVE:.0f} where that is more, "
          f"{relative.max():.2%}")
    return bool(passes.all())


def compare_layers(first: dict, second: dict) -> bool:
    pairs = [(one["alr_ratio"], other["alr_ratio"])
             for one, other in zip(first["layers"], second["layers"])
             if one["alr_ratio"] is not None and other["alr_ratio"] is not None]
    if len(pairs) < 2:
        print("layers: too few to rank")
        return True
    expected, found = np.array(pairs).T
    correlation = spearman(expected, found)
    print(f"layers: rank correlation of alr_ratio {correlation:.4f} over {len(pairs)}, "
          f"largest difference {np.abs(found - expected).max():.4f}")
    for answer in ("skip", "unsure"):
        named = [[row["layer"] for row in result["recommendation"]["layers"]
                  if row["answer"] == answer] for result in (first, second)]
        print(f"layers with the answer {answer}: {named[0]} and {named[1]}")
    return bool(correlation >= LEAST_CORRELATION)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path, help="results folder, as the reference")
    parser.add_argument("second", type=Path, help="results folder")
    parser.add_argument("--per-head", action="store_true", help="print every head")
    options = parser.parse_args()
    first, second = (json.loads((folder / "result.json").read_text())
                     for folder in (options.first, options.second))
    same_run(first, second)
    for result in (first, second):
        protocol = result["protocol"]
        print(f"{result['model']['name']}, n = {result['corpus']['chunk_length']}, "
              f"{result['corpus']['chunks']} chunks: {protocol['precision']} on {protocol['isa']}")
    tables = [compare_heads(first, second, table, options.per_head)
              for table in ("heads", "kv_heads")]
    layers = compare_layers(first, second)
    # KV heads are shown, not judged: they average what is judged already.
    sys.exit(0 if tables[0] and layers else 1)


if __name__ == "__main__":
    main()
