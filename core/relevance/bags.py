"""Bags: sparse sets of (term, weight), many of them as compressed rows. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError


class Kind(IntEnum):
    """Why a term is in a bag."""

    EXACT = 0  # a word of the text
    EXPANSION = 1  # not in the text: the model holds that the text also means it
    NGRAM = 2  # a phrase of the text
    BUCKET = 3  # a word of the text that the vocabulary does not know, under the number of its hash bucket
    CHARACTER = 4  # a Chinese character within a longer word of the text
    MENTION = 5  # a word of the text that names another thing than the one it is about, as "phone" of a phone case
    FIELD = 6  # a word that the title lacks and another field of the product says


@dataclass(frozen=True)
class Bag:
    """One text's terms, ids ascending. n entries."""

    ids: NDArray[np.uint32]  # [n] term numbers of the vocabulary, strictly ascending
    weights: NDArray[np.float32]  # [n] > 0
    kinds: NDArray[np.uint8]  # [n] `Kind`
    sources: NDArray[np.int16]  # [n] place of the unit of the encoded text that brought the term; −1: the whole text

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Bags:
    """N bags as compressed rows: bag r holds the entries starts[r] … starts[r + 1] − 1. M entries in all.

    `sources` counts the units of `Vocabulary.encode(text)`, whose `spans` say where in the text a unit stands.
    """

    starts: NDArray[np.int64]  # [N + 1]
    ids: NDArray[np.uint32]  # [M] strictly ascending within a bag
    weights: NDArray[np.float32]  # [M] > 0
    kinds: NDArray[np.uint8]  # [M] `Kind`
    sources: NDArray[np.int16]  # [M]

    def __post_init__(self) -> None:
        count = len(self.ids)
        lengths = {count, len(self.weights), len(self.kinds), len(self.sources)}
        if len(lengths) > 1 or not len(self.starts) or self.starts[0] != 0 or self.starts[-1] != count:
            raise PrecedenceError(
                f"Bags of {count} entries need as many weights, kinds and sources, and starts from 0 to {count}; "
                "make the bags again."
            )

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Bag:
        part = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return Bag(self.ids[part], self.weights[part], self.kinds[part], self.sources[part])


def gather(bags: Sequence[Bag]) -> Bags:
    """Single bags, in order, as compressed rows."""
    starts = np.zeros(len(bags) + 1, dtype=np.int64)
    np.cumsum([len(bag) for bag in bags], out=starts[1:])
    return Bags(
        starts,
        _joined([bag.ids for bag in bags], np.uint32),
        _joined([bag.weights for bag in bags], np.float32),
        _joined([bag.kinds for bag in bags], np.uint8),
        _joined([bag.sources for bag in bags], np.int16),
    )


def strongest(bag: Bag, most: int) -> Bag:
    """The `most` heaviest entries, ids still ascending; of equal weights the smaller id stays."""
    if len(bag) <= most:
        return bag
    keep = np.sort(np.lexsort((bag.ids, -bag.weights))[:most])
    return Bag(bag.ids[keep], bag.weights[keep], bag.kinds[keep], bag.sources[keep])


def only(bag: Bag, places: Sequence[int]) -> Bag:
    """The entries at some places, which rise."""
    at = np.array(places, dtype=np.int64)
    return Bag(bag.ids[at], bag.weights[at], bag.kinds[at], bag.sources[at])


def dot(one: Bag, other: Bag) -> float:
    """Σ over shared terms of the product of both weights: the score of a query's and a product's bag."""
    _, at, to = np.intersect1d(one.ids, other.ids, assume_unique=True, return_indices=True)
    return float(one.weights[at].astype(np.float64) @ other.weights[to].astype(np.float64))


def _joined(parts: list[NDArray], kind: type) -> NDArray:
    return np.concatenate(parts).astype(kind, copy=False) if parts else np.zeros(0, dtype=kind)
