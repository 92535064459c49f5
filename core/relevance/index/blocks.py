"""Postings in blocks of 64 products that hold much the same words, with the highest weight of every word in a block.

What a block can score at most, Σ_t q_t · max_{d in block} weight(d, t), is known without looking at its products: a
search looks at the most promising blocks first, and only at blocks that could still reach the best found so far.
Block-max pruning after Mallia, Suel & Tonellotto, "Faster Learned Sparse Retrieval with Block-Max Pruning", SIGIR 2024,
without their approximations; the order by frequent words, the bounds of corrections and ties by row are ours.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.relevance.index import pruning
from core.relevance.index.quantise import Quantised

SIZE = 64  # products a block
_KEYS = 8  # of a product's most frequent words, by which products are put in order
_scratch = threading.local()


@dataclass(frozen=True)
class Blocks:
    """N products in an order of their own, B blocks, E pairs of a word and a block that holds it, M postings."""

    order: NDArray[np.uint32]  # [N] the row at each position; block b holds positions SIZE·b … SIZE·(b + 1) − 1
    lowest: NDArray[np.uint32]  # [B] the smallest row of each block
    starts: NDArray[np.int64]  # [V + 1] pairs of term t: starts[t] : starts[t + 1], blocks ascending
    block: NDArray[np.uint32]  # [E]
    most: NDArray[np.uint8]  # [E] the highest step of the term in the block
    first: NDArray[np.int64]  # [E + 1] postings of pair e: first[e] : first[e + 1]
    local: NDArray[np.uint8]  # [M] position within the block
    steps: NDArray[np.uint8]  # [M]

    @staticmethod
    def of(bags: Quantised, terms: int) -> Blocks:
        count = len(bags.starts) - 1
        order = _order(bags, terms, count)
        ends, places, steps = pruning.invert_in_order(bags.starts, bags.ids, bags.steps, order, terms)
        starts, block, most, first = pruning.pairs_of(ends, places, steps, SIZE)
        edges = np.arange(0, count, SIZE)
        lowest = np.minimum.reduceat(order, edges) if count else np.zeros(0, np.uint32)
        return Blocks(order, lowest, starts, block, most, first, (places % SIZE).astype(np.uint8), steps)

    def best(
        self,
        terms: NDArray[np.int64],
        values: NDArray[np.float32],
        scale: float,
        gone: NDArray[np.bool_],
        moved: tuple[NDArray[np.int64], NDArray[np.float64]],
        most: int,
        least: float,
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Rows and scores of the `most` best products above `least`, exact, equal scores in the order of rows.

        `moved`: rows ascending and what is added to their scores.
        """
        rows, scores = np.empty(most, np.int64), np.empty(most, np.float64)
        places, amounts = self._places_of(*moved)
        bounds = self._bounds()
        count = pruning.best(
            self.order, self.lowest, self.starts, self.block, self.most, self.first, self.local, self.steps,
            terms, values.astype(np.float64), scale, places, amounts, gone, bounds, rows, scores, least,
        )  # fmt: skip
        return rows[:count], scores[:count]

    def _places_of(
        self, rows: NDArray[np.int64], amounts: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Positions in the order of blocks, ascending, with their amounts."""
        if not len(rows):
            return rows, amounts
        places = self._where[rows]
        ascending = np.argsort(places)
        return places[ascending], amounts[ascending]

    @cached_property
    def _where(self) -> NDArray[np.int64]:
        """[N] the position of each row; made when somebody has changed something by hand."""
        where = np.empty(len(self.order), np.int64)
        where[self.order] = np.arange(len(self.order))
        return where

    def _bounds(self) -> NDArray[np.float64]:
        """Room for a bound a block, this thread's own: making it anew costs as much as a search."""
        held: NDArray[np.float64] | None = getattr(_scratch, "bounds", None)
        if held is None or len(held) < len(self.lowest):
            held = _scratch.bounds = np.empty(len(self.lowest), np.float64)
        return held[: len(self.lowest)]

    @property
    def bytes(self) -> int:
        """Of all that a search reads."""
        return sum(getattr(self, one.name).nbytes for one in fields(self))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As `opened` takes them."""
        return {f"block_{one.name}": getattr(self, one.name) for one in fields(self)}

    @staticmethod
    def opened(arrays: dict[str, NDArray[Any]]) -> Blocks | None:
        """What was written; None of an index of before there were blocks."""
        names = [one.name for one in fields(Blocks)]
        if not any(f"block_{name}" in arrays for name in names):
            return None
        return Blocks(*(arrays[f"block_{name}"] for name in names))

    def fit(self, count: int, terms: int, postings: int) -> bool:
        """Everything that the loops rely on; else a damaged file would be read out of bounds."""
        blocks, pairs = -(-count // SIZE), len(self.block)
        lengths = [len(one) for one in (self.order, self.lowest, self.starts, self.first, self.local, self.steps)]
        return (
            lengths == [count, blocks, terms + 1, pairs + 1, postings, postings]
            and len(self.most) == pairs
            and _rises(self.starts, pairs)
            and _rises(self.first, postings)
            and (pairs == 0 or int(self.block.max()) < blocks)
            and (postings == 0 or int(self.local.max()) < SIZE)
            and bool((np.bincount(self.order, minlength=count) == 1).all())
            and _within_last(self, count, blocks)
        )


def _rises(starts: NDArray[np.int64], end: int) -> bool:
    return bool(starts[0] == 0 and starts[-1] == end and (np.diff(starts) >= 0).all())


def _within_last(blocks: Blocks, count: int, number: int) -> bool:
    """Whether no posting of the last block, which may be short, names a product beyond the last."""
    room = count - SIZE * (number - 1)
    last = np.flatnonzero(blocks.block == number - 1)
    return all(int(blocks.local[blocks.first[e] : blocks.first[e + 1]].max(initial=0)) < room for e in last.tolist())


def _order(bags: Quantised, terms: int, count: int) -> NDArray[np.uint32]:
    """Rows by their most frequent words, the most frequent first: products with the same words come to lie together,
    so that a word lies in few blocks and a block's highest weights are near those of its products."""
    frequency = np.bincount(bags.ids, minlength=terms)
    rank = np.empty(terms, np.int64)
    rank[np.argsort(-frequency, kind="stable")] = np.arange(terms)
    keys = pruning.keys_of(bags.starts, bags.ids, rank, _KEYS)
    return np.lexsort((np.arange(count), *keys.T[::-1])).astype(np.uint32)
