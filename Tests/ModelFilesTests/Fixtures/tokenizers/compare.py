"""Compares `alr-analyze tokenize` with `tokenizers` on any number of generated strings.

    python compare.py ALR_ANALYZE MODEL [COUNT [SEED [JOINED]]]

MODEL is a tokenizer.json, a folder that holds one, a byte-pair tokenizer.model, or a GGUF file of
model `gpt2` or `llama`; for the last three the reference is built from the file's own pieces and
merges or scores. Compares ids, and of the first strings pieces too. Each string is a text of its own, or,
which is much faster, JOINED of them are one text with a special token between them. Prints the
strings that differ and exits 1 where any does.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
from itertools import zip_longest

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from strings import strings

LLAMA = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def from_scores(pieces, scores, types, prefix):
    """The pipeline of a SentencePiece vocabulary of the byte-pair kind."""
    ids = {piece: index for index, piece in enumerate(pieces)}
    merges = []
    for piece, score, kind in zip(pieces, scores, types):
        for cut in range(1, len(piece)) if kind in (1, 4, 5) else []:
            left, right = piece[:cut], piece[cut:]
            if left in ids and right in ids:
                merges.append((-score, ids[left], ids[right], (left, right)))
    unknown = next((p for p, kind in zip(pieces, types) if kind == 2), "<unk>")
    tokenizer = Tokenizer(models.BPE(
        vocab=ids, merges=[merge[3] for merge in sorted(merges)], fuse_unk=True,
        byte_fallback=6 in types, unk_token=unknown if unknown in ids else None))
    tokenizer.normalizer = normalizers.Sequence(
        ([normalizers.Prepend("▁")] if prefix else []) + [normalizers.Replace(" ", "▁")])
    tokenizer.add_tokens([AddedToken(piece, special=kind != 4, normalized=False)
                          for piece, kind in zip(pieces, types) if kind in (2, 3, 4)])
    return tokenizer


def from_gguf(path):
    import gguf
    fields = gguf.GGUFReader(path).fields

    def read(key):
        return fields["tokenizer.ggml." + key].contents()

    if read("model") == "llama":
        prefix = fields.get("tokenizer.ggml.add_space_prefix")
        return from_scores(read("tokens"), read("scores"), read("token_type"),
                           prefix is None or prefix.contents())
    pieces, types, pre = read("tokens"), read("token_type"), read("pre")
    merges = [(m[:m.index(" ", 1)], m[m.index(" ", 1) + 1:]) for m in read("merges")]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    digits = pre_tokenizers.Digits(individual_digits=True)

    def split(pattern):
        return [pre_tokenizers.Split(Regex(pattern), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]

    steps, composes, ignores = {
        "gpt-2": ([byte_level], False, False), "olmo": ([byte_level], True, False),
        "smollm": ([digits, byte_level], False, False),
        "starcoder": ([digits, byte_level], False, False),
        "command-r": ([digits, byte_level], True, False),
        "llama-bpe": (split(LLAMA), False, True), "dbrx": (split(LLAMA), False, False),
        "qwen2": (split(LLAMA.replace("{1,3}", "")), True, False),
    }[pre]
    tokenizer = Tokenizer(models.BPE(
        vocab={p: i for i, p in enumerate(pieces)}, merges=merges, ignore_merges=ignores))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    if composes:
        tokenizer.normalizer = normalizers.NFC()
    for piece, kind in zip(pieces, types):
        if kind in (3, 4):
            tokenizer.add_tokens([AddedToken(piece, special=kind == 3, normalized=False)])
    return tokenizer


def from_sentencepiece(path):
    """The pieces of a byte-pair `tokenizer.model`, read as the protocol-buffers message it is."""
    def fields(data):
        at = 0

        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value

        while at < len(data):
            tag = varint()
            if tag & 7 == 0:
                yield tag >> 3, varint()
                continue
            size = {1: 8, 5: 4}.get(tag & 7) or varint()
            yield tag >> 3, data[at:at + size]
            at += size

    pieces, scores, types, prefix = [], [], [], True
    with open(path, "rb") as file:
        message = list(fields(file.read()))
    for number, value in message:
        if number == 1:
            piece = dict(fields(value))
            pieces.append(piece[1].decode())
            scores.append(struct.unpack("<f", piece.get(2, bytes(4)))[0])
            types.append(piece.get(3, 1))
        elif number == 3:
            prefix = dict(fields(value)).get(3, 1) != 0
    return from_scores(pieces, scores, types, prefix)


def reference(path):
    if path.endswith(".gguf"):
        return from_gguf(path)
    if path.endswith(".model"):
        return from_sentencepiece(path)
    return Tokenizer.from_file(
        os.path.join(path, "tokenizer.json") if os.path.isdir(path) else path)


def lines_of(binary, path, files):
    run = subprocess.run([binary, "tokenize", path, *files], check=True, stdout=subprocess.PIPE)
    return run.stdout.decode().split("\n")[:len(files)]


def parts_of(ids, separator):
    part = []
    for token in ids:
        if token == separator:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def main():
    binary, path = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    joined = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    tokenizer = reference(path)
    tokens = tokenizer.get_added_tokens_decoder()
    added = [t.content for t in tokens.values()]
    # The reference is asked for it as for all else: a separator only says where to look.
    separator, content = next(((i, t.content) for i, t in tokens.items()
                               if t.special and not (t.normalized or t.lstrip or t.rstrip)),
                              (None, "\n\n"))
    seen = different = total = 0
    with tempfile.TemporaryDirectory() as folder:
        while seen < count:
            texts, files = [], []
            for index in range(50 if joined > 1 else 500):
                group = strings(min(joined, count - seen), f"{seed} {seen}", added,
                                plain=seen == 0)
                if not group:
                    break
                seen += len(group)
                texts.append(content.join(group))
                files.append(os.path.join(folder, str(index)))
                with open(files[-1], "wb") as file:
                    file.write(texts[-1].encode())
            for text, line in zip(texts, lines_of(binary, path, files)):
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                total += len(ids)
                found = [int(i) for i in line.split()]
                if found == ids:
                    continue
                for part, ours, theirs in zip_longest(
                        text.split(content), parts_of(found, separator),
                        parts_of(ids, separator)):
                    if ours != theirs:
                        different += 1
                        print(repr(part), theirs, ours, sep="\n  ")
            if seen > 500 * joined:
                continue
            run = subprocess.run([binary, "tokenize", path, *files, "--pieces", "--json"],
                                 check=True, stdout=subprocess.PIPE)
            for entry, text in zip(json.loads(run.stdout), texts):
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                if entry["pieces"] != [tokenizer.id_to_token(i) for i in ids]:
                    different += 1
                    print(repr(text[:200]), "pieces differ", sep="\n  ")
    print(f"{path}: {count} strings, {total} tokens, {different} differ")
    return different > 0


if __name__ == "__main__":
    sys.exit(main())
