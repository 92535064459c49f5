"""Random streams and vectorised draws: each part of the world has its own stream, so that none shifts another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SEED = 20241212
PARTS = ("world", "titles", "queries", "judgements", "users", "events", "impressions", "labels", "causes", "usual")


def stream(part: str) -> np.random.Generator:
    """The generator of one part of the world."""
    return np.random.Generator(np.random.PCG64([SEED, PARTS.index(part)]))


def sigmoid(value: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-value))


def one_of_each(weights: Array, random: np.random.Generator) -> Array:
    """One column number for each row of non-negative `weights` [n, m], drawn in proportion."""
    cumulated = np.cumsum(weights, axis=1)
    point = random.random((len(weights), 1)) * cumulated[:, -1:]
    return np.minimum((cumulated < point).sum(axis=1), weights.shape[1] - 1)


def best_noisy(scores: Array, count: int, random: np.random.Generator) -> Array:
    """`count` different columns for each row [n, count], drawn without replacement with weights exp(score)."""
    noisy = scores + random.gumbel(size=scores.shape)
    return np.argsort(-noisy, axis=1, kind="stable")[:, :count]
