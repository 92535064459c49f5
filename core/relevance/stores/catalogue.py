"""What is searched: products with their titles, and the judged queries by which a search is measured."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.data.pairs.judged import TEST, divided
from core.data.sources.shop import tables
from core.data.text.segment import is_han
from core.relevance.index import Index, Product


@dataclass(frozen=True)
class JudgedQuery:
    """A query with the grades that people gave to some products, by key; more is better, 0 is a bad hit.

    `held_out`: it is of the test, which no training has seen.
    """

    text: str
    grades: dict[str, float]
    held_out: bool = False


@dataclass(frozen=True)
class Catalogue:
    """The products of one language. `name` is that of its overrides, `details` what a card shows beside the title."""

    name: str
    title: str
    language: str
    products: tuple[Product, ...]
    details: dict[str, dict[str, str]]  # by key
    queries: tuple[JudgedQuery, ...]
    examples: tuple[str, ...]


LANGUAGES = {"en": "English", "zh": "Chinese"}
BOTH = "both"
"""The shop with both titles of each product, for queries that mix the languages."""
GAP = " · "  # between both titles
_LATIN = re.compile(r"[^\W\d_]{3,}")
ATTRIBUTES = ("category",)
"""Columns of the shop that its products carry into the index, where a change by hand can name their values."""
_EXAMPLES = {  # synonyms in most, accessories that carry the words of what they are not in the last
    "en": ("yellow strong lunch box", "women dress", "bulk puppy meal", "quick hoover", "phone case", "rustproof bike"),
    "zh": ("大号书柜", "咸味礼盒坚果", "黑色墨镜", "无线耳机", "迷你键盘", "手机壳"),
}


def language_of(text: str) -> str:
    """zh where the text holds a Chinese character, else en."""
    return "zh" if any(is_han(character) for character in text) else "en"


def language_searched(text: str) -> str:
    """Whose titles of the shop a query is searched in: BOTH where Chinese words stand beside English ones that no
    Chinese title writes."""
    language = language_of(text)
    latin = [word for word in _LATIN.findall(text.casefold()) if not any(map(is_han, word))]
    return BOTH if language == "zh" and any(word not in _latin_in_chinese() for word in latin) else language


@lru_cache(maxsize=1)
def _latin_in_chinese() -> frozenset[str]:
    return frozenset(word for title in texts_of(shop("zh").products) for word in _LATIN.findall(title.casefold()))


@lru_cache(maxsize=3)
def shop(language: str) -> Catalogue:
    """The simulated shop in one of LANGUAGES, or in BOTH."""
    if language == BOTH:
        return _both(shop("en"), shop("zh"))
    end = "" if language == "en" else "_zh"
    title = f"title_{language}"
    said = dict.fromkeys(f"{name}{end}" for name in (*ATTRIBUTES, "brand", "shop"))
    table = tables.products("product_id", title, *said, "price")
    keys = [str(number) for number in table["product_id"]]
    titles = [str(text) for text in table[title]]
    attributes = [
        dict(zip(ATTRIBUTES, map(str, values), strict=True))
        for values in zip(*(table[f"{name}{end}"] for name in ATTRIBUTES), strict=True)
    ]
    details = {
        key: {"brand": str(brand), "shop": str(seller), "price": f"{float(price):,.0f} yuan"}
        for key, brand, seller, price in zip(
            keys, table[f"brand{end}"], table[f"shop{end}"], table["price"], strict=True
        )
    }
    return Catalogue(
        "shop",
        "the simulated shop",
        language,
        tuple(Product(*fields) for fields in zip(keys, titles, attributes, strict=True)),
        details,
        _judged(language),
        _EXAMPLES[language],
    )


def _both(one: Catalogue, other: Catalogue) -> Catalogue:
    products = tuple(
        replace(product, title=f"{product.title}{GAP}{same.title}")
        for product, same in zip(one.products, other.products, strict=True)
    )
    examples = (*one.examples[:5], *other.examples[:3])
    return replace(one, language=BOTH, products=products, queries=(*one.queries, *other.queries), examples=examples)


def _judged(language: str) -> tuple[JudgedQuery, ...]:
    queries = tables.queries("query_id", "text", "language")
    judgements = tables.judgements("query_id", "product_id", "grade")
    split = divided([str(text) for text in queries["text"]])  # over both languages, as the training divides them
    texts = {
        int(number): (str(text), bool(part == TEST))
        for number, text, spoken, part in zip(
            queries["query_id"], queries["text"], queries["language"], split, strict=True
        )
        if spoken == language
    }
    grades: dict[int, dict[str, float]] = {number: {} for number in texts}
    for query, product, grade in zip(*(judgements[name].tolist() for name in judgements), strict=True):
        if query in grades:
            grades[query][str(product)] = int(grade)
    return tuple(JudgedQuery(text, grades[number], held_out) for number, (text, held_out) in texts.items())


def shop_types() -> dict[str, str]:
    """The category of each title of the simulated shop, in both languages."""
    return {
        product.title: str(product.attributes.get("category", ""))
        for language in LANGUAGES
        for product in shop(language).products
    }


def texts_of(products: Sequence[Product]) -> list[str]:
    return [product.text for product in products]


def judged_rows(query: JudgedQuery, index: Index) -> tuple[np.ndarray, np.ndarray]:
    """Rows and grades of the judged products that the index holds."""
    found = [(index.find(key), grade) for key, grade in query.grades.items()]
    held = [(row, grade) for row, grade in found if row is not None]
    return np.array([row for row, _ in held], dtype=np.int64), np.array([grade for _, grade in held], dtype=np.float64)
