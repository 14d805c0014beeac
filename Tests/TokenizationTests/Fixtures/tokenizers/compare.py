"""Compares `alr-analyze tokenize` with `tokenizers` on any number of generated strings.

    python compare.py ALR_ANALYZE MODEL [COUNT [SEED [JOINED]]]

MODEL is a tokenizer.json, a folder that holds one, a tokenizer.model, or a GGUF file of model `gpt2`
or `llama`; for all but the first two references.py builds the reference. Compares

- the piece of every id;
- the ids of every string;
- what decoding gives, with special tokens and without: of the ids of every string, and of as many
  sequences of random ids, which seldom are the ids of any text.

Each string is a text of its own, or, which is much faster, JOINED of them are one text with a
special token between them; they are decoded one by one in any case. Prints the strings that differ,
then the counts, and exits 1 where any does. Needs tokenizers 0.23, for GGUF files gguf, for a unigram
tokenizer.model sentencepiece.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
from itertools import zip_longest

import tokenizers

from references import reference
from strings import strings


class Tool:
    """`alr-analyze tokenize MODEL`."""

    def __init__(self, binary, model, folder):
        self.command = [binary, "tokenize", model]
        self.folder = folder

    def run(self, *arguments):
        return subprocess.run([*self.command, *arguments], check=True,
                              stdout=subprocess.PIPE).stdout.decode()

    def encode(self, texts):
        files = [os.path.join(self.folder, str(index)) for index in range(len(texts))]
        for name, text in zip(files, texts):
            with open(name, "wb") as file:
                file.write(text.encode())
        lines = self.run(*files).split("\n")
        return [[int(i) for i in line.split()] for line in lines[:len(files)]]

    def decode(self, sequences, *flags):
        name = os.path.join(self.folder, "ids")
        with open(name, "w") as file:
            file.writelines(" ".join(map(str, ids)) + "\n" for ids in sequences)
        return json.loads(self.run(name, "--decode", "--json", *flags))


class Counts:
    strings = sequences = pieces = tokens = 0

    def __init__(self):
        self.different = {"ids": 0, "pieces": 0, "decoding": 0}

    def differ(self, kind, given, theirs, ours):
        self.different[kind] += 1
        if self.different[kind] <= 100:
            print(f"{kind} of {given!r}", repr(theirs), repr(ours), sep="\n  ", flush=True)


def parts_of(ids, separator):
    parts = [[]]
    for token in ids:
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def compare_pieces(tokenizer, tool, counts):
    ids = range(1 + max(tokenizer.get_vocab(with_added_tokens=True).values()))
    entry, = tool.decode([ids], "--pieces")
    for id, ours in zip_longest(ids, entry["pieces"]):
        counts.pieces += 1
        theirs = tokenizer.id_to_token(id)
        if theirs != ours and not (theirs is None and ours == ""):
            counts.differ("pieces", id, theirs, ours)


def compare_decoding(tokenizer, tool, sequences, counts):
    counts.sequences += len(sequences)
    for flags, skips in [((), False), (("--skip-special",), True)]:
        theirs = tokenizer.decode_batch(sequences, skip_special_tokens=skips)
        entries = tool.decode(sequences, *flags)
        for ids, text, entry in zip_longest(sequences, theirs, entries):
            if entry is None or text != entry["text"]:
                counts.differ("decoding", ids, text, entry and entry["text"])


def main():
    assert tokenizers.__version__.startswith("0.23."), tokenizers.__version__
    binary, path = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    joined = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    tokenizer = reference(path)
    vocabulary = sorted(tokenizer.get_vocab(with_added_tokens=True).values())
    tokens = tokenizer.get_added_tokens_decoder()
    added = [t.content for t in tokens.values()]
    # The reference is asked for it as for all else: a separator only says where to look.
    separator, content = next(((i, t.content) for i, t in tokens.items()
                               if t.special and not (t.normalized or t.lstrip or t.rstrip)),
                              (None, "\n\n"))
    counts = Counts()
    rng = random.Random(f"ids {seed}")
    with tempfile.TemporaryDirectory() as folder:
        tool = Tool(binary, path, folder)
        compare_pieces(tokenizer, tool, counts)
        while counts.strings < count:
            texts, sequences = [], []
            for _ in range(50 if joined > 1 else 500):
                group = strings(min(joined, count - counts.strings), f"{seed} {counts.strings}",
                                added, plain=counts.strings == 0)
                if not group:
                    break
                counts.strings += len(group)
                texts.append(content.join(group))
            for text, found in zip_longest(texts, tool.encode(texts)):
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                counts.tokens += len(ids)
                theirs = parts_of(ids, separator)
                sequences += theirs
                if found == ids:
                    continue
                ours = parts_of(found, separator)
                for part, their, our in zip_longest(text.split(content), theirs, ours):
                    if their != our:
                        counts.differ("ids", part, their, our)
            sequences += [rng.choices(vocabulary, k=rng.choice([1, 2, 3, 5, 8, 13]))
                          for _ in sequences]
            compare_decoding(tokenizer, tool, sequences, counts)
    print(f"{os.path.basename(path)}: {counts.strings} strings, {counts.tokens} tokens, "
          f"{counts.pieces} pieces, {counts.sequences} sequences decoded; differ: "
          + ", ".join(f"{n} {kind}" for kind, n in counts.different.items()))
    return any(counts.different.values())


if __name__ == "__main__":
    sys.exit(main())
