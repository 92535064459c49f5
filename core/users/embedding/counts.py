"""The count baseline: users by what they do most, without learning anything. The peer that DUPN has to beat.

For each of categories and brands a user is a bag of values: log(1 + events) · log(1 + U / users who have it), of length
one. The bags stand side by side, and their WIDTH strongest directions (latent semantic analysis) are the embedding.
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
MOST_VALUES = 1024  # of a facet: the most frequent ones; a rarer brand joins few users
BLOCK = 20_000  # users at a time


@dataclass(frozen=True)
class Counts:
    """What was counted among all users: by it any user of the same source gets an embedding."""

    columns: tuple[Array, Array]  # of categories and brands: the column of each number, −1 for none
    weights: tuple[Array, Array]  # of each column
    directions: NDArray[np.float32]  # [columns of both, width]

    @classmethod
    def of(cls, histories: Histories) -> Counts:
        from sklearn.decomposition import TruncatedSVD  # two seconds to import

        sides = [_side(histories, number) for number in (histories.category, histories.brand)]
        columns, weights = (sides[0][0], sides[1][0]), (sides[0][1], sides[1][1])
        if not any(map(len, weights)):
            raise PrecedenceError(
                "These events name neither a category nor a brand, so there is nothing to count users by; add a column "
                "called category or brand."
            )
        bags = _bags(histories, columns, weights, 0, len(histories))
        width = min(WIDTH, bags.shape[1])
        exact = width < min(bags.shape)  # of all directions the randomised algorithm is exact too
        found = TruncatedSVD(width, algorithm="arpack" if exact else "randomized", random_state=0)
        directions = found.fit(bags.astype(np.float64)).components_.T.astype(np.float32)
        # a direction's sign is arbitrary: fixed here, so that embeddings made elsewhere lie in the same space
        # (rounded first: of two entries that differ in their last bits alone, every machine takes the first)
        largest = directions[np.abs(directions).round(5).argmax(axis=0), np.arange(width)]
        return cls(columns, weights, directions * np.sign(largest))

    def vectors(
        self, histories: Histories, first: int = 0, progress: Callable[[int], None] = lambda done: None
    ) -> NDArray[np.float32]:
        """Embeddings [U − first, width] of the users from `first` on; width is WIDTH or, with fewer values, theirs."""
        out = np.empty((len(histories) - first, self.directions.shape[1]), dtype=np.float32)
        for begin in range(first, len(histories), BLOCK):
            end = min(begin + BLOCK, len(histories))
            out[begin - first : end - first] = (
                _bags(histories, self.columns, self.weights, begin, end) @ self.directions
            )
            progress(end)
        return out


def _side(histories: Histories, number: Array) -> tuple[Array, Array]:
    """The column of each number of a facet, and the weight of each column."""
    count = int(number.max(initial=0)) + 1
    pairs = np.unique(histories.user * count + number)
    users = np.bincount(pairs % count, minlength=count)
    users[0] = 0  # unknown
    kept = np.argsort(-users, kind="stable")[:MOST_VALUES]
    kept = kept[users[kept] > 0]
    column = np.full(count, -1)
    column[kept] = np.arange(len(kept))
    return column, np.log1p(len(histories) / users[kept]).astype(np.float32)


def _bags(
    histories: Histories, columns: tuple[Array, Array], weights: tuple[Array, Array], begin: int, end: int
) -> Any:
    """Sparse rows [end − begin, columns of both]: what each of these users did."""
    from scipy import sparse
    from sklearn.preprocessing import normalize

    part = slice(int(histories.offsets[begin]), int(histories.offsets[end]))
    owner = np.repeat(np.arange(end - begin), np.diff(histories.offsets[begin : end + 1]))
    item, parts = histories.item[part], []
    for number, column, weight in zip((histories.items.category, histories.items.brand), columns, weights, strict=True):
        values = number[item]
        own = np.where(values < len(column), column[np.minimum(values, len(column) - 1)], -1)
        known = own >= 0
        shape = (end - begin, len(weight))
        if not len(weight):  # events without brands, say
            continue
        times = sparse.coo_array((np.ones(known.sum(), np.float32), (owner[known], own[known])), shape).tocsr()
        parts.append(normalize(times.log1p().multiply(weight).tocsr()))  # coo adds up what stands twice
    return sparse.hstack(parts, format="csr")
