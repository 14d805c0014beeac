"""References for vocabularies that are no tokenizer.json.

For a GGUF file or a byte-pair `tokenizer.model` it is the pipeline of `tokenizers`, built from the
file's own pieces and merges or scores; for a unigram `tokenizer.model` it is the SentencePiece
library.
"""
import os
import re
import struct
from types import SimpleNamespace

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

LLAMA = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = LLAMA.replace("{1,3}", "")
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
          r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTIONS
         + r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTIONS
         + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = [r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?"
            "[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"]
DEEPSEEK_CODER = ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+"]


def byte_level(use_regex):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)


def splits(*patterns, then=()):
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(p), "isolated") for p in patterns] + [*then, byte_level(False)])


def deepseek_coder():
    return splits(*DEEPSEEK_CODER, then=[pre_tokenizers.Digits(individual_digits=True)])


def digits():
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), byte_level(True)])


# By `tokenizer.ggml.pre`: pre-tokenizer, whether text is composed first, whether a word that is a
# piece is taken whole.
PRE = {
    **dict.fromkeys(["default", "gpt-2", "phi-2"], (byte_level(True), False, False)),
    **dict.fromkeys(["olmo", "mpt"], (byte_level(True), True, False)),
    **dict.fromkeys(["smollm", "starcoder", "refact"], (digits(), False, False)),
    "command-r": (digits(), True, False),
    **dict.fromkeys(["llama-bpe", "llama3", "llama-v3", "pixtral"], (splits(LLAMA), False, True)),
    **dict.fromkeys(["dbrx", "smaug-bpe"], (splits(LLAMA), False, False)),
    "qwen2": (splits(QWEN), True, False),
    "stablelm2": (splits(QWEN), False, False),
    "tekken": (splits(TEKKEN), False, True),
    "deepseek-v3": (splits(*DEEPSEEK), False, False),
    "deepseek-coder": (deepseek_coder(), False, False),
    "gpt-4o": (splits(GPT4O), False, False),
}


def from_scores(pieces, scores, types, prefix):
    """The pipeline of a SentencePiece vocabulary of the byte-pair kind.

    Merges come by the score of what they give, of equal ones by its id: so does transformers order
    them where it is told the scores, and so they give what the SentencePiece library gives.
    """
    ids = {piece: index for index, piece in enumerate(pieces)}
    merges = []
    for piece, score, kind in zip(pieces, scores, types):
        for cut in range(1, len(piece)) if kind in (1, 4, 5) else []:
            left, right = piece[:cut], piece[cut:]
            if left in ids and right in ids:
                merges.append((-score, ids[piece], ids[left], ids[right], (left, right)))
    unknown = next((p for p, kind in zip(pieces, types) if kind == 2), "<unk>")
    tokenizer = Tokenizer(models.BPE(
        vocab=ids, merges=[merge[-1] for merge in sorted(merges)], fuse_unk=True,
        byte_fallback=6 in types, unk_token=unknown if unknown in ids else None))
    tokenizer.normalizer = normalizers.Sequence(
        ([normalizers.Prepend("▁")] if prefix else []) + [normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
        + ([decoders.Strip(" ", 1, 0)] if prefix else []))
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
    pieces, types = read("tokens"), read("token_type")
    merges = [(m[:m.index(" ", 1)], m[m.index(" ", 1) + 1:]) for m in read("merges")]
    pre_tokenizer, composes, ignores = PRE[read("pre")]
    tokenizer = Tokenizer(models.BPE(
        vocab={p: i for i, p in enumerate(pieces)}, merges=merges, ignore_merges=ignores))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if composes:
        tokenizer.normalizer = normalizers.NFC()
    for piece, kind in zip(pieces, types):
        if kind in (3, 4):
            tokenizer.add_tokens([AddedToken(piece, special=kind == 3, normalized=False)])
    return tokenizer


def fields_of(message):
    """Numbers and values of the fields of a protocol-buffers message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(tag & 7) or varint()
        yield tag >> 3, message[at:at + size]
        at += size


def pieces_of(path):
    """Pieces, scores and types of a `tokenizer.model`, and whether a mark is put first."""
    pieces, scores, types, prefix = [], [], [], True
    with open(path, "rb") as file:
        message = list(fields_of(file.read()))
    for number, value in message:
        if number == 1:
            piece = dict(fields_of(value))
            pieces.append(piece[1].decode())
            scores.append(struct.unpack("<f", piece.get(2, bytes(4)))[0])
            types.append(piece.get(3, 1))
        elif number == 3:
            prefix = dict(fields_of(value)).get(3, 1) != 0
    return pieces, scores, types, prefix


def is_unigram(path):
    with open(path, "rb") as file:
        trainer = dict(fields_of(file.read())).get(2, b"")
    return dict(fields_of(trainer)).get(3, 1) == 1


class Library:
    """The SentencePiece library, called as `tokenizers` is.

    It neither reads control pieces in text nor shows them, and the unknown piece it shows as " ⁇ ". Here
    they are cut out of text before, and are text when decoded, as `tokenizers` has it.
    """

    def __init__(self, path):
        import sentencepiece
        from sentencepiece import sentencepiece_model_pb2
        with open(path, "rb") as file:
            model = sentencepiece_model_pb2.ModelProto.FromString(file.read())
        self.model = sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())
        self.ids = {p.piece: i for i, p in enumerate(model.pieces)}
        self.special = {p.piece: i for i, p in enumerate(model.pieces) if p.type in (2, 3)}
        model.trainer_spec.unk_surface = next(p.piece for p in model.pieces if p.type == 2)
        for piece in model.pieces:
            if piece.type == 3:
                piece.type = 4
        self.decoder = sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())
        self.cut = re.compile("(" + "|".join(map(re.escape, self.special)) + ")")

    def encode(self, text, add_special_tokens=False):
        ids = []
        for part in self.cut.split(text):
            ids += [self.special[part]] if part in self.special else self.model.encode(part)
        return SimpleNamespace(ids=ids)

    def decode(self, ids, skip_special_tokens=False):
        skipped = self.special.values() if skip_special_tokens else ()
        return self.decoder.decode([i for i in ids if i not in skipped])

    def decode_batch(self, sequences, skip_special_tokens=False):
        return [self.decode(ids, skip_special_tokens) for ids in sequences]

    def id_to_token(self, id):
        return self.model.id_to_piece(id)

    def get_vocab(self, with_added_tokens=True):
        return self.ids

    def get_added_tokens_decoder(self):
        # The unknown piece last: it stands for other text too.
        return {self.special[p]: AddedToken(p, special=True, normalized=False)
                for p in sorted(self.special, key=lambda p: self.special[p] == self.model.unk_id())}


def reference(path):
    """The tokenizer of a tokenizer.json, a folder that holds one, a GGUF file, or a
    `tokenizer.model`."""
    if path.endswith(".gguf"):
        return from_gguf(path)
    if path.endswith(".model"):
        return Library(path) if is_unigram(path) else from_scores(*pieces_of(path))
    return Tokenizer.from_file(
        os.path.join(path, "tokenizer.json") if os.path.isdir(path) else path)
