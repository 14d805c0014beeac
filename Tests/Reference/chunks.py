"""From a corpus to chunks of token ids."""

import json
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)

DIGITS = pre_tokenizers.Digits(individual_digits=True)
GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def split(digits: str) -> pre_tokenizers.PreTokenizer:
    pattern = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + digits
               + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), BYTES])


PRE_TOKENIZERS = {
    "gpt-2": GPT2,
    "smollm": pre_tokenizers.Sequence([DIGITS, GPT2]),
    "llama-bpe": split(r"\p{N}{1,3}"),
    "qwen2": split(r"\p{N}"),
}


def scored_tokenizer(pieces: list[str], scores: list[float], types: list[int],
                     has_prefix: bool) -> Tokenizer:
    """BPE over scored pieces: any two that join to a third may merge, the best score first."""
    ids = {piece: index for index, piece in enumerate(pieces)}
    merges = []
    for piece, score, kind in zip(pieces, scores, types):
        if kind in (NORMAL, USER_DEFINED, UNUSED):
            halves = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
            merges += [(-score, ids[left], ids[right], (left, right))
                       for left, right in halves if left in ids and right in ids]
    unknown = next((piece for piece, kind in zip(pieces, types) if kind == UNKNOWN), "<unk>")
    tokenizer = Tokenizer(models.BPE(
        vocab=ids, merges=[pair for *_, pair in sorted(merges)], fuse_unk=True,
        byte_fallback=BYTE in types, unk_token=unknown if unknown in ids else None))
    tokenizer.normalizer = normalizers.Sequence(
        ([normalizers.Prepend("▁")] if has_prefix else []) + [normalizers.Replace(" ", "▁")])
    tokenizer.add_tokens([AddedToken(piece, special=kind != USER_DEFINED, normalized=False)
                          for piece, kind in zip(pieces, types)
                          if kind in (UNKNOWN, CONTROL, USER_DEFINED)])
    return tokenizer


def gguf_tokenizer(path: Path) -> Tokenizer:
    """BPE over the file's own pieces, with its merges or scores."""
    from gguf import GGUFReader

    fields = GGUFReader(path).fields

    def field(name):
        return fields[f"tokenizer.ggml.{name}"].contents()

    if field("model") == "llama":
        prefix = fields.get("tokenizer.ggml.add_space_prefix")
        return scored_tokenizer(field("tokens"), field("scores"), field("token_type"),
                                prefix is None or prefix.contents())
    if field("model") != "gpt2" or field("pre") not in PRE_TOKENIZERS:
        raise SystemExit("no pipeline here for this vocabulary: pass --tokenizer tokenizer.json")
    pieces, types = field("tokens"), field("token_type")
    merges = [tuple(merge.split(" ")) for merge in field("merges")]
    tokenizer = Tokenizer(models.BPE(
        vocab={piece: index for index, piece in enumerate(pieces)}, merges=merges,
        ignore_merges=field("pre") == "llama-bpe"))
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[field("pre")]
    tokenizer.decoder = decoders.ByteLevel()
    if field("pre") == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    for kind, special in ((CONTROL, True), (USER_DEFINED, False)):
        added = [AddedToken(piece, special=special, normalized=False)
                 for piece, of_kind in zip(pieces, types) if of_kind == kind]
        (tokenizer.add_special_tokens if special else tokenizer.add_tokens)(added)
    return tokenizer


def documents(corpus: Path):
    """A file is one document, a line of a .jsonl file is one, a folder is its text files."""
    if corpus.is_dir():
        names = [path for path in corpus.rglob("*")
                 if path.suffix in (".txt", ".md", ".jsonl") and path.is_file()]
        for path in sorted(names, key=lambda path: str(path.relative_to(corpus)).encode()):
            yield from documents(path)
        return
    text = corpus.read_bytes().decode("utf-8", errors="replace")
    if corpus.suffix == ".jsonl":
        for line in text.split("\n"):
            if line.strip():
                yield json.loads(line)["text"]
    else:
        yield text


def chunks(corpus: Path, tokenizer: Tokenizer, n: int, begin: int | None, count: int,
           separator: int | None = None) -> list[list[int]]:
    """`count` sequences of n + 1 ids, the BOS in front included."""
    step = n + 1 - (begin is not None)
    ids: list[int] = []
    for document in documents(corpus):
        ids += tokenizer.encode(document, add_special_tokens=False).ids
        if separator is not None:
            ids.append(separator)
        if len(ids) >= count * step:
            break
    front = [] if begin is None else [begin]
    return [front + ids[start : start + step]
            for start in range(0, (len(ids) // step) * step, step)][:count]


def query_rows(query: str, n: int) -> list[int]:
    """Numbers t of cached positions before each query."""
    name, _, argument = query.partition(":")
    if name in ("next", "greedy"):
        return [n]
    if name == "last":
        return list(range(max(1, n - int(argument) + 1), n + 1))
    if name == "all":
        return list(range(32, n + 1, int(argument or 1)))
    raise SystemExit(f"unknown query {query}")


def worst(difference: np.ndarray) -> float:
    return float(np.nanmax(np.abs(difference), initial=0.0))
