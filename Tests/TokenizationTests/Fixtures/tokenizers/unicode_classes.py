"""Writes Sources/Tokenization/Unicode/UnicodeClassData.swift from what `tokenizers` itself matches.

Every scalar is put before the regular expressions, the single-word rule and the normalizers of the
package, so that the classes are those of the reference, whatever Unicode version each part of it
follows. Usage: python unicode_classes.py OUTPUT
"""
import sys

import tokenizers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

CLASSES = [  # letter in the data, regular expression; the first is everything else
    ("o", None), ("u", r"\p{Lu}"), ("l", r"\p{Ll}"), ("t", r"\p{Lt}"), ("m", r"\p{Lm}"),
    ("a", r"\p{Lo}"), ("k", r"\p{M}"), ("n", r"\p{N}"), ("p", r"\p{P}"), ("y", r"\p{S}"),
    ("s", r"\s"),
]
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, SCALARS))


def matching(pattern):
    """The scalars that a one-scalar pattern matches."""
    rest = pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str(TEXT)
    kept = bytearray(len(SCALARS))
    for _, (start, end) in rest:
        kept[start:end] = b"\1" * (end - start)
    return {c for c, flag in zip(SCALARS, kept) if not flag}


def numeric():
    """What the Digits pre-tokenizer takes for a digit."""
    pieces = pre_tokenizers.Digits(individual_digits=False).pre_tokenize_str(
        "".join("x" + chr(c) for c in SCALARS))
    return {ord(p) for p, _ in pieces if len(p) == 1 and p != "x"} - {ord("x")}


def word():
    """What may not touch a `single_word` added token."""
    tokenizer = Tokenizer(models.BPE(vocab={"x": 0}, merges=[]))
    tokenizer.add_tokens([tokenizers.AddedToken("@=@", single_word=True, normalized=False)])
    parts = [c for c in SCALARS if chr(c) not in "@="]
    found = set()
    for first in range(0, len(parts), 4096):
        part = parts[first:first + 4096]
        starts = {e[0] for e in tokenizer.encode(
            "".join(" @=@" + chr(c) for c in part)).offsets if e[1] - e[0] == 3}
        for index, c in enumerate(part):
            if 5 * index + 1 not in starts:
                found.add(c)
    return found


def unsettled(marks):
    """Scalars that NFC may change or join to what stands before them."""
    nfc, nfd = normalizers.NFC(), normalizers.NFD()
    found = set(marks)
    for c in SCALARS:
        if nfc.normalize_str(chr(c)) != chr(c):
            found.add(c)
        found.update(map(ord, nfd.normalize_str(chr(c))[1:]))
    return found


def runs(values):
    out, start = [], 0
    for index in range(1, len(values) + 1):
        if index == len(values) or values[index] != values[start]:
            length = index - start
            out.append(values[start] + (str(length) if length > 1 else ""))
            start = index
    return "".join(out)


def swift(name, text):
    width = 95
    lines = [text[i:i + width] for i in range(0, len(text), width)]
    return f'  static let {name}: StaticString = """\n' + "".join(
        f"    {line}\\\n" for line in lines[:-1]) + f'    {lines[-1]}\n    """\n'


def main():
    classes = ["o"] * 0x110000
    sets = {}
    for letter, pattern in CLASSES[1:]:
        sets[letter] = matching(pattern)
        for c in sets[letter]:
            assert classes[c] == "o", f"U+{c:04X} is in two classes"
            classes[c] = letter
    assert matching(r"\p{L}") == set().union(*(sets[x] for x in "ultma"))
    # The only scalar beyond ASCII that a case-insensitive contraction takes.
    for before, after in [("'", ""), ("'r", ""), ("'v", ""), ("'l", ""), ("'", "e"), ("'", "l")]:
        pre = pre_tokenizers.Split(
            Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"), "isolated")
        text = "".join(before + chr(c) + after + "\n" for c in SCALARS if c >= 0x80)
        found = {p for p, _ in pre.pre_tokenize_str(text) if p.startswith("'") and "\n" not in p}
        assert found <= ({"'\u017f"} if before == "'" else set()), found
    number = numeric()
    # Digits asks Rust's own tables, which are newer than those of the regular expressions.
    newer = sorted(number - sets["n"])
    assert sets["n"] <= number, "a number that Digits does not know"
    wordy, restless = word(), unsettled(sets["k"])
    flags = []
    for c in range(0x110000):
        flags.append("-wdc"[(c in wordy) + 2 * (c in restless)])
    with open(sys.argv[1], "w") as file:
        file.write(
            "// Made by unicode_classes.py from tokenizers "
            f"{tokenizers.__version__}; do not edit.\n\n"
            "// swift-format-ignore-file\n"
            "/// Runs of scalars from U+0000 on: a letter, then how many, where more than one.\n"
            "enum UnicodeClassData {\n"
            "  /// u Lu, l Ll, t Lt, m Lm, a Lo, k M, n N, p P, y S, s white space, o other.\n"
            + swift("categories", runs(classes))
            + "\n  /// w may not touch a single-word token, d NFC may change it or join it to what "
            "precedes,\n  /// c both, - neither.\n"
            + swift("flags", runs(flags))
            + "\n  /// What the Digits pre-tokenizer takes for a digit beyond N.\n"
            "  static let digitsBeyondNumbers: [UInt32] = ["
            + ", ".join(f"0x{c:X}" for c in newer) + "]\n}\n")
    print({k: len(v) for k, v in sets.items()}, "word", len(wordy), "unsettled", len(restless),
          "digits beyond N", len(newer))


main()
