"""Compares `alr-analyze tokenize` with `tokenizers` on any number of generated strings.

    python compare.py ALR_ANALYZE MODEL [COUNT [SEED]]

MODEL is a tokenizer.json, a folder that holds one, or a GGUF file of model `gpt2` or `llama`, for
which the reference is built from the file's own pieces and merges or scores. Prints the strings that differ and exits 1
where any does.
"""
import os
import subprocess
import sys
import tempfile

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


def reference(path):
    if path.endswith(".gguf"):
        return from_gguf(path)
    return Tokenizer.from_file(
        os.path.join(path, "tokenizer.json") if os.path.isdir(path) else path)


def main():
    binary, path = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    tokenizer = reference(path)
    added = [t.content for t in tokenizer.get_added_tokens_decoder().values()]
    texts = strings(count, seed, added)
    different = tokens = 0
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, count, 500):
            files = []
            for index, text in enumerate(texts[first:first + 500]):
                files.append(os.path.join(folder, str(index)))
                with open(files[-1], "wb") as file:
                    file.write(text.encode())
            lines = subprocess.run([binary, "tokenize", path, *files], check=True,
                                   stdout=subprocess.PIPE, text=True).stdout.split("\n")
            for text, line in zip(texts[first:], lines[:len(files)]):
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                tokens += len(ids)
                if [int(i) for i in line.replace(",", " ").split()] != ids:
                    different += 1
                    print(repr(text), ids, line, sep="\n  ")
    print(f"{count} strings, {tokens} tokens, {different} differ")
    return different > 0


sys.exit(main())
