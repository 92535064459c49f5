"""Intervals and rank metrics: thin calls into scipy and scikit-learn, imported when first used.

Training stays importable with torch, numpy and pydantic alone. NDCG is our own: scikit-learn's `ndcg_score` takes one
query a call (120 times as long over 1,500 queries), gives only their mean and refuses a query of one row.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Key = TypeVar("Key")
RESAMPLES = 2000
NORMAL_95 = 1.96  # half-width, in standard errors, of a two-sided 95 % interval where there are many values


@cache
def student_t(level: float, freedom: int) -> float:
    """The half-width, in standard errors, of a two-sided interval by Student's t: its (1 + level) / 2 quantile."""
    from scipy.special import stdtrit  # what scipy.stats.t.ppf calls; scipy.stats takes a second to import

    return float(stdtrit(freedom, (1 + level) / 2))


def mean_and_half(values: Sequence[float], level: float = 0.95) -> tuple[float, float | None]:
    """Mean over seeds, and half of its 95 % interval by Student's t; None with one seed."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, None
    return mean, student_t(level, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))


def bootstrap_interval(values: ArrayLike, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """The percentile interval of the mean over RESAMPLES resamples of `values` [n], the same for the same seed."""
    from scipy.stats import bootstrap

    given = np.asarray(values, np.float64)
    if len(given) < 2:  # resampled, one value is always itself
        return float(given[0]), float(given[0])
    found = bootstrap(
        (given,), np.mean, n_resamples=RESAMPLES, confidence_level=level, method="percentile", batch=100,
        rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def near_the_best(found: Mapping[Key, Floats], errors: float = 1.0) -> list[Key]:
    """The keys whose values [n], paired, lie on average at most that many standard errors below those of the best mean:
    what could be chance (one: Breiman et al., *Classification and Regression Trees*, 1984, §3.4.3)."""
    best = max(found, key=lambda key: found[key].mean())
    apart = {key: found[best] - values for key, values in found.items()}
    return [
        key
        for key, less in apart.items()
        if key == best or len(less) < 2 or less.mean() <= errors * less.std(ddof=1) / math.sqrt(len(less))
    ]


def auc(positive: NDArray[np.bool_], scores: NDArray) -> float:
    """Share of (positive, negative) pairs in order, a tie counting one half; NaN where one of them is missing."""
    from sklearn.metrics import roc_auc_score

    positive = np.asarray(positive, bool)
    return float(roc_auc_score(positive, scores)) if positive.any() and not positive.all() else math.nan


def average_precision(positive: NDArray[np.bool_], scores: NDArray) -> float:
    """Σ over distinct scores, from the highest, of (recall gained) × precision; 0 without a positive."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(positive, scores)) if np.any(positive) else 0.0


def ndcg(grades: NDArray, scores: NDArray, groups: NDArray, at: int = 10) -> Floats:
    """NDCG@at of each group (a query) that has a row above grade 0, groups in rising order; rows [n].

    DCG = Σ over the first `at` places r of (2^grade − 1) / log₂(r + 1), divided by that of the best order (Järvelin &
    Kekäläinen 2002, in the exponential form of Burges et al. 2005). Rows of equal score get the mean gain of their tie:
    the expectation over its orders (McSherry & Najork, ECIR 2008), so that the order of the file counts nothing.
    """
    return ndcg_of_gains(np.exp2(np.asarray(grades, np.float64)) - 1, scores, groups, at)


def ndcg_of_gains(gains: NDArray, scores: NDArray, groups: NDArray, at: int = 10) -> Floats:
    """The same from the gain of each row [n], ≥ 0, in the place of 2^grade − 1."""
    gains = np.asarray(gains, np.float64)
    _, group = np.unique(groups, return_inverse=True)
    given, ideal = dcg(shared_in_ties(gains, scores, group), scores, group, at), dcg(gains, gains, group, at)
    judged = ideal > 0
    return given[judged] / ideal[judged]


def dcg(gains: Floats, scores: NDArray, group: NDArray, at: int = 10) -> Floats:
    """Σ gain / log₂(r + 1) over the first `at` places r of each group (numbers from 0), rows [n] of equal score in the
    order in which they stand."""
    order = np.lexsort((-np.asarray(scores, np.float64), group))
    sorted_group = group[order]
    count = int(group.max(initial=-1)) + 1
    first = np.searchsorted(sorted_group, np.arange(count))
    place = np.arange(len(order)) - first[sorted_group]
    value = np.where(place < at, gains[order] / np.log2(place + 2), 0.0)
    return np.bincount(sorted_group, weights=value, minlength=count).astype(np.float64)


def shared_in_ties(gains: Floats, scores: NDArray, group: NDArray) -> Floats:
    """The gain of each row [n], or the mean of those that share its score and its group (numbers from 0)."""
    _, level = np.unique(scores, return_inverse=True)
    _, tie = np.unique(group * (int(level.max(initial=0)) + 1) + level, return_inverse=True)
    return (np.bincount(tie, weights=gains) / np.maximum(np.bincount(tie), 1))[tie]
