"""Compares a results folder with the same measurement made by Hugging Face transformers.

    python compare_transformers.py MODEL CORPUS RESULTS
    python compare_transformers.py --gguf FILE.gguf CORPUS RESULTS

Float32, eager attention, no cache, one chunk at a time. Chunk length, BOS, query and number of
chunks are those that `result.json` states; `--chunk-length`, `--bos` and `--max-chunks` only
assert them or take fewer chunks. A head passes when its ALR, the mean over chunks, agrees within
0.1 % or 0.02, whichever is larger; the exit status is 1 when one does not. Single chunks may differ
by more where two keys have almost the same norm and float32 does not settle which drops first;
the column "near ties" says by how much. Needs torch, transformers, tokenizers, numpy; gguf for
GGUF files.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
import transformers
from chunks import chunks, gguf_tokenizer, query_rows, worst
from measures import CURVE_POINTS, RowMeasures, measure_row, near_tie_slack, spearman
from reference_model import ReferenceModel, begin_id, end_id
from tokenizers import Tokenizer

RELATIVE, ABSOLUTE, FOLDS = 1e-3, 0.02, 8


def empty_arrays(count: int, model: ReferenceModel, n: int) -> dict[str, np.ndarray]:
    """What arrays.npz holds; curves as sums until `finish_means`."""
    layers, heads, kv_heads = model.layers, model.heads, model.kv_heads
    arrays = {name: np.full((count, layers, heads), np.nan)
              for name in ("alr", "random_alr", "spearman", "near_ties")}
    arrays |= {name: np.full((count, layers, kv_heads), np.nan)
               for name in ("kv_alr", "kv_random_alr")}
    arrays |= {name: np.zeros((FOLDS, layers, heads, CURVE_POINTS))
               for name in ("attention_loss", "reference_loss")}
    arrays |= {name: np.zeros((FOLDS, layers, kv_heads, CURVE_POINTS))
               for name in ("kv_attention_loss", "kv_reference_loss")}
    arrays["key_norm_mean"] = np.zeros((layers, kv_heads, n))
    arrays["attention_mean"] = np.zeros((layers, heads, n))
    arrays["fold_chunks"] = np.zeros(FOLDS)
    return arrays


def mean_over_rows(attention: np.ndarray, norms: np.ndarray, rows: list[int],
                   window: int | None) -> RowMeasures:
    """Each row of (rows, positions) against its own prefix, then the mean over rows."""
    measured = []
    for weights, t in zip(attention, rows):
        first = max(0, t - (window - 1)) if window else 0
        measured.append(measure_row(weights[first:t], norms[first:t]))
    return RowMeasures(*(np.mean([getattr(row, name) for row in measured], axis=0)
                         for name in ("alr", "random_alr", "attention_loss", "reference_loss")))


def record_chunk(index: int, model: ReferenceModel, rows: list[int], n: int,
                 arrays: dict[str, np.ndarray]) -> None:
    fold, group = index % FOLDS, model.heads // model.kv_heads
    arrays["fold_chunks"][fold] += 1
    for layer in range(model.layers):
        norms, attention = model.key_norms(layer), model.attention[layer]
        window = model.window(layer)
        first = max(0, n - (window - 1)) if window else 0
        for head in range(model.heads):
            weights, own = attention[head], norms[head // group]
            measured = mean_over_rows(weights, own, rows, window)
            arrays["alr"][index, layer, head] = measured.alr
            arrays["random_alr"][index, layer, head] = measured.random_alr
            arrays["spearman"][index, layer, head] = spearman(own[first:n], weights[-1][first:n])
            arrays["near_ties"][index, layer, head] = max(
                near_tie_slack(row[first:t], own[first:t]) for row, t in zip(weights, rows))
            arrays["attention_loss"][fold, layer, head] += measured.attention_loss
            arrays["reference_loss"][fold, layer, head] += measured.reference_loss
            arrays["attention_mean"][layer, head] += weights[-1][:n]
        for kv_head in range(model.kv_heads):
            shared = attention[kv_head * group : (kv_head + 1) * group].mean(0)
            measured = mean_over_rows(shared, norms[kv_head], rows, window)
            arrays["kv_alr"][index, layer, kv_head] = measured.alr
            arrays["kv_random_alr"][index, layer, kv_head] = measured.random_alr
            arrays["kv_attention_loss"][fold, layer, kv_head] += measured.attention_loss
            arrays["kv_reference_loss"][fold, layer, kv_head] += measured.reference_loss
            arrays["key_norm_mean"][layer, kv_head] += norms[kv_head][:n]
        if first > 0:
            arrays["attention_mean"][layer, :, :first] = np.nan
            arrays["key_norm_mean"][layer, :, :first] = np.nan


def finish_means(arrays: dict[str, np.ndarray], count: int) -> None:
    folds = arrays["fold_chunks"]
    for name in ("attention_loss", "reference_loss", "kv_attention_loss", "kv_reference_loss"):
        shape = (FOLDS,) + (1,) * 3
        with np.errstate(invalid="ignore"):
            arrays[name] = arrays[name] / folds.reshape(shape)
    arrays["key_norm_mean"] /= count
    arrays["attention_mean"] /= count


def within(difference: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return np.abs(difference) <= np.maximum(RELATIVE * np.abs(reference), ABSOLUTE)


def compare_heads(reference: dict[str, np.ndarray], ours: dict[str, np.ndarray]) -> bool:
    """Prints one line a head, over its chunks, and says whether every head passes."""
    print("layer head         ALR  difference  worst chunk  near ties | random_alr   spearman |")
    shape = reference["alr"].shape[1:]
    passed, beyond, explained = 0, 0, 0
    for layer, head in np.ndindex(shape):
        cell = (slice(None), layer, head)
        expected = reference["alr"][cell]
        difference = ours["alr"][cell] - expected
        passes = bool(within(difference.mean(), expected.mean()))
        passed += passes
        outside = ~within(difference, expected)
        near_ties = reference["near_ties"][cell]
        beyond += outside.sum()
        explained += (outside & (np.abs(difference) <= near_ties + ABSOLUTE)).sum()
        print(f"{layer:5d} {head:4d} {expected.mean():11.4f} {abs(difference.mean()):11.2e} "
              f"{worst(difference):12.2e} {near_ties.max():10.2e} | "
              f"{worst(ours['random_alr'][cell] - reference['random_alr'][cell]):10.2e} "
              f"{worst(ours['spearman'][cell] - reference['spearman'][cell]):10.2e} | "
              f"{'pass' if passes else 'FAIL'}")
    total = int(np.prod(shape))
    print(f"\n{passed} of {total} heads pass; {beyond} of {expected.size * total} single "
          f"chunks differ by more than the limit, {explained} of them within their near ties")
    return passed == total


def compare_result(result: dict, reference: dict[str, np.ndarray], count: int) -> bool:
    """The rows of result.json against the means of the reference's chunks."""
    agree = True
    for table, alr, random in (("heads", "alr", "random_alr"),
                               ("kv_heads", "kv_alr", "kv_random_alr")):
        worst_alr = worst_ratio = 0.0
        for row in result[table]:
            cell = (slice(None), row["layer"], row["head" if table == "heads" else "kv_head"])
            expected = reference[alr][cell].mean()
            total = reference[random][cell].sum()
            worst_alr = max(worst_alr, abs(row["alr"] - expected))
            agree &= bool(within(row["alr"] - expected, expected))
            if total > 0 and row["alr_ratio"] is not None:
                worst_ratio = max(
                    worst_ratio, abs(row["alr_ratio"] - reference[alr][cell].sum() / total))
        print(f"result.json {table}: worst difference of alr {worst_alr:.2e}, "
              f"of alr_ratio {worst_ratio:.2e}")
    return agree


