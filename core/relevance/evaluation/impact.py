"""What a change by hand does to a set of queries: which first tens move, and whether the order gets better."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from core.errors import PrecedenceError
from core.relevance.overrides import TEXT, query_key, term_of
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import JudgedQuery, judged_rows
from core.statistics import ndcg

MOST = 10
NOTICED = 5e-4  # a step of NDCG@10 that is more than rounding


@dataclass(frozen=True)
class Moved:
    """One query before and after: rows of the first ten, NDCG@10 over its judged products; None: nothing judged."""

    query: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    ndcg_before: float | None
    ndcg_after: float | None
    unjudged: int = 0  # products of the first ten after the change that nobody has judged for this query

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def step(self) -> float:
        """By how much NDCG@10 rises; 0 where nothing was judged."""
        if self.ndcg_before is None or self.ndcg_after is None:
            return 0.0
        return self.ndcg_after - self.ndcg_before

    @property
    def entered(self) -> int:
        """Products that were not among the first ten before."""
        return len(set(self.after) - set(self.before))


@dataclass(frozen=True)
class Impact:
    """`queries` in the given order; means of NDCG over those with a judged product of grade 1 or more."""

    queries: tuple[Moved, ...]
    ndcg_before: float | None
    ndcg_after: float | None

    @property
    def changed(self) -> int:
        return sum(query.changed for query in self.queries)

    @property
    def judged(self) -> int:
        """Queries of which some product was judged good."""
        return sum(query.ndcg_before is not None for query in self.queries)

    @property
    def unjudged(self) -> int:
        """Products in the first tens that moved which nobody has judged for their query."""
        return sum(query.unjudged for query in self.queries if query.changed)

    @property
    def harmed(self) -> list[Moved]:
        """Queries whose order gets worse, the worst first."""
        return sorted((query for query in self.queries if query.step < -NOTICED), key=lambda query: query.step)

    @property
    def helped(self) -> list[Moved]:
        """Queries whose order gets better, the best first."""
        return sorted((query for query in self.queries if query.step > NOTICED), key=lambda query: -query.step)


def impact(before: Searcher, after: Searcher, queries: Sequence[JudgedQuery]) -> Impact:
    """The same index under two lists of overrides; each query is encoded once."""
    moved = []
    for query in queries:
        encoded = before.encoded(query.text)
        rows, grades = judged_rows(query, before.index)
        found, measured = [], []
        for searcher in (before, after):
            bag = searcher.rules.query(query.text, encoded)
            found.append(tuple(searcher.search_bag(bag, MOST).rows.tolist()))
            measured.append(_ndcg(grades, searcher.scores(bag)[rows]) if len(rows) else None)
        unjudged = len(set(found[1]) - set(rows.tolist()))
        moved.append(Moved(query.text, found[0], found[1], measured[0], measured[1], unjudged))
    return Impact(tuple(moved), _mean([one.ndcg_before for one in moved]), _mean([one.ndcg_after for one in moved]))


def concerned(
    before: Searcher, after: Searcher, queries: Sequence[JudgedQuery], most: int | None = None
) -> list[JudgedQuery]:
    """Queries that the changes between two searchers can touch, in the given order; all, or at most `most`.

    A rule of the query's side touches queries that hold its word or that it names; one of the product's side those
    that hold its word.
    """
    terms: set[int] = set()
    named: set[str] = set()
    for override in set(after.overrides) ^ set(before.overrides):
        if override.at.attribute == TEXT:
            named.add(query_key(override.target))
        else:
            with suppress(PrecedenceError):  # a word that is not in the vocabulary touches nothing
                terms.add(term_of(after.encoder.vocabulary, override.word))
    found: list[JudgedQuery] = []
    for query in queries:
        if len(found) == most:
            break
        if query_key(query.text) in named or (terms and terms & _terms_of(after, query.text)):
            found.append(query)
    return found


def _terms_of(searcher: Searcher, text: str) -> set[int]:
    """The terms that the query's bag can hold; its weights, which take a network, are not asked for."""
    return set(searcher.encoder.vocabulary.encode(searcher.read(text).text).word_ids.tolist())


def _ndcg(grades: np.ndarray, scores: np.ndarray) -> float | None:
    found = ndcg(grades, scores, np.zeros(len(grades)), MOST)
    return float(found[0]) if len(found) else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
