"""The similarities by which users are compared, one declaration each: pages, command line and indexes read them here.

An index keeps the name of the similarity it was made with. The map is drawn by cosine under every one, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Similarity:
    """How alike two embeddings are.

    faiss orders users by `metric` of their prepared embeddings; `score` turns its answers into numbers that are higher
    the nearer two users are, and `shown` writes such a number.
    """

    name: str  # in addresses, on the command line and on disk: never changed
    title: str
    about: str  # what the number is, after "First"
    metric: int  # of faiss: METRIC_INNER_PRODUCT, METRIC_L2, …
    prepare: Callable[[Vectors], Vectors] = lambda vectors: vectors  # [U, width] as embedded → as indexed
    score: Callable[[Vectors], Vectors] = lambda answers: answers  # faiss's answers [Q, k] → higher is nearer
    shown: Callable[[float], str] = lambda score: f"{score:.3f}"


def unit(vectors: Vectors) -> Vectors:
    """Vectors [U, width] of length one; zeros stay zeros, which are like nobody: cosine 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


COSINE = Similarity(
    name="cosine",
    title="Cosine",
    about="how alike the two are (at most 1)",
    metric=faiss.METRIC_INNER_PRODUCT,
    prepare=unit,
)
INNER_PRODUCT = Similarity(
    name="inner_product",
    title="Inner product",
    about="the inner product of the two embeddings, which long embeddings raise",
    metric=faiss.METRIC_INNER_PRODUCT,
)
SIMILARITIES = {each.name: each for each in (COSINE, INNER_PRODUCT)}  # the first one is the default


def similarity(name: str) -> Similarity:
    """The similarity of this name."""
    if name not in SIMILARITIES:
        raise PrecedenceError(
            f"There is no similarity {name[:40]!r} of users; choose one of {', '.join(SIMILARITIES)}."
        )
    return SIMILARITIES[name]
