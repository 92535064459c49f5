"""Judged pairs of texts in memory, and how queries are divided among the splits."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from core.data.text.fields import SIGNS, composed
from core.errors import PrecedenceError

HIGHEST = 9  # grade
KEY = "key"  # the field that holds the products' own ids
TEST = 2  # the number of that split
FOLDS = 5  # of a cross-validation


@dataclass(frozen=True)
class Judged:
    """R judgements of Q distinct queries and P products, some of which may be in no judgement."""

    queries: list[str]  # Q
    products: list[str]  # P
    query_of: NDArray[np.int32]  # [R]
    product_of: NDArray[np.int32]  # [R]
    grades: NDArray[np.float32]  # [R] 0 … G, more is better; decimals where several people or clicks judged
    split: NDArray[np.uint8]  # [R] 0 train, 1 validation, 2 test; all rows of a query in the same
    fields: Mapping[str, list[str]] = field(default_factory=dict)  # more texts of a product by name, P each
    gains: tuple[float, ...] = ()  # of each grade in NDCG, 0 first; empty: 2^grade − 1
    numbers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)  # of a product by name, [P], NaN unknown

    @property
    def highest(self) -> int:
        """G."""
        return int(np.floor(self.grades.max(initial=0) + 0.5))

    @property
    def keys(self) -> list[str]:
        """[P] the products' own ids; empty where a product is its text."""
        return self.fields.get(KEY, [])

    @property
    def texts(self) -> list[str]:
        """[P] what is read of the products: the title and the other fields, see core.data.text.fields."""
        known = {name: texts for name, texts in self.fields.items() if name in SIGNS}
        if not known:
            return self.products
        rows = zip(self.products, *known.values(), strict=True)
        return [composed(title, dict(zip(known, values, strict=True))) for title, *values in rows]

    @property
    def levels(self) -> NDArray[np.float32]:
        """[R] the nearest whole grade."""
        return np.floor(self.grades + np.float32(0.5))


def divided(queries: Sequence[str], shares: tuple[float, float] = (0.70, 0.15), seed: int = 0) -> NDArray[np.uint8]:
    """[Q] split of each query: shares of train and validation, the rest test, in the order of a hash of the text.

    The same queries in any order are divided in the same way.
    """
    hashes = [_hash(seed, text) for text in queries]
    order = sorted(range(len(queries)), key=hashes.__getitem__)
    train, both = round(shares[0] * len(queries)), round(sum(shares) * len(queries))
    out = np.full(len(queries), 2, dtype=np.uint8)
    out[order[:both]] = 1
    out[order[:train]] = 0
    return out


def fold_of(queries: Sequence[str], fold: int, validation: float = 0.15) -> NDArray[np.uint8]:
    """[Q] split of each query in one fold of a five-fold cross-validation by query.

    Folds 5 s … 5 s + 4 cut the order of a hash seeded with s into fifths; each is the test of one of them. Of the other
    queries the share `validation` of all, drawn by another hash, is validation.
    """
    seed, part = divmod(fold, FOLDS)
    place = np.argsort(np.argsort([_hash(seed, text) for text in queries]))
    out = np.where(place * FOLDS // len(queries) == part, TEST, 0).astype(np.uint8)
    others = sorted(np.flatnonzero(out == 0).tolist(), key=lambda at: _hash(seed + 1_000_000, queries[at]))
    out[others[: round(validation * len(queries))]] = 1
    return out


def _hash(seed: int, text: str) -> bytes:
    return blake2b(f"{seed} {text}".encode(), digest_size=8).digest()


def numbered(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    """The distinct texts in order of first appearance, and the number of each given one."""
    number: dict[str, int] = {}
    places = [number.setdefault(text, len(number)) for text in texts]
    return list(number), np.array(places, dtype=np.int32)


def first_of(names: Sequence[str], texts: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    """The text of each distinct name where it stands first, and the number of each."""
    number: dict[str, int] = {}
    held: list[str] = []
    for name, text in zip(names, texts, strict=True):
        if number.setdefault(name, len(number)) == len(held):
            held.append(text)
    return held, np.array([number[name] for name in names], dtype=np.int32)


def same_query(text: str) -> str:
    """What two spellings of one query have in common: capitals, width and blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def check(judged: Judged) -> None:
    """Raises PrecedenceError where nothing could be learnt or judged from these pairs."""
    if not len(judged.grades):
        raise PrecedenceError("There are 0 judged pairs; give rows with a query, a title and a label.")
    if judged.highest < 1:
        raise PrecedenceError("All labels are 0; give some pairs that fit (a label of 1 or more).")
    if judged.highest > HIGHEST:
        raise PrecedenceError(f"The label {judged.highest} is too high; give grades from 0 to at most {HIGHEST}.")
    levels = judged.levels
    if levels.min() > 0:
        raise PrecedenceError(f"No label is 0 (the lowest is {judged.grades.min():g}); grade pairs that do not fit 0.")
    for number, name in enumerate(("train", "validation", "test")):
        rows = levels[judged.split == number]
        if not len(rows) or rows.max() < 1 or rows.min() > 0:
            raise PrecedenceError(
                f"The {name} split, made by query, has {len(rows)} pairs and not both fitting and unfitting ones among "
                f"them ({len(judged.queries)} queries in all); give more queries."
            )
