"""Why a product has its score for a query, word by word; why one product is above another.

score(q, d) = Σ_t query_weight(t) · product_weight(t) over the terms t that both bags hold: so each word's contribution
is one product of two numbers, the contributions add up to the score, and taking a word away lowers the score by
exactly its contribution. Where something is added that no word says (`core.relevance.addition`), it stands beside the
words as one part more, and all parts add up to the score. The paper promises explanations without saying what they
hold; this form is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data.text.fields import title_of
from core.data.text.heads import NAMINGS, Place, is_mention
from core.data.text.segment import segment
from core.data.text.vocabulary import Encoded, Vocabulary
from core.relevance.bags import Bag, Kind
from core.relevance.index import Weighed
from core.relevance.overrides.rules import ADDED
from core.relevance.reading.reader import ReadQuery, Step

KINDS = {
    int(Kind.EXACT): "exact",
    int(Kind.EXPANSION): "expansion",
    int(Kind.NGRAM): "n-gram",
    int(Kind.BUCKET): "hash bucket",
    int(Kind.CHARACTER): "character",
    int(Kind.MENTION): "mention",
    int(Kind.FIELD): "field",
    ADDED: "override",
}
ROLE_WORDS = {
    Place.BESIDE: "names another thing",
    Place.BEFORE: "names another thing",
    Place.LATER: "names another thing",
    Place.FOR: "what it goes with",
    Place.WITHOUT: "what it lacks",
    Place.BRAND: "said by the brand",
    Place.COLOR: "said by the colour",
    Place.BULLETS: "said by the bullets",
}
WHOLE_TITLE, WHOLE_QUERY = "the whole title", "the whole query"
Match = Literal[
    "in the title", "in another field", "inferred", "part of a word", "by hand", "missing", "unknown to the model"
]

NO_TERM = -1
Span = tuple[int, int]
LEAST_APART = 5e-3  # two weights nearer than that are shown as the same


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
    query_source: str  # the same of the query, as it was read
    query_span: Span | None
    match: Match = "in the title"
    place: int = 0  # which word of the title brought it, 1 the first; 0: a phrase, a character, the whole title
    times: int = 1  # how often it stands in the title
    factor: float = 1.0  # what its product weight was multiplied by for what it is to the title's thing, in that weight
    role: str = ""  # that in words; "": it names or describes the thing, or nobody knows


@dataclass(frozen=True)
class Unmatched:
    """A word of the query that the product does not hold."""

    term: int
    word: str
    query_weight: float
    query_span: Span | None
    match: Match = "missing"


@dataclass(frozen=True)
class Added:
    """What a score has beside its words: the part `name`, ≥ 0; 0 of products beyond the hits that it can move."""

    name: str
    amount: float


@dataclass(frozen=True)
class Explanation:
    """`contributions`, largest first, and what is `added` add up to `score`; `unmatched_query_mass` is the share of the
    query's weights that lies on words which the product does not hold, 0 … 1. `steps` are what reading did to the
    typed `query`."""

    query: str
    title: str
    score: float
    contributions: tuple[Contribution, ...]
    unmatched: tuple[Unmatched, ...]  # largest first
    unmatched_query_mass: float
    steps: tuple[Step, ...] = ()
    title_words: int = 0
    added: Added | None = None

    def with_added(self, added: Added | None) -> Explanation:
        """The same of a score that has this part more."""
        return self if added is None else replace(self, score=self.score + added.amount, added=added)

    @property
    def share_added(self) -> float:
        """The part of the score that no word carries, 0 … 1."""
        return self.added.amount / self.score if self.added and self.score else 0.0

    def share(self, contribution: Contribution) -> float:
        """The part of the score that a word carries, 0 … 1."""
        return contribution.contribution / self.score if self.score else 0.0

    def matches(self) -> dict[str, Match]:
        """How the product comes to hold each word of the query, or that it does not."""
        matched = {one.word: one.match for one in self.contributions}
        return matched | {one.word: one.match for one in self.unmatched}

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
    why: str = ""  # of a word that both hold at unequal weights: what makes them unequal
    is_word: bool = True  # else what is added to both scores


def explain(
    vocabulary: Vocabulary,
    query: str | ReadQuery,
    query_bag: Bag,
    title: str,
    product_bag: Weighed,
    factors: NDArray | None = None,
    nowhere: Bag | None = None,
) -> Explanation:
    """Both bags as they are scored, overrides applied; the texts only say where a word stands. `title`: with what other
    fields say (`core.data.text.fields`). `factors`: what the encoder multiplies a weight by for each role of a word
    (`core.data.text.heads`), where it has any. `nowhere`: words of the query that nobody knows."""
    read = query if isinstance(query, ReadQuery) else ReadQuery(query, query)
    query = read.text
    shared, at, to = np.intersect1d(query_bag.ids, product_bag.ids, assume_unique=True, return_indices=True)
    asked, held = vocabulary.encode(query), vocabulary.encode(title)
    query_weights = query_bag.weights.astype(np.float64)
    amounts = query_weights[at] * product_bag.weights[to]
    contributions = []
    for place in np.argsort(-amounts, kind="stable").tolist():
        term, here, there = int(shared[place]), int(at[place]), int(to[place])
        source = int(product_bag.sources[there])
        span = _span(held, source)
        query_span = _span(asked, int(query_bag.sources[here]))
        kind = int(product_bag.kinds[there])
        role = int(held.roles[source]) if 0 <= source < len(held.roles) and kind != ADDED else 0
        contributions.append(
            Contribution(
                term,
                word_of(vocabulary, term, title, span, kind),
                float(query_weights[here]),
                float(product_bag.weights[there]),
                float(amounts[place]),
                KINDS[kind],
                title[slice(*span)] if span else WHOLE_TITLE,
                None if kind == Kind.FIELD else span,
                query[slice(*query_span)] if query_span else WHOLE_QUERY,
                query_span,
                _match(vocabulary, kind, query, query_span, title, span),
                1 + source if 0 <= source < held.titled else 0,
                int((held.word_ids[: held.words] == term).sum()),
                _factor(factors, role, kind),
                ROLE_WORDS.get(Place(role // NAMINGS), "") if is_mention(role) or kind == Kind.FIELD else "",
            )
        )
    missing = np.setdiff1d(np.arange(len(query_bag)), at)
    unmatched = _unmatched(vocabulary, query, query_bag, asked, missing)
    if nowhere is not None:
        unmatched = _with_unknown(unmatched, _unmatched(vocabulary, query, nowhere, asked, np.arange(len(nowhere))))
    lacking = sum(one.query_weight for one in unmatched)
    return Explanation(
        read.typed,
        title_of(title),
        float(sum(contribution.contribution for contribution in contributions)),
        tuple(contributions),
        unmatched,
        lacking / max(lacking + float(query_weights[at].sum()), 1e-300),
        read.steps,
        held.titled,
    )


def _unmatched(vocabulary: Vocabulary, query: str, bag: Bag, asked: Encoded, missing: NDArray) -> tuple[Unmatched, ...]:
    """The entries `missing` of a query's bag, largest first."""
    found = []
    for place in missing[np.argsort(-bag.weights[missing].astype(np.float64), kind="stable")].tolist():
        term = int(bag.ids[place])
        span = _span(asked, int(bag.sources[place]))
        word = word_of(vocabulary, term, query, span, int(bag.kinds[place]))
        match: Match = "missing" if bag.kinds[place] != Kind.BUCKET else "unknown to the model"
        found.append(Unmatched(term, word, float(bag.weights[place]), span, match))
    return tuple(found)


