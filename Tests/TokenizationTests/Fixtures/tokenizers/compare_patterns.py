"""Compares `alr-analyze tokenize` with `tokenizers` on random `Split` patterns of the form that is read
from the file: a class of characters in a row, with or without one character before them.

    python compare_patterns.py ALR_ANALYZE [PATTERNS [SEED]]

Each of PATTERNS tokenizers has one to three splits and encodes 200 random strings. Prints the first
string of a tokenizer that differs, then the counts, and exits 1 where any differs or is refused.
Needs tokenizers 0.23.
"""
import os
import random
import subprocess
import sys
import tempfile

import tokenizers
from tokenizers import Tokenizer, decoders, models, trainers

from compare import Tool
from references import byte_level, splits

PLAIN = "abcdXYZ019 .,!-_&^]$\t\n\r"
ODD = "éßǅʰªا字か한ࠀ٣²\u3000\u0301«€\u00a0龥一\ud7ff\U00010000😀\u2028\u017f"
SETS = ([rf"\p{{{name}}}" for name in "L Lu Ll Lt Lm Lo M N P S".split()]
        + [r"\s", r"\r", r"\n", r"\t"] + ["\\" + sign for sign in ".]-^&$_,"])
LITERALS = [c for c in PLAIN + ODD if c not in "[].^$|(){}*+?\\-&"]


def text(rng, length):
    return "".join(rng.choice(PLAIN if rng.random() < 0.6 else PLAIN + ODD) for _ in range(length))


def item(rng):
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(SETS)
    if kind < 0.7:
        return rng.choice(LITERALS)
    return "-".join(sorted(rng.choices(LITERALS, k=2), key=ord))


def atom(rng):
    if rng.random() < 0.35:
        return rng.choice(SETS if rng.random() < 0.7 else LITERALS)
    return "[" + rng.choice(["", "", "^"]) + "".join(item(rng) for _ in range(rng.randint(1, 5))) + "]"


def quantifier(rng):
    least = rng.randint(1, 3)
    return rng.choice(["+", "+", "", f"{{{least}}}", f"{{{least},{least + rng.randint(0, 3)}}}"])


def pattern(rng):
    return (atom(rng) + "?" if rng.random() < 0.4 else "") + atom(rng) + quantifier(rng)


def main():
    assert tokenizers.__version__.startswith("0.23."), tokenizers.__version__
    binary = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    # Merges learnt over all boundaries, so that a wrong split shows in the ids.
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = byte_level(False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        [text(rng, 40) for _ in range(20_000)],
        trainers.BpeTrainer(vocab_size=20_000, show_progress=False, max_token_length=12,
                            initial_alphabet=byte_level(False).alphabet()))
    different = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tokenizer.json")
        for _ in range(count):
            patterns = [pattern(rng) for _ in range(rng.randint(1, 3))]
            tokenizer.pre_tokenizer = splits(*patterns)
            tokenizer.save(path)
            texts = [text(rng, rng.choice([3, 10, 40, 200])) for _ in range(200)]
            try:
                found = Tool(binary, path, folder).encode(texts)
            except subprocess.CalledProcessError:
                refused += 1
                print("refused", patterns)
                continue
            for given, ours in zip(texts, found):
                theirs = tokenizer.encode(given, add_special_tokens=False).ids
                if theirs != ours:
                    different += 1
                    print(patterns, repr(given), theirs, ours, sep="\n  ")
                    break
    print(f"{count} tokenizers, {200 * count} strings; {different} differ, {refused} refused")
    return different + refused > 0


if __name__ == "__main__":
    sys.exit(main())
