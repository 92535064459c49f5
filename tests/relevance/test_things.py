"""Who asks for a thing finds the thing: on the shop as it is shipped, judged by the products' categories."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from core.relevance.bags import Kind
from core.relevance.evaluation.expansions import right_share, used
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import shop, texts_of
from core.relevance.stores.shop_bags import shop_bags, shop_encoder, shop_searcher

THINGS = {
    "dress": "dress", "red dress": "dress", "sofa": "sofa", "couch": "sofa", "laptop": "laptop", "coffee": "coffee",
    "headphone": "headphones", "headphones": "headphones", "phone": "phone", "mobile": "phone", "bike": "bicycle",
    "lunch box": "lunch box", "camera": "camera", "tent": "tent", "suitcase": "suitcase", "doll": "doll",
    "mattress": "mattress",
    "tablet": "tablet", "backpack": "backpack", "boots": "boots", "kettle": "kettle", "pillow": "pillow",
    "手机": "phone", "沙发": "sofa", "相机": "camera", "红色连衣裙": "dress", "耳机": "headphones", "咖啡": "coffee",
    "笔记本电脑": "laptop", "自行车": "bicycle", "饭盒": "lunch box", "行李箱": "suitcase",
}  # fmt: skip
"""A query, and the category of what it asks for."""
ACCESSORIES = {
    "camera strap": "camera strap",
    "phone case": "phone case",
    "laptop bag": "laptop bag",
    "sofa cover": "sofa cover",
}


@pytest.fixture(scope="module")
def searchers() -> dict[str, Searcher]:
    return {language: shop_searcher(language) for language in ("en", "zh")}


@pytest.mark.parametrize(("query", "category"), [*THINGS.items(), *ACCESSORIES.items()])
def test_most_of_the_first_ten_are_the_thing(searchers: dict[str, Searcher], query: str, category: str) -> None:
    searcher = searchers["en" if query.isascii() else "zh"]
    english = {product.key: product.attributes["category"] for product in shop("en").products}
    found = [english[searcher.index.product(int(row)).key] for row in searcher.search(query, 10).rows]
    assert found.count(category) >= 8


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_product_holds_an_inferred_word_at_more_than_a_title_that_says_it(language: str) -> None:
    bags = shop_bags(language, shop_encoder())
    most: dict[int, float] = defaultdict(float)
    least: dict[int, float] = defaultdict(lambda: np.inf)
    for term, kind, weight in zip(bags.ids.tolist(), bags.kinds.tolist(), bags.weights.tolist(), strict=True):
        if kind == Kind.EXPANSION:
            most[term] = max(most[term], weight)
        elif kind == Kind.EXACT:
            least[term] = min(least[term], weight)
    assert len(most) > 100
    assert [term for term, weight in most.items() if weight > least[term]] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_inferred_is_right_by_product_type(language: str) -> None:
    encoder = shop_encoder()
    products = shop(language).products
    types = [product.attributes["category"] for product in products]
    found = used(encoder.vocabulary, shop_bags(language, encoder), texts_of(products), types)
    share = right_share(found)
    assert share is not None
    assert share > 0.9


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_inferred_is_right_by_a_reader(language: str) -> None:
    """Every expansion that the shop's titles use, read with its titles and judged with a reason; at most a tenth of
    the used mass may be new or wrong."""
    with (Path(__file__).parent / "data" / "expansions_judged.csv").open(encoding="utf-8", newline="") as file:
        judged = {(row["source"], row["term"]): row["right"] == "1" for row in csv.DictReader(file)}
    encoder = shop_encoder()
    products = shop(language).products
    found = used(encoder.vocabulary, shop_bags(language, encoder), texts_of(products), [""] * len(products))
    total = sum(one.mass for one in found)
    assert sum(one.mass for one in found if judged.get((one.source, one.term))) / total > 0.9
