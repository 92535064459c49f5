"""The second part of a score: what is known of a product and no word says, as how often it is clicked.

    S(q, d) = r(q, d) + a(q, d),   a(q, d) = w · max_d' r(q, d') · u_d ≥ 0 for the first `DEPTH` hits of r, else 0

where
    r   the relevance: Σ of the words' contributions, overrides included
    u   what is known of the product, 0 … 1 (`Aim.known`)
    w   the weight of a trained point (`core.relevance.order`)

By the best hit's relevance, so that w means the same for queries of few and of many words. What stands beyond the
first `DEPTH` keeps its place: however often it is clicked, nothing that hardly fits rises.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.relevance.index import Corrections, Hits

DEPTH = 50


@dataclass(frozen=True)
class Addition:
    """`name` as a person reads it; `values` [rows of the index] u of each product, 0 where nothing is known."""

    name: str
    weight: float
    values: NDArray[np.float64]

    def of(self, hits: Hits) -> NDArray[np.float64]:
        """[hits] what is added to each of a query's hits by relevance, best first."""
        amounts = np.zeros(len(hits.rows))
        if len(hits.rows):
            first = hits.rows[:DEPTH]
            amounts[: len(first)] = self.weight * hits.scores[0] * self.values[first]
        return amounts

    def corrections(self, hits: Hits) -> Corrections:
        """The same by row."""
        order = np.argsort(hits.rows)
        return Corrections(hits.rows[order], self.of(hits)[order])

    def reordered(self, hits: Hits) -> Hits:
        """The hits by both parts together; equal scores in the order of rows."""
        scores = hits.scores + self.of(hits)
        order = np.lexsort((hits.rows, -scores))
        return Hits(hits.rows[order], scores[order])


def both(one: Corrections, other: Corrections) -> Corrections:
    """What two corrections add together."""
    if not len(one.rows):
        return other
    rows = np.union1d(one.rows, other.rows)
    return Corrections(rows, one.at(rows) + other.at(rows))
