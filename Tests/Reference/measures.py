"""The quantities of one attention row, in float64, straight from their definitions.

`attention` holds the post-softmax weights that a query gives to the n cached positions, `norms`
the key norms of the same positions. Curves are built by cumulative sums, the long way round, so
that they check the shorter formula of the tool.
"""

from dataclasses import dataclass

import numpy as np

CURVE_POINTS = 101
NEAR_TIE = 2e-6


def drop_order(norms: np.ndarray) -> np.ndarray:
    """Positions by descending norm; of equal norms the later position drops first."""
    positions = np.arange(len(norms))
    return np.lexsort((-positions, -norms))


def average_ranks(values: np.ndarray) -> np.ndarray:
    """1-based ranks in ascending order, equal values sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]


def spearman(norms: np.ndarray, attention: np.ndarray) -> float:
    x, y = average_ranks(norms), average_ranks(attention)
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x * x).sum() * (y * y).sum())
    return float((x * y).sum() / scale) if scale > 0 else np.nan


@dataclass
class RowMeasures:
    alr: float
    random_alr: float
    attention_loss: np.ndarray  # (101), at m = floor(i·n/100)
    reference_loss: np.ndarray  # (101)


def measure_row(attention: np.ndarray, norms: np.ndarray) -> RowMeasures:
    n = len(attention)
    loss = np.cumsum(attention[drop_order(norms)])
    reference = np.cumsum(np.sort(attention))
    points = np.arange(CURVE_POINTS) * n // 100
    return RowMeasures(
        alr=float((loss - reference).sum()),
        random_alr=float((n + 1) / 2 * attention.sum() - reference.sum()),
        attention_loss=np.concatenate([[0.0], loss])[points],
        reference_loss=np.concatenate([[0.0], reference])[points],
    )


def near_tie_slack(attention: np.ndarray, norms: np.ndarray) -> float:
    """How far the ALR may move because float32 keys do not settle the order of near-equal norms.

    Two neighbours in drop order whose norms differ by less than a few roundings of float32 may
    as well stand the other way round, which moves the ALR by the difference of their attention.
    """
    order = drop_order(norms)
    norms, attention = norms[order], attention[order]
    gaps = norms[:-1] - norms[1:]
    near = (gaps > 0) & (gaps < NEAR_TIE * norms[:-1])
    return float(np.abs(np.diff(attention))[near].sum())
