"""A small catalogue of real-looking titles with its vocabulary and lexical bags."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.data.text.build import build_vocabulary
from core.relevance.encoding.word_overlap import LexicalEncoder
from core.relevance.index import Index, Product
from core.relevance.searcher import Searcher

TITLES = (
    "Sonora wireless keyboard for office",
    "Sonora wired keyboard compact",
    "wireless mouse and wireless keyboard set",
    "leather sofa brown large",
    "fabric sofa grey small",
    "sofa cover for large sofa",
    "无线键盘 静音 办公",
    "无线鼠标 静音",
    "手机壳 防水 <b>透明</b>",
    "phone case waterproof 📱",
)


@cache
def small_searcher() -> Searcher:
    vocabulary = build_vocabulary([*TITLES, *(f"{word} thing" for title in TITLES for word in title.split())])
    encoder = LexicalEncoder(vocabulary)
    products = [
        Product(f"p{place}", title, {"category": "sofas" if "sofa" in title else "other"})
        for place, title in enumerate(TITLES)
    ]
    return Searcher(encoder, Index.of(encoder.products(TITLES), products, "small", vocabulary.size))


def word_weights(searcher: Searcher, text: str) -> dict[str, float]:
    """A query's words with their weights."""
    bag = searcher.query(text)
    names = [searcher.encoder.vocabulary.term(int(term)).surface for term in bag.ids]
    return dict(zip(names, np.asarray(bag.weights).tolist(), strict=True))
