"""The judged products of each query as lists, with both parts of a score before they are weighed against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.relevance.aims import Aim
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import JudgedQuery, judged_rows
from core.statistics import ndcg_of_gains, shared_in_ties

AT = 10
Values = NDArray[np.float64]


@dataclass(frozen=True)
class JudgedLists:
    """n judged pairs of Q queries. The searched score is relevance + w · known."""

    query: NDArray[np.int64]  # [n] 0 … Q − 1
    held_out: NDArray[np.bool_]  # [n] of the test; all of a query alike
    relevance: Values  # [n] as a share of the query's best hit
    known: Values  # [n] u, 0 of products that the query does not find
    gain: Values  # [n] 0 … 1
    outcome: Values  # [n] on the scale on which it is averaged, NaN where nobody knows it or nothing was found

    def where(self, held_out: bool) -> JudgedLists:
        """Those of the test queries, or the others."""
        rows = self.held_out == held_out
        return JudgedLists(*(values[rows] for values in vars(self).values()))

    def scores(self, weight: float) -> Values:
        return self.relevance + weight * self.known

    def ndcg(self, weight: float) -> Values:
        """[queries with a gain] NDCG@10."""
        return ndcg_of_gains(self.gain, self.scores(weight), self.query)

    def averages(self, weight: float) -> Values:
        """[queries] the mean outcome of the first ten; products of equal score share theirs."""
        scores, known = self.scores(weight), ~np.isnan(self.outcome)
        _, group = np.unique(self.query, return_inverse=True)
        place = _places(scores, group)
        amounts = shared_in_ties(np.where(known, self.outcome, 0), scores, group)
        counts = shared_in_ties(known.astype(np.float64), scores, group)
        first = place < AT
        total = np.bincount(group[first], weights=amounts[first], minlength=int(group.max(initial=-1)) + 1)
        count = np.bincount(group[first], weights=counts[first], minlength=len(total))
        return total / np.maximum(count, 1e-12)


def _places(scores: Values, group: NDArray) -> NDArray[np.int64]:
    """[n] the place of each row in its list, 0 the first."""
    order = np.lexsort((-scores, group))
    first = np.searchsorted(group[order], group[order])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - first
    return place


def lists_of(
    parts: Iterable[tuple[Searcher, Sequence[JudgedQuery]]],
    aim: Aim,
    place_of: Callable[[str], int],
    gains: Sequence[float] = (),
) -> JudgedLists:
    """Of the judged queries of each searcher; `place_of` a product's key is its place in the aim.

    `gains` of each grade, 0 first; empty: 2^grade − 1, as a share of the highest grade's.
    """
    known, outcome = aim.scaled, aim.averaged
    columns: list[tuple[NDArray, ...]] = []
    highest = 0.0
    for searcher, queries in parts:
        for query in queries:
            rows, grades = judged_rows(query, searcher.index)
            bag = searcher.query(query.text)
            best = searcher.search_bag(bag, 1).scores
            if not len(rows) or not len(best):
                continue
            relevance = searcher.scores(bag)[rows].astype(np.float64) / best[0]
            places = [place_of(searcher.index.product(int(row)).key) for row in rows]
            highest = max(highest, float(grades.max()))
            gain = np.array(gains)[np.rint(grades).astype(int)] if gains else np.exp2(grades) - 1
            about = np.full(len(rows), len(columns)), np.full(len(rows), query.held_out)
            is_found = relevance > 0
            parts_of_score = relevance, np.where(is_found, known[places], 0.0)
            columns.append((*about, *parts_of_score, gain, np.where(is_found, outcome[places], np.nan)))
    if not columns:
        nothing = np.zeros(0)
        return JudgedLists(np.zeros(0, np.int64), np.zeros(0, np.bool_), nothing, nothing, nothing, nothing)
    query_of, held_out, *values = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    values[2] = values[2] / max(max(gains) if gains else np.exp2(highest) - 1, 1e-12)
    return JudgedLists(query_of, held_out, *values)
