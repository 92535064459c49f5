"""Catalogues for `bench relevance`: the shop's bags, drawn anew to any size."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.text.vocabulary import Vocabulary
from core.relevance.bags import Bag, Bags, gather
from core.relevance.race.engines import Load, Vectors
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import LANGUAGES, shop, texts_of
from core.relevance.stores.shop_bags import shop_bags, shop_encoder


@dataclass(frozen=True)
class Source:
    """Bags and words of every title of the shop in both languages, and of so many of its judged queries."""

    bags: Bags
    words: list[NDArray[np.uint32]]
    queries: list[Bag]
    query_words: list[NDArray[np.uint32]]
    terms: int
    says: str
    encode_ms: float = 0.0  # of a query, the median


def sources(queries: int, model: str = "") -> Source:
    """By that model; by default the trained start where there is one, else word overlap."""
    encoder = shop_encoder(model or None)
    parts = [shop(language) for language in LANGUAGES]
    titles = [title for part in parts for title in texts_of(part.products)]
    texts = [query.text for part in parts for query in part.queries]
    random = np.random.default_rng(0)
    texts = [texts[place] for place in random.permutation(len(texts))[:queries]]
    encoder.query("")
    bags, seconds = [], []
    for text in texts:
        began = time.perf_counter()
        bags.append(encoder.query(text))
        seconds.append(time.perf_counter() - began)
    return Source(
        joined([shop_bags(language, encoder) for language in LANGUAGES]),
        [words_of(encoder.vocabulary, title) for title in titles],
        bags,
        [words_of(encoder.vocabulary, text) for text in texts],
        encoder.vocabulary.size,
        encoder.title,
        1e3 * statistics.median(seconds),
    )


def source_of(searcher: Searcher, texts: list[str], queries: int) -> Source:
    """Of any catalogue: its titles as they are indexed, and so many of the queries `texts`."""
    index, vocabulary = searcher.index, searcher.encoder.vocabulary
    texts, held = texts[:queries], (index.bag(row) for row in range(index.rows))
    return Source(
        gather([Bag(one.ids, one.weights.astype(np.float32), one.kinds, one.sources) for one in held]),
        [words_of(vocabulary, index.product(row).title) for row in range(index.rows)],
        [searcher.encoded(text) for text in texts],
        [words_of(vocabulary, text) for text in texts],
        vocabulary.size,
        searcher.encoder.title,
    )


def words_of(vocabulary: Vocabulary, text: str) -> NDArray[np.uint32]:
    """The words of a text in order; phrases and characters are terms of bags alone."""
    encoded = vocabulary.encode(text)
    return encoded.word_ids[: encoded.words]


def joined(parts: list[Bags]) -> Bags:
    """One after the other."""
    lengths = np.concatenate([np.diff(part.starts) for part in parts])
    return Bags(
        np.concatenate(([0], np.cumsum(lengths))),
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.sources for part in parts]),
    )


def load_of(source: Source, size: int, dims: int) -> Load:
    """A catalogue of `size` products."""
    random = np.random.default_rng(size)
    picked = random.integers(0, len(source.bags), size)
    bags = _picked(source.bags, picked, random)
    directions = random.standard_normal((source.terms, dims)).astype(np.float32)
    return Load(
        bags,
        [source.words[place] for place in picked.tolist()],
        _projected(bags, directions),
        source.queries,
        source.query_words,
        np.concatenate([_projected(_single(query), directions) for query in source.queries]),
        source.terms,
    )


def _picked(bags: Bags, picked: NDArray[np.int64], random: np.random.Generator) -> Bags:
    lengths = np.diff(bags.starts)[picked]
    starts = np.zeros(len(picked) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    entries = np.repeat(bags.starts[picked] - starts[:-1], lengths) + np.arange(starts[-1])
    moved = bags.weights[entries] * random.uniform(0.9, 1.1, len(entries)).astype(np.float32)
    return Bags(starts, bags.ids[entries], moved, bags.kinds[entries], bags.sources[entries])


def _single(bag: Bag) -> Bags:
    return Bags(np.array([0, len(bag)]), bag.ids, bag.weights, bag.kinds, bag.sources)


def _projected(bags: Bags, directions: Vectors) -> Vectors:
    """[N, d] of length 1; a bag without words becomes the first axis."""
    out = np.zeros((len(bags), directions.shape[1]), np.float32)
    step = 20_000
    for first in range(0, len(bags), step):
        last = min(first + step, len(bags))
        start, end = bags.starts[first], bags.starts[last]
        owners = np.repeat(np.arange(last - first), np.diff(bags.starts[first : last + 1]))
        parts = directions[bags.ids[start:end]] * bags.weights[start:end, None]
        edges = np.flatnonzero(np.diff(owners, prepend=-1))
        if len(edges):
            out[first + owners[edges]] = np.add.reduceat(parts, edges, axis=0)
    out[~out.any(axis=1), 0] = 1.0
    return out / np.linalg.norm(out, axis=1, keepdims=True)
