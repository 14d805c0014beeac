"""Trains small tokenizers with the pipelines of well-known families and freezes what they give.

Writes FAMILY.json, a true `tokenizer.json`; strings.json, the texts; and FAMILY.ids, a line a text:
its ids, two characters each (base 64, high digit first), then, where decoding them does not give the
text back, a space and what it gives, in JSON. FAMILY.splits holds, a line a text, the scalars in each
word of the pre-tokenizer, a digit each (what a digit cannot hold follows a /): a small vocabulary has
too few merges to show every split. Needs tokenizers 0.23; run in this folder.
"""
import json

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors, trainers
from tokenizers.pre_tokenizers import ByteLevel

from references import (DEEPSEEK, GPT4O, LLAMA, QWEN, TEKKEN, byte_level, deepseek_coder, digits,
                        splits)
from strings import prose, strings

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

def special(*contents):
    return [AddedToken(c, special=True, normalized=False) for c in contents]


FAMILIES = {
    "gpt2": (None, byte_level(True), special("<|endoftext|>"), {}),
    "smollm2": (None, digits(), special("<|endoftext|>", "<|im_start|>", "<|im_end|>"), {}),
    "llama3": (None, splits(LLAMA), special("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"),
               {"ignore_merges": True}),
    "qwen2": (normalizers.NFC(), splits(QWEN), special("<|endoftext|>", "<|im_start|>", "<|im_end|>")
              + [AddedToken("<tool_call>", normalized=False), AddedToken("</tool_call>",
                                                                         normalized=False)], {}),
    "tekken": (None, splits(TEKKEN), special("<s>", "</s>", "[INST]"), {"ignore_merges": True}),
    "deepseek": (None, splits(*DEEPSEEK), special("<｜begin▁of▁sentence｜>", "<｜User｜>"), {}),
    # Pythia's pipeline, with every way in which an added token can be matched.
    "neox": (normalizers.NFC(), byte_level(True), special("<|endoftext|>") + [
        AddedToken(" " * 8), AddedToken(" " * 4), AddedToken("  "),
        AddedToken("<mask>", lstrip=True, special=True, normalized=False),
        AddedToken("<pad>", rstrip=True, normalized=False), AddedToken("word", single_word=True),
        AddedToken("é", normalized=False), AddedToken("caf\u0065\u0301", normalized=True),
        AddedToken("wor", normalized=False, single_word=True, lstrip=True, rstrip=True)], {}),
    "gpt4o": (None, splits(GPT4O), special("<|endoftext|>"), {"ignore_merges": True}),
    "deepseek-coder": (None, deepseek_coder(), special("<｜begin▁of▁sentence｜>"), {}),
}


def train(normalizer, pre_tokenizer, added, settings):
    tokenizer = Tokenizer(models.BPE(**settings))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=1100, show_progress=False,
        special_tokens=[t for t in added if t.special],
        initial_alphabet=ByteLevel.alphabet())
    tokenizer.train_from_iterator(prose(150_000, 7).split("\n\n\n"), trainer)
    tokenizer.add_tokens(added)
    return tokenizer


def lengths(words):
    return "".join("/" * ((end - start) // 63) + DIGITS[(end - start) % 63]
                   for _, (start, end) in words)


def main():
    assert tokenizers.__version__.startswith("0.23."), tokenizers.__version__
    added = sorted({t.content for f in FAMILIES.values() for t in f[2]}) + [" word ", "words",
                                                                          " <mask>", "<pad>  "]
    texts = [t[:400] for t in strings(600, 11, added)]
    with open("strings.json", "w") as file:
        json.dump(texts, file, ensure_ascii=False, separators=(",\n", ":"))
    for name, family in FAMILIES.items():
        tokenizer = train(*family)
        if name == "llama3":
            bos = tokenizer.token_to_id("<|begin_of_text|>")
            tokenizer.post_processor = processors.Sequence([
                processors.ByteLevel(trim_offsets=False),
                processors.TemplateProcessing(
                    single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A $B",
                    special_tokens=[("<|begin_of_text|>", bos)])])
        with open(f"{name}.json", "w") as file:
            json.dump(json.loads(tokenizer.to_str()), file, ensure_ascii=False,
                      separators=(",", ":"))
        if name != "neox":  # the same as gpt2's
            with open(f"{name}.splits", "w") as file:
                for text in texts:
                    file.write(lengths(tokenizer.pre_tokenizer.pre_tokenize_str(text)) + "\n")
        with open(f"{name}.ids", "w") as file:
            for text in texts:
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                line = "".join(DIGITS[i >> 6] + DIGITS[i & 63] for i in ids)
                decoded = tokenizer.decode(ids, skip_special_tokens=False)
                if decoded != text:
                    line += " " + json.dumps(decoded)
                file.write(line + "\n")


main()
