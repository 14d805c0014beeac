"""Writes a tokenizer.json of the shape of Llama 3's, for timing how long one takes to load.

    python large_tokenizer.py FILE [PIECES [MERGES]]

128,000 byte-level pieces by default and at most 280,147 merges, indented as the published files are:
about 231,000 are found, which makes 13.5 MB, and more pieces make a larger file. Merges stand as pairs, as current versions of `tokenizers` write them. Every merge gives
a piece of the vocabulary from two others, so that `tokenizers` reads the file too.
"""
import json
import random
import sys


def byte_alphabet():
    printable = [*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)]
    others = [b for b in range(256) if b not in printable]
    return {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(others)}}


def main():
    path = sys.argv[1]
    pieces = int(sys.argv[2]) if len(sys.argv) > 2 else 128_000
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 280_147
    rng = random.Random(1)
    alphabet = byte_alphabet()
    vocabulary = {alphabet[b]: b for b in range(256)}
    letters = [alphabet[b] for b in b"etaoinshrdlcum" * 80 + bytes(range(128, 256))]
    known, merges = list(vocabulary), []
    words = [alphabet[32] + c for c in letters] + letters
    while len(vocabulary) < pieces:
        left = rng.choice(words) if rng.random() < 0.3 else rng.choice(known)
        right = rng.choice(letters) if rng.random() < 0.5 else rng.choice(known)
        merged = left + right
        if len(merged) > 5 or merged in vocabulary or left not in vocabulary:
            if left not in vocabulary and len(left) == 2:
                merges.append((left[0], left[1]))
                vocabulary[left] = len(vocabulary)
                known.append(left)
            continue
        vocabulary[merged] = len(vocabulary)
        known.append(merged)
        merges.append((left, right))
    taken, by_id = set(merges), []
    for piece in known[256:]:
        for cut in range(1, len(piece)):
            pair = piece[:cut], piece[cut:]
            if pair not in taken and pair[0] in vocabulary and pair[1] in vocabulary:
                by_id.append(pair)
    merges = sorted(merges + by_id[:count - len(merges)],
                    key=lambda pair: vocabulary[pair[0] + pair[1]])
    pattern = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
               r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
             "use_regex": False}
    file = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated",
             "invert": False}, level]},
        "post_processor": None, "decoder": dict(level, use_regex=True),
        "model": {"type": "BPE", "dropout": None, "unk_token": None,
                  "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": True,
                  "vocab": vocabulary, "merges": merges}}
    with open(path, "w", encoding="utf-8") as out:
        json.dump(file, out, ensure_ascii=False, indent=2)
    print(f"{path}: {len(vocabulary)} pieces, {len(merges)} merges")


main()
