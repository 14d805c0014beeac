"""Writes Sources/Tokenization/Unicode/CompositionData.swift: NFC as `tokenizers` performs it.

Foundation's normalizer does not agree with it everywhere (newer marks are not reordered, tags above
U+E0000 compose), so decompositions, compositions and combining classes are taken from the
reference itself. Usage: python composition_data.py OUTPUT
"""
import sys
import unicodedata

import tokenizers
from tokenizers import normalizers

NFC, NFD = normalizers.NFC().normalize_str, normalizers.NFD().normalize_str
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def decompositions():
    """(scalar, what it decomposes to in one step, whether NFC puts it together again)."""
    out = []
    for c in SCALARS:
        if 0xAC00 <= c < 0xD7A4:
            continue
        full = NFD(chr(c))
        if full == chr(c):
            continue
        if NFC(chr(c)) != chr(c):
            out.append((c, full, False))
            continue
        first, second = NFC(full[:-1]), full[-1]
        assert len(first) == 1 and NFC(first + second) == chr(c), hex(c)
        assert NFD(first) + second == full, hex(c)
        out.append((c, first + second, True))
    return out


def classes():
    """Canonical combining classes, found by which marks change places."""
    known = {}
    for c in SCALARS:
        value = unicodedata.combining(chr(c))
        # Only marks that the reference knows as such: its tables may be older than Python's.
        mark, grave = chr(c), "\u0300"
        if value and NFD(mark) == mark and (
                value == 230 and mark == grave
                or value < 230 and NFD("x" + grave + mark) == "x" + mark + grave
                or value > 230 and NFD("x" + mark + grave) == "x" + grave + mark):
            known.setdefault(value, mark)
    ordered = sorted(known.items())
    out = {}
    for c in SCALARS:
        if NFD(chr(c)) != chr(c) or not (unicodedata.combining(chr(c))
                                         or unicodedata.category(chr(c)) in ("Cn", "Mn", "Mc")):
            continue
        x = chr(c)
        # The lowest and the highest class tell marks from starters.
        below = [v for v, r in ordered if r != x and NFD("x" + x + r) == "x" + r + x]
        above = [v for v, r in ordered if r != x and NFD("x" + r + x) == "x" + x + r]
        if below or above:
            between = [v for v, _ in ordered
                       if v > max(below, default=0) and v < min(above, default=256)]
            assert len(between) == 1, (hex(c), between)
            out[c] = between[0]
            assert not unicodedata.combining(x) or unicodedata.combining(x) == between[0]
    return out


def swift(name, words):
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 92:
            lines.append(line)
            line = ""
        line += word + ";"
    return f'  static let {name}: StaticString = """\n' + "".join(
        f"    {line}\\\n" for line in lines) + f'    {line}\n    """\n'


def main():
    steps = [f"{c:x}{'=' if whole else '>'}" + ",".join(f"{ord(x):x}" for x in parts)
             for c, parts, whole in decompositions()]
    combining = classes()
    runs, previous = [], None
    for c, value in sorted(combining.items()):
        if previous == (c - 1, value):
            runs[-1][1] += 1
        else:
            runs.append([c, 1, value])
        previous = (c, value)
    with open(sys.argv[1], "w") as file:
        file.write(
            f"// Made by composition_data.py from tokenizers {tokenizers.__version__}; do not edit."
            "\n\n// swift-format-ignore-file\n/// Canonical decompositions and combining classes, "
            "in hexadecimal.\nenum CompositionData {\n"
            "  /// A scalar, = where composing gives it back and > where not, what it decomposes to."
            "\n" + swift("decompositions", steps)
            + "\n  /// First scalar, length of the run, combining class.\n"
            + swift("combiningClasses", [f"{c:x},{n:x},{v:x}" for c, n, v in runs]) + "}\n")
    print(len(steps), "decompositions", len(combining), "marks in", len(runs), "runs")


main()
