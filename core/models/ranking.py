"""How good an order is: NDCG over groups of graded rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def ndcg(grades: NDArray, scores: NDArray, groups: NDArray, at: int = 10) -> Array:
    """NDCG@at of each group (a query) that has a row above grade 0, groups in rising order; rows [n].

    DCG = Σ over the first `at` places r of (2^grade − 1) / log₂(r + 1), divided by that of the best order (Järvelin &
    Kekäläinen 2002, in the exponential form of Burges et al. 2005). Rows of equal score get the mean gain of their tie:
    the expectation over its orders (McSherry & Najork, ECIR 2008), so that the order of the file counts nothing.
    """
    gains = np.exp2(np.asarray(grades, np.float64)) - 1
    _, group = np.unique(groups, return_inverse=True)
    given, ideal = _dcg(_shared_in_ties(gains, scores, group), scores, group, at), _dcg(gains, gains, group, at)
    judged = ideal > 0
    return given[judged] / ideal[judged]


def _dcg(gains: Array, scores: NDArray, group: NDArray, at: int) -> Array:
    order = np.lexsort((-np.asarray(scores, np.float64), group))
    sorted_group = group[order]
    count = int(group.max(initial=-1)) + 1
    first = np.searchsorted(sorted_group, np.arange(count))
    place = np.arange(len(order)) - first[sorted_group]
    value = np.where(place < at, gains[order] / np.log2(place + 2), 0.0)
    return np.bincount(sorted_group, weights=value, minlength=count).astype(np.float64)


def _shared_in_ties(gains: Array, scores: NDArray, group: NDArray) -> Array:
    _, level = np.unique(scores, return_inverse=True)
    _, tie = np.unique(group * (int(level.max(initial=0)) + 1) + level, return_inverse=True)
    return (np.bincount(tie, weights=gains) / np.maximum(np.bincount(tie), 1))[tie]
