"""The count baseline: users by what they do most, without learning anything. The peer that DUPN has to beat.

For each of categories and brands a user is a bag of values: log(1 + events) · log(1 + U / users who have it), of length
one. The bags stand side by side, and their WIDTH strongest directions (latent semantic analysis) are the embedding.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.data.parquet import Array

WIDTH = 64
MOST_VALUES = 1024  # of a facet: the most frequent ones; a rarer brand joins few users
BLOCK = 20_000  # users at a time


def count_vectors(histories: Histories, progress: Callable[[int], None] = lambda done: None) -> NDArray[np.float32]:
    """Embeddings [U, width] of all users; width is WIDTH or, with fewer values, their number."""
    sides = [_side(histories, histories.category), _side(histories, histories.brand)]
    blocks = [(at, min(at + BLOCK, len(histories))) for at in range(0, len(histories), BLOCK)]
    width = sum(len(weight) for _, weight in sides)
    products = np.zeros((width, width))
    for begin, end in blocks:
        bags = _bags(histories, sides, begin, end)
        products += bags.T @ bags
    directions = np.linalg.eigh(products)[1][:, ::-1][:, :WIDTH].astype(np.float32)  # eigenvalues rise
    vectors = np.empty((len(histories), directions.shape[1]), dtype=np.float32)
    for begin, end in blocks:
        vectors[begin:end] = _bags(histories, sides, begin, end) @ directions
        progress(end)
    return vectors


def _side(histories: Histories, number: Array) -> tuple[Array, NDArray[np.float32]]:
    """Columns [E] of a facet's events, −1 where they have none, and the weight of each column."""
    count = int(number.max(initial=0)) + 1
    pairs = np.unique(histories.user * count + number)
    users = np.bincount(pairs % count, minlength=count)
    users[0] = 0  # unknown
    kept = np.argsort(-users, kind="stable")[:MOST_VALUES]
    kept = kept[users[kept] > 0]
    column = np.full(count, -1)
    column[kept] = np.arange(len(kept))
    return column[number], np.log1p(len(histories) / users[kept]).astype(np.float32)


def _bags(
    histories: Histories, sides: list[tuple[Array, NDArray[np.float32]]], begin: int, end: int
) -> NDArray[np.float32]:
    first, last = histories.offsets[begin], histories.offsets[end]
    owner = np.repeat(np.arange(end - begin), np.diff(histories.offsets[begin : end + 1]))
    parts = []
    for column, weight in sides:
        own = column[first:last]
        known = own >= 0
        times = np.bincount(owner[known] * len(weight) + own[known], minlength=(end - begin) * len(weight))
        bag = np.log1p(times.reshape(end - begin, len(weight))).astype(np.float32) * weight
        parts.append(bag / np.maximum(np.linalg.norm(bag, axis=1, keepdims=True), 1e-12))
    return np.hstack(parts)
