"""What a ranker is told of a query and a product: how their words agree, and what the shop knows of the product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.pairs.judged import Judged
from core.data.sources.esci150.files import Products
from core.data.text.segment import pieces

Columns = dict[str, NDArray[np.float64]]


def features(judged: Judged, products: Products) -> Columns:
    """Columns [R], NaN where something is not known.

    Each agreement stands there as it is, and as its distance from the mean of the query's products: what is a good
    agreement depends on the query.
    """
    told = _agreements(judged, products)
    relative = {f"{name}_in_list": _less_mean(values, judged.query_of) for name, values in told.items()}
    return told | relative | _of_product(judged, products)


def _agreements(judged: Judged, products: Products) -> Columns:
    asked = [pieces(query) for query in judged.queries]
    title = [pieces(text) for text in products.titles]
    bullets = [pieces(text) for text in products.fields["bullets"]]
    brand = [pieces(text) for text in products.fields["brand"]]
    color = [pieces(text) for text in products.fields["color"]]
    pairs = list(zip(judged.query_of.tolist(), judged.product_of.tolist(), strict=True))
    share = {
        "words_in_title": [len(asked[q] & title[p]) / max(1, len(asked[q])) for q, p in pairs],
        "words_anywhere": [
            len(asked[q] & (title[p] | bullets[p] | brand[p] | color[p])) / max(1, len(asked[q])) for q, p in pairs
        ],
        "brand_named": [len(asked[q] & brand[p]) / max(1, len(brand[p])) for q, p in pairs],
        "color_named": [float(bool(asked[q] & color[p])) for q, p in pairs],
    }
    cosines = {
        "title_cosine": _cosines(judged, products.titles, "word"),
        "bullets_cosine": _cosines(judged, products.fields["bullets"], "word"),
        "letters_cosine": _cosines(judged, products.titles, "char_wb"),
    }
    return {name: np.array(values) for name, values in share.items()} | cosines


def _cosines(judged: Judged, texts: list[str], unit: str) -> NDArray[np.float64]:
    """[R] of tf-idf vectors; words, or letters by three to five. Rarity is counted over the whole catalogue."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    sizes = (1, 1) if unit == "word" else (3, 5)
    counter = TfidfVectorizer(analyzer=unit, ngram_range=sizes, sublinear_tf=True, dtype=np.float64)
    held = counter.fit_transform(texts)
    asked = counter.transform(judged.queries)
    return np.asarray(asked[judged.query_of].multiply(held[judged.product_of]).sum(1)).ravel()


def _of_product(judged: Judged, products: Products) -> Columns:
    at = judged.product_of
    return {
        "query_words": np.array([len(pieces(query)) for query in judged.queries], np.float64)[judged.query_of],
        "title_words": np.array([len(pieces(text)) for text in products.titles], np.float64)[at],
        "ratings": np.log1p(products.ratings)[at],
        "rating": products.rating[at],
        "price": np.log(products.price)[at],
        "price_known": (~np.isnan(products.price[at])).astype(np.float64),
    }


def _less_mean(values: NDArray[np.float64], lists: NDArray[np.int32]) -> NDArray[np.float64]:
    count = np.bincount(lists)
    return values - (np.bincount(lists, weights=values) / np.maximum(1, count))[lists]
