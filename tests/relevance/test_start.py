"""The trained start that comes with the program: it loads, it is small, and it beats what it started from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data.sources import shop_pairs
from core.data.sources.shop.words import POOLS
from core.data.sources.shop.world import leaves
from core.data.text.segment import READING, segment
from core.relevance.bags import Kind, dot
from core.relevance.encoding.model_store import START, load_network, read_card
from core.relevance.encoding.network import encode_products
from core.relevance.encoding.query import QueryEncoder
from core.relevance.evaluation.peers.lexical import bm25_scores

MOST_BYTES = 8_000_000


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in START.iterdir()) < MOST_BYTES


def test_it_orders_held_out_titles_better_than_bm25() -> None:
    """On 24 test queries: enough to see the difference, few enough to be quick."""
    from core.statistics import ndcg

    judged, _ = shop_pairs.read()
    chosen = np.unique(judged.query_of[judged.split == 2])[::4]
    rows = np.isin(judged.query_of, chosen)
    query_of, product_of, grades = judged.query_of[rows], judged.product_of[rows], judged.grades[rows]
    titles, title_of = np.unique(product_of, return_inverse=True)
    encoder, network = QueryEncoder.load(START), load_network(START)
    queries = {int(query): encoder.encode(judged.queries[query]) for query in chosen}
    bags = encode_products(network, encoder.vocabulary, [judged.products[at] for at in titles])
    scores = np.array([dot(queries[q], bags[t]) for q, t in zip(query_of.tolist(), title_of.tolist(), strict=True)])
    bar = bm25_scores(judged.queries, judged.products, query_of, product_of)
    assert ndcg(grades, scores, query_of).mean() > ndcg(grades, bar, query_of).mean()


def test_it_knows_words_that_a_title_does_not_hold() -> None:
    network, encoder = load_network(START), QueryEncoder.load(START)
    bags = encode_products(network, encoder.vocabulary, ["Velkinor intelligent water boiler X37"])
    expanded = bags.kinds == Kind.EXPANSION
    assert expanded.any()
    assert np.all(bags.sources[expanded] >= 0)


def test_its_card_says_what_it_is(tmp_path: Path) -> None:
    card = read_card(START)
    assert "Shop" in card.says
    assert card.measures["ndcg_at_10"] > 0.7


def same_things() -> set[tuple[str, str]]:
    """Words of two names for the same thing, by the lists that the simulated shop is made from."""
    names = [forms for leaf in leaves() for forms in (leaf.english, leaf.chinese)]
    for pool in POOLS.values():
        for english, (others, chinese, more) in pool.items():
            names += [(english, *others), (chinese, *more)]
    sets = [{word.form for form in forms for word in segment(form, reading=READING)} for forms in names]
    return {(one, other) for words in sets for one in words for other in words if one != other}


def test_what_its_words_say_is_mostly_true() -> None:
    """A judge that the model never saw: does the added word name the same thing as its source?"""
    vocabulary = QueryEncoder.load(START).vocabulary
    true = same_things()
    said = [
        (vocabulary.term(source).surface, vocabulary.term(term).surface) for source, term, _ in vocabulary.translations
    ]
    assert len(said) > 300
    assert np.mean([any((word, term) in true for word in _words(source)) for source, term in said]) > 0.95


def _words(source: str) -> list[str]:
    """Of a phrase all its words: "newborn diapers" say nappies since diapers do."""
    return [word.form for word in segment(source, reading=READING)]
