"""Prints the frozen Spearman cases of SpearmanTests.swift as Swift literals.

Needs numpy and scipy: 
    python Tests/Scripts/make_spearman.py > Tests/AttentionAnalysisTests/Measures/SpearmanCases.swift
"""

import numpy
from scipy.stats import spearmanr

generator = numpy.random.default_rng(20240607)


def literal(values):
    return "[" + ", ".join(repr(float(v)) for v in values) + "]"


print("// Written by Tests/Scripts/make_spearman.py with scipy.stats.spearmanr.")
print("let spearmanCases: [SpearmanCase] = [")
for size, distinct_norms, distinct_scores in [
    (2, 2, 2), (3, 3, 3), (5, 3, 2), (8, 8, 8), (12, 4, 5), (16, 16, 3), (20, 2, 20),
]:
    while True:
        norms = generator.integers(1, distinct_norms + 1, size) / 4.0
        scores = (generator.integers(0, distinct_scores, size) / 64.0).astype(numpy.float32)
        if len(set(norms)) > 1 and len(set(scores)) > 1:
            break
    print("  SpearmanCase(")
    print(f"    norms: {literal(norms)},")
    print(f"    scores: {literal(scores)},")
    print(f"    expected: {float(spearmanr(norms, scores).statistic)!r}),")
print("]")
