"""The loops that an index consists of, compiled by numba; arrays in, arrays out.

The postings of a term are the products that hold it, with weights from 1 to 255. Every score of a query, term at a
time: as many additions as its postings are long. The search for the best looks at fewer, see `pruning`. Measured beside
NumPy, scipy.sparse, bm25s, pyseismic-lsr and bmp in docs/benchmarks.md.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def add_postings(scores, starts, rows, weights, terms, values):  # type: ignore[no-untyped-def]
    """scores[d] = Σ_t values[t] · weight(d, t): overwrites `scores` [N] float32.

    `starts` [V + 1], `rows`, `weights` u8: the postings of term t lie at starts[t] : starts[t + 1].
    """
    scores[:] = 0
    for place in range(len(terms)):
        value = values[place]
        for posting in range(starts[terms[place]], starts[terms[place] + 1]):
            scores[rows[posting]] += value * weights[posting]


@numba.njit(cache=True, nogil=True)
def pair_scores(starts, ids, weights, rows, terms, values):  # type: ignore[no-untyped-def]
    """Σ_t values[t] · weight(d, t) for single rows d, in float64; both sides sorted by term, merged."""
    scores = np.zeros(len(rows), np.float64)
    for number in range(len(rows)):
        here, end = starts[rows[number]], starts[rows[number] + 1]
        place = 0
        while here < end and place < len(terms):
            if ids[here] < terms[place]:
                here += 1
            elif ids[here] > terms[place]:
                place += 1
            else:
                scores[number] += np.float64(values[place]) * weights[here]
                here += 1
                place += 1
    return scores


@numba.njit(cache=True, nogil=True)
def invert(starts, ids, weights, terms):  # type: ignore[no-untyped-def]
    """Bags by product into postings by term, rows ascending within a term: (starts [terms + 1], rows, weights)."""
    ends = np.zeros(terms + 1, np.int64)
    for entry in range(len(ids)):
        ends[ids[entry] + 1] += 1
    for term in range(terms):
        ends[term + 1] += ends[term]
    places = ends[:-1].copy()
    rows = np.empty(len(ids), np.uint32)
    turned = np.empty(len(ids), np.uint8)
    for row in range(len(starts) - 1):
        for entry in range(starts[row], starts[row + 1]):
            place = places[ids[entry]]
            rows[place] = row
            turned[place] = weights[entry]
            places[ids[entry]] += 1
    return ends, rows, turned
