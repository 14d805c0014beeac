"""Writes tasks.json: what the texts of the tasks have to be.

    python make_tasks.py LONGBENCH RULER

LONGBENCH is LongBench's `dataset2prompt.json`, RULER is RULER's `scripts/data/synthetic/constants.py`:
of both only hashes of the filled templates are kept. Passkey prompts and the place of a needle are
written here again, after the paper's authors' code, with the draws of SplitMix64. Ids are those of
tokenizers 0.23.
"""

import hashlib
import json
import os
import runpy
import sys

import numpy
from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
MASK = (1 << 64) - 1


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)


def draws(seed, *parts):
    generator = SplitMix64(seed)
    for part in parts:
        generator = SplitMix64(generator.next() ^ part)
    return lambda bound: generator.next() * bound >> 64


QUESTION = "What is the pass key? The pass key is"


def passkey(seed, garbage):
    below = draws(seed, garbage)
    prefix = below(garbage)
    key = 1 + below(49999)
    filler = " ".join(["The grass is green. The sky is blue. The sun is yellow. Here we go. "
                       "There and back again."] * 5000)
    text = "\n".join([
        "There is an important info hidden inside a lot of irrelevant text. Find it and memorize "
        "them. I will quiz you about the important information there.",
        filler[:prefix],
        f"The pass key is {key}. Remember it. {key} is the pass key.",
        filler[:garbage - prefix],
        QUESTION])
    return {"seed": seed, "garbage": garbage, "prefix": prefix, "key": key, "sha256": sha(text)}


def key_ids(name, path, spaced):
    """The ids of keys as they follow the question; a byte-level vocabulary has the space apart."""
    tokenizer = Tokenizer.from_file(os.path.join(ROOT, path))
    keys = ["1", "42", "4999", "49999", "10203"]
    return {"name": name, "path": path, "keys": [
        {"key": key, "ids": tokenizer.encode((" " if spaced else "") + key,
                                             add_special_tokens=False).ids} for key in keys]}


def place(tokens, depth, stop):
    if depth == 100:
        return len(tokens)
    at = int(len(tokens) * (depth / 100))
    while at > 0 and tokens[at - 1] != stop:
        at -= 1
    return at


def niah(task, kind, query, answers):
    template = task["template"] + task["answer_prefix"]
    if answers == 1:
        template = (template.replace("Some", "A").replace("are all", "is").replace("are", "is")
                    .replace("answers", "answer"))
        kind = kind[:-1]
    return sha(template.format(type_needle_v=kind, context="C", query=query))


longbench = json.load(open(sys.argv[1]))
ruler = runpy.run_path(sys.argv[2])["TASKS"]
hay = numpy.random.default_rng(7).integers(0, 9, 57).tolist()
depths = [0, 11, 22, 33, 44, 56, 67, 78, 89, 100]
families = "Tests/TokenizationTests/Fixtures/tokenizers/"
vt, cwe, fwe = (ruler[k] for k in (
    "variable_tracking", "common_words_extraction", "freq_words_extraction"))
result = {
    "passkey_lengths": [int(3.75 * 1000 * i / 1024) * 1024 for i in range(1, 33)],
    "passkeys": [passkey(s, n) for s in (0, 3, 9) for n in (3072, 7168, 119808)],
    "key_ids": [
        key_ids("sample", "notebooks-data/sample/tokenizer.json", True),
        key_ids("llama3", families + "llama3.json", True),
        key_ids("gpt2", families + "gpt2.json", True),
        key_ids("llama2", families + "llama2.json", False)],
    "needle_lengths": numpy.round(numpy.linspace(1000, 128000, 40)).astype(int).tolist(),
    "hay": hay,
    "places": [[depth, place(hay, depth, 4)] for depth in depths + [1, 99]],
    "longbench": {name: sha(longbench[name].format(context="C", input="I")) for name in (
        "narrativeqa", "qasper", "hotpotqa", "2wikimqa", "qmsum")},
    "ruler": {
        "niah_one": niah(ruler["niah"], "numbers", "Q", 1),
        "niah_more": niah(ruler["niah"], "uuids", "Q, R, and S", 3),
        "vt": sha((vt["template"] + vt["answer_prefix"]).format(context="C", query="V", num_v=5)),
        "cwe": sha((cwe["template"] + cwe["answer_prefix"]).format(context="C", query="")),
        "fwe": sha((fwe["template"] + fwe["answer_prefix"]).format(context="C", query="")),
        "max_new_tokens": {k: v["tokens_to_generate"] for k, v in ruler.items()}},
}
with open(os.path.join(HERE, "tasks.json"), "w") as file:
    rows = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in result.items())
    file.write(f"{{\n{rows}\n}}\n")