def _with_unknown(unmatched: tuple[Unmatched, ...], unknown: tuple[Unmatched, ...]) -> tuple[Unmatched, ...]:
    """Both, largest first."""
    return tuple(sorted((*unmatched, *unknown), key=lambda one: -one.query_weight))


def _factor(factors: NDArray | None, role: int, kind: int) -> float:
    """What a weight was multiplied by for its role; an inferred word is never lifted by it."""
    if factors is None:
        return 1.0
    return min(1.0, float(factors[role])) if kind == Kind.EXPANSION else float(factors[role])


def _match(
    vocabulary: Vocabulary, kind: int, query: str, query_span: Span | None, title: str, span: Span | None
) -> Match:
    """How a title comes to hold a word of the query. Two rare words that share a hash bucket are no match of words:
    the model does not know them apart."""
    if kind == ADDED:
        return "by hand"
    if kind == Kind.EXPANSION:
        return "inferred"
    if kind == Kind.FIELD:
        return "in another field"
    if kind == Kind.CHARACTER:
        return "part of a word"
    if kind == Kind.BUCKET:
        forms = [
            [word.form for word in segment(text[slice(*at)], reading=vocabulary.reading)] if at else []
            for text, at in ((query, query_span), (title, span))
        ]
        return "in the title" if forms[0] == forms[1] else "unknown to the model"
    return "in the title"


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
        why = why_unequal(mine, other, first.title_words, second.title_words) if mine and other else ""
        differences.append(Difference(term, word, in_first, in_second, in_first - in_second, why))
    if first.added and second.added:
        one, two = first.added.amount, second.added.amount
        differences.append(Difference(NO_TERM, first.added.name, one, two, one - two, is_word=False))
    return sorted(differences, key=lambda difference: (-abs(difference.amount), difference.term))


def why_unequal(mine: Contribution, other: Contribution, words: int, other_words: int) -> str:
    """Why two titles hold the same word at unequal weights, by what can be seen of them; "" where they are equal.

    The first that fits: how the word came there, how often it stands there, how long the titles are, its place.
    """
    if abs(mine.product_weight - other.product_weight) < LEAST_APART:
        return ""
    if mine.match != other.match or (mine.kind != other.kind and not (mine.role or other.role)):
        return f"{_held(mine)} in the first, {_held(other)} in the second"
    if mine.role != other.role or (mine.role and abs(mine.factor - other.factor) >= LEAST_APART):
        return f"{_role(mine)} in the first, {_role(other)} in the second"
    if mine.kind == "expansion":
        return f"inferred from “{mine.source}” in the first, from “{other.source}” in the second"
    heavier = mine.product_weight > other.product_weight
    if mine.times != other.times and (mine.times > other.times) == heavier:
        return f"it stands {_times(mine.times)} in the first, {_times(other.times)} in the second"
    if words != other_words and (words < other_words) == heavier:
        return f"the first title has {words} words, the second {other_words}: a word of a longer title weighs less"
    if mine.place and other.place and mine.place != other.place:
        return f"it is word {mine.place} of {words} in the first, word {other.place} of {other_words} in the second"
    return "it stands among other words"


def _held(one: Contribution) -> str:
    if one.kind == "n-gram":
        return "a phrase of the title"
    if one.kind == "field":
        return f"{one.role} (× {one.factor:.2f})"
    if one.kind == "mention":
        return f"beside the thing ({one.role})" if one.role else "beside the thing"
    return f"inferred from “{one.source}”" if one.match == "inferred" else one.match


def _role(one: Contribution) -> str:
    """What the word is to the thing that the title is about."""
    return f"{one.role} (× {one.factor:.2f})" if one.role else "it is said of the thing itself"


def _times(count: int) -> str:
    return {0: "nowhere", 1: "once", 2: "twice"}.get(count, f"{count} times")


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
