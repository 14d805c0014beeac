"""Freezes what the references give for 5,000 generated strings a family.

The strings are not stored: GeneratedStrings.swift makes the same from the parts in generated.json and
a generator of random numbers. FAMILY.generated holds a line for each ten strings, the FNV-1a hash of their
ids and of what decoding them gives. Needs tokenizers 0.23 and sentencepiece 0.2; run in this folder.
"""
import json

import tokenizers

from references import reference
from strings import BLOCKS, ODD, SPACES, WORDS

FAMILIES = ["gpt2", "smollm2", "llama3", "qwen2", "tekken", "deepseek", "neox", "gpt4o",
            "deepseek-coder", "llama2", "metaspace", "gemma", "unigram", "spm-bpe.model",
            "spm-unigram.model"]
COUNT, GROUP, MASK = 5000, 10, (1 << 64) - 1


class Random:
    """splitmix64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        return (z ^ z >> 31) % bound


def text(random, parts):
    out = ""
    for _ in range(1 + random.below(7)):
        kind = random.below(10)
        if kind < 4:
            out += parts["words"][random.below(len(parts["words"]))]
        elif kind < 6:
            out += parts["spaces"][random.below(len(parts["spaces"]))]
        elif kind < 7:
            out += parts["odd"][random.below(len(parts["odd"]))]
        elif kind < 8:
            low, high = parts["blocks"][random.below(len(parts["blocks"]))]
            out += chr(low + random.below(high - low))
        elif kind < 9:
            out += str(random.below(10 ** (1 + random.below(8))))
        else:
            repeated = parts["words"][random.below(len(parts["words"]))][0]
            out += repeated * (1 + random.below(40))
    return out


def fnv(values):
    value = 0xCBF29CE484222325
    for item in values:
        value = ((value ^ item) * 0x100000001B3) & MASK
    return value


def main():
    assert tokenizers.__version__.startswith("0.23."), tokenizers.__version__
    parts = {"words": [w for w in WORDS if w], "spaces": [s for s in SPACES if s],
             "odd": ODD + ["<|endoftext|>", "<s>", "</s>", "<mask>", "<norm>", "<pad> ", "<tool>"],
             "blocks": BLOCKS}
    with open("generated.json", "w") as file:
        json.dump(parts, file, ensure_ascii=True)
    random = Random(5)
    texts = [text(random, parts) for _ in range(COUNT)]
    for name in FAMILIES:
        stem = name.removesuffix(".model")
        tokenizer = reference(name if name != stem else name + ".json")
        with open(stem + ".generated", "w") as file:
            for first in range(0, COUNT, GROUP):
                values = []
                for one in texts[first:first + GROUP]:
                    ids = tokenizer.encode(one, add_special_tokens=False).ids
                    values += [len(ids), *ids]
                    values += tokenizer.decode(ids, skip_special_tokens=False).encode()
                file.write("%016x\n" % fnv(values))


if __name__ == "__main__":
    main()