def stated(name: str, given, value):
    if given is not None and given != value:
        raise SystemExit(f"{name}: {given} was asked for, the results say {value}")
    return value


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", help="folder in Hugging Face layout")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--gguf", type=Path, help="a GGUF file, dequantised by transformers")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json, else the model's own")
    parser.add_argument("--chunk-length", type=int)
    parser.add_argument("--bos", choices=["with", "without"])
    parser.add_argument("--max-chunks", type=int, help="compare only the first chunks")
    parser.add_argument("--separator", choices=["eos"])
    parser.add_argument("--threads", type=int, help="threads of torch")
    arguments = parser.parse_args()
    if (arguments.model is None) == (arguments.gguf is None):
        parser.error("give either MODEL or --gguf FILE")
    return arguments


def main() -> None:
    arguments = parsed()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    model_path = arguments.gguf or arguments.model
    result = json.loads((arguments.results / "result.json").read_text())
    ours = dict(np.load(arguments.results / "arrays.npz"))
    n = stated("chunk length", arguments.chunk_length, result["corpus"]["chunk_length"])
    has_bos = stated("BOS", None if arguments.bos is None else arguments.bos == "with",
                     result["corpus"]["bos"])
    whole = result["corpus"]["chunks"]
    count = min(whole, arguments.max_chunks or whole)
    rows = query_rows(result["protocol"]["query"], n)

    tokenizer = (Tokenizer.from_file(str(arguments.tokenizer)) if arguments.tokenizer
                 else gguf_tokenizer(arguments.gguf) if arguments.gguf
                 else Tokenizer.from_file(str(arguments.model / "tokenizer.json")))
    begin = begin_id(model_path, bool(arguments.gguf)) if has_bos else None
    separator = end_id(arguments.model) if arguments.separator else None
    sequences = chunks(arguments.corpus, tokenizer, n, begin, count, separator)
    if len(sequences) < count:
        raise SystemExit(f"the corpus gives {len(sequences)} chunks, the results have {whole}")

    model = ReferenceModel(model_path, bool(arguments.gguf))
    reference = empty_arrays(count, model, n)
    seconds, uneven = 0.0, 0
    for index, ids in enumerate(sequences):
        start = time.perf_counter()
        if result["protocol"]["query"] == "greedy":
            ids = ids[:n] + [model.next_token(ids[:n])]
        model.run(ids, rows)
        seconds += time.perf_counter() - start
        uneven += model.uneven_repeats()
        record_chunk(index, model, rows, n, reference)
    finish_means(reference, count)

    compared = {name: ours[name][:count] for name in ("alr", "random_alr", "spearman")}
    agree = compare_heads(reference, compared)
    for name in ("kv_alr", "kv_random_alr"):
        print(f"{name}: worst difference {worst(ours[name][:count] - reference[name]):.2e}")
    if count == whole:
        agree &= compare_result(result, reference, count)
        for name in ("attention_loss", "reference_loss", "kv_attention_loss",
                     "kv_reference_loss", "key_norm_mean", "attention_mean", "fold_chunks"):
            same = (np.isnan(ours[name]) == np.isnan(reference[name])).all()
            print(f"{name}: worst difference {worst(ours[name] - reference[name]):.2e}"
                  f"{'' if same else ', NaN in different places'}")
            agree &= bool(same)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak /= 2**20 if sys.platform == "darwin" else 2**10
    print(f"layer-0 keys of repeated tokens that torch rounded differently: {uneven}")
    print(f"transformers {transformers.__version__}, torch {torch.__version__}, "
          f"{torch.get_num_threads()} threads: {seconds / count:.2f} s a chunk of n = {n}, "
          f"peak memory {peak:.0f} MiB")
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
