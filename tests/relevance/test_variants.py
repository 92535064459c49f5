"""120 typed variants find the product that was meant among the first three, and the explanation says why."""

from __future__ import annotations

from functools import cache

import pytest

from core.data.text.segment import normalise
from core.narration.relevance import reasons
from core.relevance.explanation.explanation import Explanation
from core.relevance.index import Product
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import LANGUAGES, shop
from core.relevance.stores.index_store import WORDS, build, encoder_of
from tests.relevance.typed_variants import CHINESE, ENGLISH, PRODUCTS, Variant

AMONG = 3
LOOKED_AT = 60
LEAST = 0.95


@cache
def searcher() -> Searcher:
    """BM25, so that reading alone is judged and no training."""
    products = [Product(key, title) for key, title in PRODUCTS.items()]
    products += [
        Product(f"{language}{one.key}", one.title) for language in LANGUAGES for one in shop(language).products[::4]
    ]
    return build(encoder_of(WORDS, [product.title for product in products]), products)


def finds(variant: Variant) -> bool:
    """Whether fewer than `AMONG` hits stand before the product, but for those that hold all the words that it holds:
    the shop sells hair dryers too."""
    row, rows = searcher().index.row(variant.product), searcher().search(variant.typed, LOOKED_AT).rows.tolist()
    return row in rows and sum(not held(variant, row) <= held(variant, one) for one in rows[: rows.index(row)]) < AMONG


def held(variant: Variant, row: int) -> set[int]:
    """The words of the query that a product holds."""
    return {one.term for one in searcher().explain(variant.typed, row).contributions if one.kind != "n-gram"}


@pytest.mark.parametrize("variants", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_the_product_is_among_the_first_three(variants: list[Variant]) -> None:
    assert len(variants) == len(set(variants)) == 60
    missed = [variant for variant in variants if not finds(variant)]
    assert len(missed) <= (1 - LEAST) * len(variants), missed


def test_each_explanation_says_why() -> None:
    """Each word that carries is told: as it stands in the title, or by the step that made it one of the title's."""
    for variant in (*ENGLISH, *CHINESE):
        if finds(variant):
            explanation = searcher().explain(variant.typed, searcher().index.row(variant.product))
            assert explanation.contributions
            assert sum(one.contribution for one in explanation.contributions) == pytest.approx(
                explanation.score, abs=1e-9
            )
            for word in _unlike(explanation):
                assert any(word.casefold() in sentence.casefold() for sentence in reasons(explanation)), (variant, word)


def _unlike(explanation: Explanation) -> list[str]:
    """Words that were searched and were not typed as the title writes them."""
    typed = normalise(explanation.query).text
    carrying = [one for one in explanation.contributions if one.span and one.kind != "n-gram"]
    return [one.source for one in carrying if normalise(one.source).text not in typed and one.match == "in the title"]
