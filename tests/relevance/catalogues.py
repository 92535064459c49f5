"""Made-up catalogues: bags of random words, and what a search over them must find, computed densely."""

from __future__ import annotations

import numpy as np

from core.relevance.bags import Bag, Bags, Kind, gather
from core.relevance.index import Index, Product

TERMS = 400


def random_bag(random: np.random.Generator, most: int = 30, least: int = 0) -> Bag:
    ids = np.sort(random.choice(np.arange(1, TERMS), size=random.integers(least, most + 1), replace=False))
    count = len(ids)
    return Bag(
        ids.astype(np.uint32),
        random.uniform(0.05, 1.0, count).astype(np.float32),
        random.integers(0, len(Kind), count).astype(np.uint8),
        random.integers(-1, 5, count).astype(np.int16),
    )


def random_bags(random: np.random.Generator, count: int, most: int = 30) -> Bags:
    return gather([random_bag(random, most) for _ in range(count)])


def products(count: int, first: int = 0) -> list[Product]:
    """Keys p0, p1 …; three categories in turn."""
    return [
        Product(f"p{number}", f"title {number}", {"category": "abc"[number % 3]})
        for number in range(first, first + count)
    ]


def catalogue(random: np.random.Generator, count: int = 200) -> Index:
    return Index.of(random_bags(random, count), products(count), "vocabulary", TERMS)


def dense(bag: object) -> np.ndarray:
    """A bag as one weight a term, [TERMS]."""
    out = np.zeros(TERMS)
    out[bag.ids] = bag.weights  # type: ignore[attr-defined]
    return out


def dense_scores(index: Index, query: Bag) -> np.ndarray:
    """Every row's score, multiplied out."""
    return np.array([dense(index.bag(row)) @ dense(query) for row in range(index.rows)])
