"""Counted users: by what they do most, without learning anything. The peers that DUPN has to beat.

For each facet a user is a bag of values: log(1 + events) · log(1 + U / users who have it), of length one. The bags
stand side by side, and their WIDTH strongest directions (latent semantic analysis) are the embedding. The count
baseline counts categories and brands; item tf-idf counts the items themselves, and so does the baseline where events
name neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.data.parquet import Array
from core.errors import PrecedenceError

WIDTH = 64
MOST_VALUES = {"category": 1024, "brand": 1024, "item": 30_000}  # the most frequent ones: a rarer one joins few users
KINDS, ITEMS = ("category", "brand"), ("item",)
BLOCK = 20_000  # users at a time


@dataclass(frozen=True)
class Counts:
    """What was counted among all users: by it any user of the same source gets an embedding."""

    facets: tuple[str, ...]
    columns: tuple[Array, ...]  # of each facet: the column of each number, −1 for none
    weights: tuple[Array, ...]  # of each column
    directions: NDArray[np.float32]  # [columns of all facets, width]

    @classmethod
    def of(cls, histories: Histories, facets: tuple[str, ...] = KINDS) -> Counts:
        from sklearn.decomposition import TruncatedSVD  # two seconds to import

        histories = histories.without_returns()
        columns, weights = _counted(histories, facets)
        if not any(map(len, weights)):
            facets = ITEMS
            columns, weights = _counted(histories, facets)
        if not any(map(len, weights)):
            raise PrecedenceError("These histories hold 0 events, so there is nothing to count users by; give events.")
        bags = _bags(histories, facets, columns, weights, 0, len(histories))
        width = min(WIDTH, *bags.shape)
        exact = width < min(bags.shape)  # of all directions the randomised algorithm is exact too
        found = TruncatedSVD(width, algorithm="arpack" if exact else "randomized", random_state=0)
        directions = found.fit(bags.astype(np.float64)).components_.T.astype(np.float32)
        # a direction's sign is arbitrary: fixed here, so that embeddings made elsewhere lie in the same space
        # (rounded first: of two entries that differ in their last bits alone, every machine takes the first)
        largest = directions[np.abs(directions).round(5).argmax(axis=0), np.arange(width)]
        return cls(facets, columns, weights, directions * np.sign(largest))

    def vectors(
        self, histories: Histories, first: int = 0, progress: Callable[[int], None] = lambda done: None
    ) -> NDArray[np.float32]:
        """Embeddings [U − first, width] of the users from `first` on; width is WIDTH or, with fewer values, theirs."""
        histories = histories.without_returns()
        out = np.empty((len(histories) - first, self.directions.shape[1]), dtype=np.float32)
        for begin in range(first, len(histories), BLOCK):
            end = min(begin + BLOCK, len(histories))
            out[begin - first : end - first] = (
                _bags(histories, self.facets, self.columns, self.weights, begin, end) @ self.directions
            )
            progress(end)
        return out


def bags_of(histories: Histories, facets: tuple[str, ...]) -> Any:
    """Sparse [U, columns of all facets]: the bags themselves, before anything is left out."""
    histories = histories.without_returns()
    return _bags(histories, facets, *_counted(histories, facets), 0, len(histories))


def _counted(histories: Histories, facets: tuple[str, ...]) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Of each facet the column of each number, and the weight of each column."""
    sides = [_side(histories, getattr(histories, facet), MOST_VALUES[facet]) for facet in facets]
    return tuple(column for column, _ in sides), tuple(weight for _, weight in sides)


def _side(histories: Histories, number: Array, most: int) -> tuple[Array, Array]:
    """The column of each number of a facet, and the weight of each column."""
    count = int(number.max(initial=0)) + 1
    pairs = np.unique(histories.user * count + number)
    users = np.bincount(pairs % count, minlength=count)
    users[0] = 0  # unknown
    kept = np.argsort(-users, kind="stable")[:most]
    kept = kept[users[kept] > 0]
    column = np.full(count, -1)
    column[kept] = np.arange(len(kept))
    return column, np.log1p(len(histories) / users[kept]).astype(np.float32)


def _bags(
    histories: Histories,
    facets: tuple[str, ...],
    columns: tuple[Array, ...],
    weights: tuple[Array, ...],
    begin: int,
    end: int,
) -> Any:
    """Sparse rows [end − begin, columns of all facets]: what each of these users did."""
    from scipy import sparse
    from sklearn.preprocessing import normalize

    part = slice(int(histories.offsets[begin]), int(histories.offsets[end]))
    owner = np.repeat(np.arange(end - begin), np.diff(histories.offsets[begin : end + 1]))
    parts = []
    for facet, column, weight in zip(facets, columns, weights, strict=True):
        values = histories.item[part] if facet == "item" else getattr(histories.items, facet)[histories.item[part]]
        own = np.where(values < len(column), column[np.minimum(values, len(column) - 1)], -1)
        known = own >= 0
        shape = (end - begin, len(weight))
        if not len(weight):  # events without brands, say
            continue
        times = sparse.coo_array((np.ones(known.sum(), np.float32), (owner[known], own[known])), shape).tocsr()
        parts.append(normalize(times.log1p().multiply(weight).tocsr()))  # coo adds up what stands twice
    return sparse.hstack(parts, format="csr")
