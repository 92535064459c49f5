"""The trained start and its shipped bags: explanations add up, the index scores as the model does."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from core.relevance.bags import Bag, Kind, dot
from core.relevance.encoding.encoders import DeepBoWEncoder
from core.relevance.encoding.model_store import START
from core.relevance.evaluation.quality import kept_quality, quality_words
from core.relevance.explanation.explanation import WHOLE_TITLE
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import LANGUAGES, shop
from core.relevance.stores.index_store import stamp
from core.relevance.stores.shop_bags import SHIPPED, kept_bags, shop_searcher

PAIRS = 500  # a language


@cache
def encoder() -> DeepBoWEncoder:
    return DeepBoWEncoder(START)


@cache
def searcher(language: str) -> Searcher:
    return shop_searcher(language, encoder=encoder())


def pairs(language: str) -> list[tuple[str, int]]:
    """Random judged queries with random products, half of them products that were judged for the query."""
    random = np.random.default_rng(0)
    catalogue = shop(language)
    found = []
    for number in range(PAIRS):
        query = catalogue.queries[int(random.integers(len(catalogue.queries)))]
        keys = list(query.grades)
        row = (
            int(keys[int(random.integers(len(keys)))]) if number % 2 else int(random.integers(len(catalogue.products)))
        )
        found.append((query.text, row))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_explanations_of_random_pairs_add_up_and_name_their_sources(language: str) -> None:
    asked = searcher(language)
    expansions = 0
    for text, row in pairs(language):
        query = asked.query(text)
        explanation = asked.explain(text, row)
        score = asked.index.pair(query, row)
        assert sum(one.contribution for one in explanation.contributions) == pytest.approx(score, abs=1e-9)
        for one in explanation.contributions:
            rest = query.ids != one.term
            without = Bag(query.ids[rest], query.weights[rest], query.kinds[rest], query.sources[rest])
            assert score - asked.index.pair(without, row) == pytest.approx(one.contribution, abs=1e-9)
            if one.kind == "expansion":
                expansions += 1
                assert one.source != WHOLE_TITLE
                assert one.source in explanation.title
    assert expansions > 0, "the trained start expands titles"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_expansion_of_the_catalogue_has_a_source_word(language: str) -> None:
    bags = kept_bags(language, stamp(encoder()))
    assert bags is not None, "the shipped bags are those of the trained start: relevance index --ship"
    expanded = bags.kinds == Kind.EXPANSION
    assert expanded.any()
    assert (bags.sources[expanded] >= 0).all()
    owners = np.repeat(np.arange(len(bags)), np.diff(bags.starts))
    for row in np.random.default_rng(0).integers(0, len(bags), 200):
        units = len(encoder().vocabulary.encode(shop(language).products[int(row)].title).spans)
        assert (bags.sources[(owners == row) & expanded] < units).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_scores_as_the_model_within_rounding(language: str) -> None:
    """Half a step of the index a unit of query weight, and what the cut of the lightest words takes."""
    asked = searcher(language)
    chosen = pairs(language)[:40]
    titles = [asked.index.product(row).title for _, row in chosen]
    full = encoder().products(titles)
    scale = asked.index.highest_weight() / 255
    for number, (text, row) in enumerate(chosen):
        query, bag = asked.query(text), full[number]
        held = set(asked.index.bag(row).ids.tolist())
        cut = np.array([term not in held for term in bag.ids.tolist()])
        lost = dot(query, Bag(bag.ids[cut], bag.weights[cut], bag.kinds[cut], bag.sources[cut]))
        bound = scale / 2 * float(query.weights.sum()) + lost + 2e-3 * float(query.weights.sum())
        assert abs(asked.index.pair(query, row) - dot(query, bag)) <= bound


def test_the_figures_shipped_are_those_of_the_start() -> None:
    rows = kept_quality(stamp(encoder()))
    assert rows is not None, "sample_data/relevance_bags/quality.json is out of date: relevance index --ship"
    assert {"bm25", "overlap", "deepbow"} <= {row.model.split()[0] for row in rows}
    assert quality_words(rows)
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 4e6
