"""Peers that learn nothing: BM25 and plain word overlap, on the same words as everything else here."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from core.data.text.segment import segment

Scores = NDArray[np.float64]


def bm25_scores(queries: Sequence[str], titles: Sequence[str], query_of: NDArray, title_of: NDArray) -> Scores:
    """BM25 (library bm25s with its own defaults) of pairs [n]; word statistics are those of all `titles`."""
    words = [_words(title) or [""] for title in titles]
    number: dict[str, int] = {}
    ids = [[number.setdefault(word, len(number)) for word in title] for title in words]
    index = bm25s.BM25()
    index.index((ids, number), show_progress=False)
    out = np.zeros(len(query_of))
    order = np.argsort(query_of, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(query_of[order])) + 1):
        if len(part):
            known = [number[word] for word in _words(queries[int(query_of[part[0]])]) if word in number]
            if known:
                out[part] = index.get_scores_from_ids(known)[title_of[part]]
    return out


def bm25_of_catalogue(queries: Sequence[str], titles: Sequence[str], k1: float, b: float) -> NDArray[np.float32]:
    """[queries, titles] BM25 of every query with every title."""
    number: dict[str, int] = {}
    ids = [[number.setdefault(word, len(number)) for word in _words(title) or [""]] for title in titles]
    index = bm25s.BM25(k1=k1, b=b)
    index.index((ids, number), show_progress=False)
    out = np.zeros((len(queries), len(titles)), np.float32)
    for row, query in enumerate(queries):
        known = [number[word] for word in _words(query) if word in number]
        if known:
            out[row] = index.get_scores_from_ids(known)
    return out


def overlap_scores(queries: Sequence[str], titles: Sequence[str], query_of: NDArray, title_of: NDArray) -> Scores:
    """Share of the query's distinct words that the title holds, for pairs [n]."""
    own = [set(_words(text)) for text in queries]
    other = [set(_words(text)) for text in titles]
    pairs = zip(query_of.tolist(), title_of.tolist(), strict=True)
    return np.array([len(own[q] & other[t]) / max(1, len(own[q])) for q, t in pairs])


def _words(text: str) -> list[str]:
    return [word.form for word in segment(text)]
