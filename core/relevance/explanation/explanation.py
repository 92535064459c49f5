"""Why a product has its score for a query, word by word; why one product is above another.

score(q, d) = Σ_t query_weight(t) · product_weight(t) over the terms t that both bags hold: so each word's contribution
is one product of two numbers, the contributions add up to the score, and taking a word away lowers the score by
exactly its contribution. The paper promises explanations without saying what they hold; this form is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.data.text.vocabulary import Encoded, Vocabulary
from core.relevance.bags import Bag, Kind
from core.relevance.index import Weighed
from core.relevance.overrides.rules import ADDED

KINDS = {
    int(Kind.EXACT): "exact",
    int(Kind.EXPANSION): "expansion",
    int(Kind.NGRAM): "n-gram",
    int(Kind.BUCKET): "hash bucket",
    int(Kind.CHARACTER): "character",
    ADDED: "override",
}
WHOLE_TITLE, WHOLE_QUERY = "the whole title", "the whole query"

Span = tuple[int, int]


@dataclass(frozen=True)
class Contribution:
    """One word that query and product share. `contribution` = `query_weight` × `product_weight`."""

    term: int
    word: str  # as a person reads it; of a hash bucket the word of this title that fell into it
    query_weight: float
    product_weight: float
    contribution: float
    kind: str  # how the word came into the product's bag: one of KINDS' words
    source: str  # the words of the title that brought it; WHOLE_TITLE where the model points at none
    span: Span | None  # where the source stands in the title
    query_source: str  # the same of the query
    query_span: Span | None


@dataclass(frozen=True)
class Unmatched:
    """A word of the query that the product does not hold."""

    term: int
    word: str
    query_weight: float
    query_span: Span | None


@dataclass(frozen=True)
class Explanation:
    """`contributions`, largest first, add up to `score`; `unmatched_query_mass` is the share of the query's weights
    that lies on words which the product does not hold, 0 … 1."""

    query: str
    title: str
    score: float
    contributions: tuple[Contribution, ...]
    unmatched: tuple[Unmatched, ...]  # largest first
    unmatched_query_mass: float

    def share(self, contribution: Contribution) -> float:
        """The part of the score that a word carries, 0 … 1."""
        return contribution.contribution / self.score if self.score else 0.0

    def names(self) -> dict[int, str]:
        """The query's words by term."""
        matched = {one.term: one.word for one in self.contributions}
        return matched | {one.term: one.word for one in self.unmatched}


@dataclass(frozen=True)
class Difference:
    """What one word does to the distance between two products, `amount` = contribution in A − contribution in B."""

    term: int
    word: str
    in_first: float
    in_second: float
    amount: float


def explain(vocabulary: Vocabulary, query: str, query_bag: Bag, title: str, product_bag: Weighed) -> Explanation:
    """Both bags as they are scored, overrides applied; the texts only say where a word stands."""
    shared, at, to = np.intersect1d(query_bag.ids, product_bag.ids, assume_unique=True, return_indices=True)
    asked, held = vocabulary.encode(query), vocabulary.encode(title)
    query_weights = query_bag.weights.astype(np.float64)
    amounts = query_weights[at] * product_bag.weights[to]
    contributions = []
    for place in np.argsort(-amounts, kind="stable").tolist():
        term, here, there = int(shared[place]), int(at[place]), int(to[place])
        span = _span(held, int(product_bag.sources[there]))
        query_span = _span(asked, int(query_bag.sources[here]))
        kind = int(product_bag.kinds[there])
        contributions.append(
            Contribution(
                term,
                word_of(vocabulary, term, title, span, kind),
                float(query_weights[here]),
                float(product_bag.weights[there]),
                float(amounts[place]),
                KINDS[kind],
                title[span[0] : span[1]] if span else WHOLE_TITLE,
                span,
                query[query_span[0] : query_span[1]] if query_span else WHOLE_QUERY,
                query_span,
            )
        )
    missing = np.setdiff1d(np.arange(len(query_bag)), at)
    unmatched = []
    for place in missing[np.argsort(-query_weights[missing], kind="stable")].tolist():
        term = int(query_bag.ids[place])
        query_span = _span(asked, int(query_bag.sources[place]))
        word = word_of(vocabulary, term, query, query_span, int(query_bag.kinds[place]))
        unmatched.append(Unmatched(term, word, float(query_weights[place]), query_span))
    total = float(query_weights.sum())
    return Explanation(
        query,
        title,
        float(sum(contribution.contribution for contribution in contributions)),
        tuple(contributions),
        tuple(unmatched),
        float(query_weights[missing].sum()) / total if total else 0.0,
    )


def compare(first: Explanation, second: Explanation) -> list[Difference]:
    """Why the first product is above the second (or below), largest part first; amounts add up to the distance."""
    ours = {one.term: one for one in first.contributions}
    theirs = {one.term: one for one in second.contributions}
    differences = []
    for term in ours.keys() | theirs.keys():
        mine, other = ours.get(term), theirs.get(term)
        in_first = mine.contribution if mine else 0.0
        in_second = other.contribution if other else 0.0
        word = (mine or other).word  # type: ignore[union-attr]
        differences.append(Difference(term, word, in_first, in_second, in_first - in_second))
    return sorted(differences, key=lambda difference: (-abs(difference.amount), difference.term))


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: how much the words that stand there carry, 0 … 1, and which term most; None: none."""

    text: str
    intensity: float
    term: int | None


def highlights(text: str, parts: Sequence[tuple[Span | None, float, int]]) -> list[Piece]:
    """The text in pieces out of (span, amount, term); pieces add up to the text.

    An amount lies on every character of its span; the strongest character has intensity 1.
    """
    weight, most, owner = np.zeros(len(text)), np.zeros(len(text)), np.full(len(text), -1)
    for span, amount, term in parts:
        if span and amount > 0:
            part = slice(*span)
            weight[part] += amount
            owner[part] = np.where(most[part] < amount, term, owner[part])
            most[part] = np.maximum(most[part], amount)
    weight /= max(weight.max(initial=0.0), 1e-300)
    apart = (np.diff(weight) != 0) | (np.diff(owner) != 0)
    edges = [0, *(np.flatnonzero(apart) + 1).tolist(), len(text)] if text else []
    return [
        Piece(text[start:end], float(weight[start]), int(owner[start]) if owner[start] >= 0 else None)
        for start, end in pairwise(edges)
    ]


def title_highlights(explanation: Explanation) -> list[Piece]:
    """The title, each piece as intense as what it brings to the score."""
    return highlights(explanation.title, [(one.span, one.contribution, one.term) for one in explanation.contributions])


def word_of(vocabulary: Vocabulary, term: int, text: str, span: Span | None, kind: int) -> str:
    """The term in words; a hash bucket by what stands in the text, as the bucket itself has no meaning."""
    if kind == Kind.BUCKET and span and text[span[0] : span[1]].strip():
        return text[span[0] : span[1]]
    return vocabulary.term(term).surface


def _span(encoded: Encoded, source: int) -> Span | None:
    return encoded.spans[source] if 0 <= source < len(encoded.spans) else None
