"""Judged pairs of texts in memory, and how queries are divided among the splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError

HIGHEST = 9  # grade


@dataclass(frozen=True)
class Judged:
    """R judgements of Q distinct queries and P distinct product texts."""

    queries: list[str]  # Q
    products: list[str]  # P
    query_of: NDArray[np.int32]  # [R]
    product_of: NDArray[np.int32]  # [R]
    grades: NDArray[np.float32]  # [R] whole numbers 0 … G, more is better
    split: NDArray[np.uint8]  # [R] 0 train, 1 slice, 2 test; all rows of a query in the same

    @property
    def highest(self) -> int:
        """G."""
        return int(self.grades.max(initial=0))


def divided(queries: Sequence[str], shares: tuple[float, float] = (0.70, 0.15), seed: int = 0) -> NDArray[np.uint8]:
    """[Q] split of each query by a hash of its text: train, slice and the rest test; the same text always the same."""
    out = np.empty(len(queries), dtype=np.uint8)
    for place, text in enumerate(queries):
        draw = int.from_bytes(blake2b(f"{seed} {text}".encode(), digest_size=4).digest()) / 2**32
        out[place] = 0 if draw < shares[0] else 1 if draw < sum(shares) else 2
    return out


def numbered(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    """The distinct texts in order of first appearance, and the number of each given one."""
    number: dict[str, int] = {}
    places = [number.setdefault(text, len(number)) for text in texts]
    return list(number), np.array(places, dtype=np.int32)


def check(judged: Judged) -> None:
    """Raises PrecedenceError where nothing could be learnt or judged from these pairs."""
    if not len(judged.grades):
        raise PrecedenceError("There are 0 judged pairs; give rows with a query, a title and a label.")
    if judged.highest < 1:
        raise PrecedenceError("All labels are 0; give some pairs that fit (a label of 1 or more).")
    if judged.highest > HIGHEST:
        raise PrecedenceError(f"The label {judged.highest} is too high; give grades from 0 to at most {HIGHEST}.")
    if judged.grades.min() > 0:
        raise PrecedenceError(f"No label is 0 (the lowest is {judged.grades.min():g}); grade pairs that do not fit 0.")
    for number, name in enumerate(("train", "slice", "test")):
        rows = judged.grades[judged.split == number]
        if not len(rows) or rows.max() < 1 or rows.min() > 0:
            raise PrecedenceError(
                f"The {name} split, made by query, has {len(rows)} pairs and not both fitting and unfitting ones among "
                f"them ({len(judged.queries)} queries in all); give more queries."
            )
