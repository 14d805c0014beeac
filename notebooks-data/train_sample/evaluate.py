"""States what the sample model has learned.

    python evaluate.py SCRATCH ../sample

Prints the perplexity a token of the model and of a bigram model, trained on the same tokens, on
the held-out documents and on the sample corpus; and for each head how much attention goes to the
BOS, the sign of an attention sink.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from prepare import BEGIN_ID, VOCABULARY

LENGTH = 1024
DISCOUNT = 0.75
SINK_SEQUENCES, SINK_FROM = 16, 64


def bigram_losses(train: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Negative log likelihood of each token of `text` after the first (interpolated Kneser–Ney).

    P(w|v) = max(c(v,w) − D, 0) / c(v) + D·T(v) / c(v) · Q(w), where T(v) counts the kinds of
    tokens seen after v, and Q(w) the kinds seen before w, plus one, over their sum.
    """
    counts = np.zeros((VOCABULARY, VOCABULARY), dtype=np.float32)
    np.add.at(counts, (train[:-1], train[1:]), 1)
    before = (counts > 0).sum(0) + 1.0
    continuation = before / before.sum()
    totals, kinds = counts.sum(1), (counts > 0).sum(1)
    previous, current = text[:-1], text[1:]
    total = np.maximum(totals[previous], 1)
    seen = np.maximum(counts[previous, current] - DISCOUNT, 0) / total
    rest = np.where(totals[previous] > 0, DISCOUNT * kinds[previous] / total, 1)
    return -np.log(seen + rest * continuation[current])


def model_losses(model, text: np.ndarray) -> np.ndarray:
    """Negative log likelihood of each token, in sequences of the BOS and 1023 running tokens."""
    losses = []
    with torch.no_grad():
        for start in range(0, len(text), LENGTH - 1):
            piece = text[start : start + LENGTH - 1].astype(np.int64)
            ids = torch.from_numpy(np.concatenate([[BEGIN_ID], piece]))[None]
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1]
            losses.append(F.cross_entropy(logits, ids[0, 1:], reduction="none").numpy())
    return np.concatenate(losses)


def report(name: str, model, train: np.ndarray, text: np.ndarray, size: int) -> None:
    own, bigram = model_losses(model, text), bigram_losses(train, text)
    print(f"{name}: {len(text)} tokens, perplexity of the model {np.exp(own.mean()):.1f}, "
          f"of the bigram model {np.exp(bigram.mean()):.1f}; "
          f"bits a byte {own.sum() / np.log(2) / size:.3f} and "
          f"{bigram.sum() / np.log(2) / size:.3f}")


def report_sink(model, text: np.ndarray) -> None:
    """Mean attention on the BOS over queries from position 64 on, in sequences of 512 tokens."""
    model.set_attn_implementation("eager")
    config, length = model.config, 512
    total = np.zeros((config.num_hidden_layers, config.num_attention_heads))
    keys = {}
    for index, layer in enumerate(model.model.layers):
        layer.self_attn.k_proj.register_forward_hook(
            lambda _m, _i, out, index=index: keys.__setitem__(index, out[0]))
    ratios = np.zeros((config.num_hidden_layers, config.num_key_value_heads))
    for sequence in range(SINK_SEQUENCES):
        start = sequence * (len(text) // SINK_SEQUENCES)
        piece = text[start : start + length - 1].astype(np.int64)
        ids = torch.from_numpy(np.concatenate([[BEGIN_ID], piece]))[None]
        with torch.no_grad():
            output = model(input_ids=ids, use_cache=False, output_attentions=True)
        for index, attention in enumerate(output.attentions):
            total[index] += attention[0, :, SINK_FROM:, 0].mean(1).numpy()
            norms = keys[index].unflatten(-1, (config.num_key_value_heads, -1)).norm(dim=-1)
            ratios[index] += (norms[0] / norms[1:].median(0).values).numpy()
    uniform = np.mean(1 / np.arange(SINK_FROM + 1, length + 1))
    print(f"mean attention on the BOS (even attention would give {uniform:.4f}),"
          " and its key norm over the median key norm:")
    for index, row in enumerate(total / SINK_SEQUENCES):
        print(f"  layer {index}: " + " ".join(f"{value:.3f}" for value in row)
              + "  | " + " ".join(f"{value:.2f}" for value in ratios[index] / SINK_SEQUENCES))


def main() -> None:
    scratch, folder = Path(sys.argv[1]), Path(sys.argv[2])
    torch.set_num_threads(1)
    train = np.fromfile(scratch / "train.bin", dtype=np.uint16)
    held_out = np.fromfile(scratch / "heldout.bin", dtype=np.uint16)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    corpus = (Path(__file__).parent.parent / "sample/corpus.txt").read_text(encoding="utf-8")
    corpus_ids = np.array(tokenizer.encode(corpus, add_special_tokens=False).ids, dtype=np.uint16)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    size = len(tokenizer.decode(held_out.tolist(), skip_special_tokens=True).encode())
    report("held out", model, train, held_out, size)
    report("sample corpus", model, train, corpus_ids, len(corpus.encode()))
    report_sink(model, held_out)
    prompt = tokenizer.encode("A lighthouse is a tower")
    output = model.generate(torch.tensor([prompt.ids]), max_new_tokens=60, do_sample=False)
    print(tokenizer.decode(output[0].tolist()))


if __name__ == "__main__":
    main()
