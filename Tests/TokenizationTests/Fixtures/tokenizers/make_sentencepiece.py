"""Trains small SentencePiece-like tokenizers and freezes what the references give, as
make_tokenizers.py does for byte-level ones.

The .json families are held against `tokenizers` 0.23; the .model families against what references.py
has for them. The first 250 texts of strings.json are frozen. Needs tokenizers 0.23 and sentencepiece
0.2; run in this folder.
"""
import io
import json
import os
import tempfile

import sentencepiece
import tokenizers
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers

from references import reference
from strings import prose

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BYTES = ["<0x%02X>" % b for b in range(256)]
SPACE, MARK = " ", "▁"
# Rules of every kind: many to one, one to many, to a space, to nothing.
RULES = {"ﬁ": "fi", "ﬀ": "ff", "ﷺ": "صلى الله", "½": "1⁄2", "Ⅻ": "XII", "e\u0301": "é",
         "a\u0308": "ä", "a\u0308\u0323": "ạ̈", "\u1100\u1161": "가", "\u212b": "Å", "\u3000": " ", "\u00a0": " ",
         "\u2003": " ", "\n": " ", "\r": " ", "\t": " ", "\x01": "", "\x7f": "", "\u200b": " ",
         "\ufeff": "", "…": "...", "²": "2", "ª": "a", "\u00ad": "", "'": "’"}
RULES.update({chr(c): chr(c - 0xfee0) for c in range(0xff01, 0xff5f)})


def bpe(normalizer, pre_tokenizer, decoder, **settings):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, **settings))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    trainer = trainers.BpeTrainer(vocab_size=900, show_progress=False, limit_alphabet=110,
                                  special_tokens=["<unk>", "<s>", "</s>"] + BYTES)
    tokenizer.train_from_iterator(prose(60_000, 7).split("\n"), trainer)
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder
    # Bytes are text like any other: only the first three stay added.
    parts = json.loads(tokenizer.to_str())
    parts["added_tokens"] = parts["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(parts))
    tokenizer.add_tokens([AddedToken("<norm>", normalized=True),
                          AddedToken("<n x>", normalized=True, special=True),
                          AddedToken("wor", single_word=True, lstrip=True, rstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)])
    return tokenizer


def chain(*extra):
    return decoders.Sequence([decoders.Replace(MARK, SPACE), decoders.ByteFallback(),
                              decoders.Fuse(), *extra])


def trained(name, **settings):
    with tempfile.TemporaryDirectory() as folder:
        text, rules = os.path.join(folder, "text"), os.path.join(folder, "rules.tsv")
        with open(text, "w") as file:
            file.write(prose(60_000, 7))
        with open(rules, "w") as file:
            for old, new in RULES.items():
                file.write("\t".join(" ".join("%x" % ord(c) for c in s) for s in (old, new)) + "\n")
        out = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            input=text, model_writer=out, num_threads=1,
            minloglevel=2, character_coverage=0.98, vocab_size=900,
            **({"normalization_rule_tsv": rules} if settings["model_type"] == "unigram"
               else {"normalization_rule_name": "identity"}), **settings)
    proto = sentencepiece_model_pb2.ModelProto.FromString(out.getvalue())
    if settings["model_type"] == "bpe":
        # Runs of spaces as Mistral's vocabularies have them, all of one score.
        for length in (2, 4, 8, 5, 16, 6, 12, 13, 10, 14, 3, 9, 7, 11):
            proto.pieces.add(piece=MARK * length, score=-1e9)
    proto.trainer_spec.input[:] = []
    proto.normalizer_spec.normalization_rule_tsv = ""
    with open(name + ".model", "wb") as file:
        file.write(proto.SerializeToString())
    return proto


def unigram(proto):
    tokenizer = Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], 0, False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
        normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), MARK)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.add_tokens([AddedToken("</s>", special=True, normalized=False)])
    return tokenizer


def spelled(ids):
    return "".join(DIGITS[i >> 6] + DIGITS[i & 63] for i in ids)


def freeze(name, tokenizer, texts):
    with open(name + ".ids", "w") as file:
        for text in texts:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            line = spelled(ids)
            decoded = tokenizer.decode(ids, skip_special_tokens=False)
            file.write(line + ("" if decoded == text else " " + json.dumps(decoded)) + "\n")


def main():
    assert tokenizers.__version__.startswith("0.23."), tokenizers.__version__
    with open("strings.json") as file:
        texts = json.load(file)[:250]
    prepend = normalizers.Sequence(
        [normalizers.Prepend(MARK), normalizers.Replace(SPACE, MARK)])
    families = {
        "llama2": bpe(prepend, None, chain(decoders.Strip(SPACE, 1, 0)), fuse_unk=True),
        "metaspace": bpe(None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False),
                         decoders.Metaspace(prepend_scheme="first", split=False)),
        "gemma": bpe(normalizers.Replace(SPACE, MARK),
                     pre_tokenizers.Split(SPACE, "merged_with_previous"), chain(), fuse_unk=True),
        "unigram": unigram(trained("spm-unigram", model_type="unigram")),
    }
    for name, tokenizer in families.items():
        with open(name + ".json", "w") as file:
            json.dump(json.loads(tokenizer.to_str()), file, ensure_ascii=False,
                      separators=(",", ":"))
        freeze(name, tokenizer, texts)
    trained("spm-bpe", model_type="bpe", byte_fallback=True, remove_extra_whitespaces=False,
            user_defined_symbols=["<tool>"])
    freeze("spm-bpe", reference("spm-bpe.model"), texts)
    freeze("spm-unigram", reference("spm-unigram.model"), texts)


main()
