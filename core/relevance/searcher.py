"""One catalogue as a person searches it: encoder, index and overrides together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.data.text.segment import segment
from core.data.text.vocabulary import Vocabulary
from core.relevance.addition import DEPTH, Addition, both
from core.relevance.bags import Bag, Bags, Kind, only
from core.relevance.explanation.explanation import Added, Explanation, explain
from core.relevance.explanation.lift import Lift, lift
from core.relevance.index import Corrections, Hits, Index, Weighed
from core.relevance.overrides.override import Override
from core.relevance.overrides.rules import Rules, rules
from core.relevance.reading.lexicon import MOST_TITLES
from core.relevance.reading.reader import QueryReader, ReadQuery

_readers: WeakKeyDictionary[Index, dict[tuple[int, int], QueryReader]] = WeakKeyDictionary()


class Encoder(Protocol):
    """What turns texts into bags; `title` names it where a person reads it."""

    @property
    def title(self) -> str: ...
    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def factors(self) -> NDArray[np.float32]:
        """[ROLES] what it multiplies a product's weight by for the role of a word."""

    def query(self, text: str) -> Bag: ...
    def products(self, titles: Sequence[str]) -> Bags: ...


@dataclass(frozen=True)
class Searcher:
    """Every answer has the `overrides` (oldest first) in it, and where there is one the `addition`; others make another
    searcher, the index stays."""

    encoder: Encoder
    index: Index
    overrides: tuple[Override, ...] = ()
    addition: Addition | None = None
    _last: dict[str, Corrections] = field(default_factory=dict, compare=False)  # what is added for the last query

    def with_overrides(self, overrides: Sequence[Override]) -> Searcher:
        return replace(self, overrides=tuple(overrides), _last={})

    def with_addition(self, addition: Addition | None) -> Searcher:
        return replace(self, addition=addition, _last={})

    @property
    def reader(self) -> QueryReader:
        """What reads queries against the words of this catalogue; one for all searchers of the index as it is now."""
        held = _readers.setdefault(self.index, {})
        now = (len(self.index), self.index.rows)
        if now not in held:
            index = self.index
            held.clear()
            held[now] = QueryReader(
                self.encoder.vocabulary, lambda: [product.text for product in index.sample(MOST_TITLES)]
            )
        return held[now]

    @cached_property
    def rules(self) -> Rules:
        return rules(self.overrides, self.encoder.vocabulary, self.index)

    def read(self, text: str) -> ReadQuery:
        """A typed query as it is searched, with every step on the way."""
        return self.reader.read(text)

    def encoded(self, text: str) -> Bag:
        """The bag of a typed query before overrides, without words that nobody knows."""
        return self._divided(text)[0]

    def _divided(self, text: str) -> tuple[Bag, Bag]:
        """The bag of a typed query, and the part of it that can find nothing: words that neither the model nor a title
        knows, whose hash buckets hold words of others."""
        read = self.read(text)
        bag = self.encoder.query(read.text)
        buckets = np.flatnonzero(bag.kinds == Kind.BUCKET)
        if not len(buckets) or len(self.index) > MOST_TITLES:  # of more not all titles are looked into
            return bag, only(bag, [])
        vocabulary, lexicon = self.encoder.vocabulary, self.reader.lexicon
        words = segment(read.text, vocabulary.longest, vocabulary.reading)
        known = {vocabulary.id_of(word.form) for word in words if lexicon.knows(word.form)}
        nowhere = [place for place in buckets.tolist() if int(bag.ids[place]) not in known]
        return only(bag, [place for place in range(len(bag)) if place not in nowhere]), only(bag, nowhere)

    def query(self, text: str) -> Bag:
        """The query's bag as it is scored."""
        return self.rules.query(text, self.encoded(text))

    def product(self, row: int) -> Weighed:
        """A product's bag as it is scored."""
        return self.rules.product(self.index.product(row), self.index.bag(row))

    def search(self, text: str, most: int = 10) -> Hits:
        return self.search_bag(self.query(text), most)

    def search_bag(self, bag: Bag, most: int = 10) -> Hits:
        """For a query that is encoded already."""
        if self.addition is None:
            return self.index.search(bag, most, self.rules.corrections(bag))
        hits = self.addition.reordered(self._by_relevance(bag, max(most, DEPTH)))
        return Hits(hits.rows[:most], hits.scores[:most])

    def _by_relevance(self, bag: Bag, most: int) -> Hits:
        return self.index.search(bag, most, self.rules.corrections(bag))

    def scores(self, bag: Bag) -> np.ndarray:
        """The score of every row."""
        return self.index.scores(bag, self._corrections(bag))

    def _corrections(self, bag: Bag) -> Corrections:
        """What overrides and the addition add to the words' scores."""
        corrections = self.rules.corrections(bag)
        if self.addition is None:
            return corrections
        return both(corrections, self.addition.corrections(self._by_relevance(bag, DEPTH)))

    def _added(self, text: str, row: int) -> Added | None:
        """What is added to the score of a product for a query."""
        if self.addition is None:
            return None
        if text not in self._last:
            self._last.clear()
            self._last[text] = self.addition.corrections(self._by_relevance(self.query(text), DEPTH))
        return Added(self.addition.name, float(self._last[text].at(np.array([row]))[0]))

    def explain(self, text: str, row: int) -> Explanation:
        read = self.read(text)
        return explain(
            self.encoder.vocabulary,
            read,
            self.query(text),
            self.index.product(row).text,
            self.product(row),
            self.encoder.factors,
            self._divided(text)[1],
        ).with_added(self._added(text, row))

    def lift(self, text: str, row: int) -> Lift:
        """By relevance alone: what is added to a score follows the words, and a change of one would change it."""
        bag = self.query(text)
        return lift(self.index, bag, row, self.product(row), self.rules.corrections(bag), self._weights_of)

    def _weights_of(self, term: int) -> np.ndarray:
        return self.rules.weights_of(self.index, term)
