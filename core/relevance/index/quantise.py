"""Bags as an index keeps them: the strongest terms of each product, weights in 255 equal steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError
from core.relevance.bags import Bags

KEPT = 64  # terms a product
STEPS = 255


@dataclass(frozen=True)
class Quantised:
    """N products, M entries; the weight of an entry is its step × `scale`. Every step is 1 … 255."""

    starts: NDArray[np.int64]  # [N + 1]
    ids: NDArray[np.uint32]  # [M] ascending within a product
    steps: NDArray[np.uint8]  # [M]
    kinds: NDArray[np.uint8]  # [M]
    sources: NDArray[np.int16]  # [M]
    scale: float


def quantise(bags: Bags, terms: int, kept: int = KEPT) -> Quantised:
    """The `kept` heaviest entries of each bag, each weight rounded to the nearest step of highest weight / 255.

    What rounds to nothing is left out. One scale for all, so that weights of different products stay comparable;
    a weight is at most half a step, 0.2 % of the highest, away from the model's. Raises for ids beyond the vocabulary
    of `terms` words, ids out of order, or weights that are no numbers.
    """
    _check(bags, terms)
    lengths = np.diff(bags.starts)
    owners = np.repeat(np.arange(len(bags), dtype=np.int64), lengths)
    keep = np.ones(len(bags.ids), dtype=bool)
    if len(lengths) and int(lengths.max()) > kept:
        order = np.lexsort((bags.ids, -bags.weights, owners))
        keep[order] = np.arange(len(order)) - np.repeat(bags.starts[:-1], lengths) < kept
    highest = float(bags.weights.max()) if len(bags.weights) else 1.0
    scale = highest / STEPS
    steps = np.rint(bags.weights / scale)
    keep &= steps >= 1
    starts = np.zeros(len(bags) + 1, dtype=np.int64)
    np.cumsum(np.bincount(owners[keep], minlength=len(bags)), out=starts[1:])
    return Quantised(
        starts,
        bags.ids[keep].astype(np.uint32),
        steps[keep].astype(np.uint8),
        bags.kinds[keep].astype(np.uint8),
        bags.sources[keep].astype(np.int16),
        scale,
    )


def _check(bags: Bags, terms: int) -> None:
    if not np.isfinite(bags.weights).all() or (bags.weights <= 0).any():
        raise PrecedenceError(
            "A product's bag holds a weight that is not a positive number; encode the catalogue again."
        )
    if len(bags.ids) and int(bags.ids.max()) >= terms:
        raise PrecedenceError(
            f"A bag holds term {int(bags.ids.max())}, but the vocabulary has {terms} terms; encode the catalogue and "
            "build the index with the same vocabulary."
        )
    rising = np.diff(bags.ids.astype(np.int64)) > 0
    rising[bags.starts[1:-1][(bags.starts[1:-1] > 0) & (bags.starts[1:-1] < len(bags.ids))] - 1] = True
    if not rising.all():
        raise PrecedenceError("The terms of a bag are not in ascending order; encode the catalogue again.")
