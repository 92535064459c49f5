"""The first hit of a query over a whole catalogue: does it lack a word that some title has beside all the others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.data.text.heads import is_function_word
from core.data.text.segment import segment
from core.data.text.vocabulary import Vocabulary
from core.relevance.bags import Kind
from core.relevance.evaluation.evaluate import Test
from core.relevance.index import Product
from core.relevance.reading.reader import ReadQuery
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import JudgedQuery, language_of
from core.relevance.stores.index_store import AnyEncoder, build

_SAID = (int(Kind.EXACT), int(Kind.NGRAM), int(Kind.BUCKET), int(Kind.CHARACTER), int(Kind.FIELD))


@dataclass(frozen=True)
class FirstHit:
    """A query whose first hit lacks a word, although a title says all. `reason`: why that may be right; "": none."""

    query: str
    first: str
    full: str  # a title that says every word
    lacks: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class CatalogueCheck:
    """`answered`: queries of `queries` that some title answers in full; of these, first hits that lack a word."""

    queries: int
    answered: int
    lacking: tuple[FirstHit, ...]

    @property
    def without_reason(self) -> int:
        return sum(not one.reason for one in self.lacking)

    @property
    def share(self) -> float:
        """Of the queries that some title answers in full: first hits that lack a word without a better reason."""
        return self.without_reason / self.answered if self.answered else 0.0


def queries_of(test: Test, encoder: AnyEncoder) -> list[tuple[Searcher, list[JudgedQuery]]]:
    """All queries of a test's data set, whatever their split, each with a search over all titles of its writing."""
    split: dict[str, tuple[dict[str, Product], list[JudgedQuery]]] = {}
    for at, title in enumerate(test.titles):
        said = {name: texts[at] for name, texts in test.fields.items()}
        split.setdefault(language_of(title), ({}, []))[0].setdefault(title, Product(title, title, said))
    grades: dict[int, dict[str, float]] = {}
    for query, title, grade in zip(test.query_of.tolist(), test.title_of.tolist(), test.grades.tolist(), strict=True):
        grades.setdefault(query, {})[test.titles[title]] = int(grade)
    for number, text in enumerate(test.queries):
        if language_of(text) in split:
            split[language_of(text)][1].append(JudgedQuery(text, grades.get(number, {})))
    return [(build(encoder, list(products.values())), queries) for products, queries in split.values()]


def check_catalogue(searcher: Searcher, queries: Sequence[JudgedQuery]) -> CatalogueCheck:
    """The first hit of each query beside the titles that say all of its words.

    A reason that counts: the hit is held to mean the word by another one; or every title that says all words says one
    of them of what it goes with; or the hit was graded higher than every such title that was graded.
    """
    vocabulary = searcher.encoder.vocabulary
    products = searcher.index.sample(len(searcher.index))
    titles = [product.title for product in products]
    words = [_words(vocabulary, product.text) for product in products]
    holding: dict[int, set[int]] = {}
    for row, title in enumerate(titles):
        for word in _words(vocabulary, title):
            holding.setdefault(word, set()).add(row)
    answered, lacking = 0, []
    for query in queries:
        read = searcher.read(query.text)
        asked = _asked(vocabulary, read)
        full = set.intersection(*(holding.get(word, set()) for word in asked)) if asked else set()
        if not full:
            continue
        answered += 1
        hits = searcher.search(query.text, 1)
        first = int(hits.rows[0]) if len(hits.rows) else -1
        lacks = asked
        if first >= 0:
            held = words[first] | _within_words(searcher, first)
            lacks = asked - held - _written_otherwise(vocabulary, read, held)
        if lacks:
            names = tuple(vocabulary.term(word).surface for word in sorted(lacks))
            reason = _reason(searcher, query, first, lacks, asked, full) if first >= 0 else ""
            lacking.append(FirstHit(query.text, titles[first] if first >= 0 else "", titles[min(full)], names, reason))
    return CatalogueCheck(len(queries), answered, tuple(lacking))


def _within_words(searcher: Searcher, row: int) -> set[int]:
    """Chinese characters that a product holds as a part of longer words."""
    bag = searcher.index.bag(row)
    return set(bag.ids[bag.kinds == Kind.CHARACTER].tolist())


def _written_otherwise(vocabulary: Vocabulary, read: ReadQuery, held: set[int]) -> set[int]:
    """Words of the query that a product writes in the other way in which they were searched too: paddleboard."""
    found: set[int] = set()
    for step in read.steps:
        if step.also and _words(vocabulary, step.read) <= held:
            found |= _words(vocabulary, step.typed)
    return found


def _reason(
    searcher: Searcher, query: JudgedQuery, first: int, lacks: set[int], asked: set[int], full: set[int]
) -> str:
    bag = searcher.index.bag(first)
    inferred = set(bag.ids[bag.kinds == Kind.EXPANSION].tolist())
    if lacks <= inferred:
        return "it means the word by another one"
    if not any(asked <= _of_the_thing(searcher, row) for row in full):
        return "titles that say all words say one of them of what they go with"
    graded = [query.grades[key] for row in full if (key := searcher.index.product(row).key) in query.grades]
    own = query.grades.get(searcher.index.product(first).key)
    if graded and own is not None and own > max(graded):
        return "it was graded higher"
    return ""


def _of_the_thing(searcher: Searcher, row: int) -> set[int]:
    bag = searcher.index.bag(row)
    return set(bag.ids[np.isin(bag.kinds, _SAID)].tolist())


def _asked(vocabulary: Vocabulary, read: ReadQuery) -> set[int]:
    """Terms of a query's words as they were read, but for those that say nothing of a thing, and those that are only
    another way to write others."""
    words = segment(read.text, vocabulary.longest, vocabulary.reading)
    asked = {vocabulary.id_of(word.form) for word in words if not is_function_word(word.form)}
    other = {id for step in read.steps if step.also for id in _words(vocabulary, step.read)}
    return asked - (other - _words(vocabulary, read.typed))


def _words(vocabulary: Vocabulary, text: str) -> set[int]:
    encoded = vocabulary.encode(text)
    return set(encoded.word_ids[: encoded.words].tolist())
