"""BM25 as bags: the formula by hand, heads and fields, and an index that comes back as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.text.build import build_vocabulary
from core.data.text.fields import composed
from core.relevance.bags import Kind
from core.relevance.encoding.bm25 import K1, B, BM25Encoder
from core.relevance.encoding.word_overlap import LexicalEncoder
from core.relevance.index import Product
from core.relevance.stores.index_store import MODEL, WORDS, build, encoder_of, put, take

TITLES = [
    *(f"{colour} {thing}" for colour in ("red", "black", "blue") for thing in ("camera", "phone", "sofa")),
    *(f"{colour} camera strap for phone" for colour in ("red", "black", "blue")),
    "sofa, a sofa bed",
]


def test_a_weight_is_bm25s_times_its_factor() -> None:
    encoder = encoder_of(WORDS, TITLES)
    assert isinstance(encoder, BM25Encoder)
    assert encoder.usual == pytest.approx(np.mean([len(title.replace(",", "").split()) for title in TITLES]))
    text = "sofa, a sofa bed"
    bag, read = encoder.product(text), encoder.vocabulary.encode(text)
    place = int(np.flatnonzero(bag.ids == encoder.vocabulary.id_of("sofa"))[0])
    plain = 2 / (2 + K1 * (1 - B + B * 4 / encoder.usual))
    factors = [
        encoder.factors[role] for id, role in zip(read.word_ids, read.roles, strict=True) if id == bag.ids[place]
    ]
    assert bag.weights[place] == pytest.approx(plain * max(factors))


def test_a_querys_weights_are_shares() -> None:
    bag = encoder_of(WORDS, TITLES).query("red camera strap")
    assert bag.weights.sum() == pytest.approx(1)
    assert len(encoder_of(WORDS, TITLES).query("").ids) == 0


def test_cameras_come_before_straps_and_fields_count_less() -> None:
    products = [Product(f"p{at}", title) for at, title in enumerate(reversed(TITLES))]
    products += [Product("lamp", "lamp", {"bullets": "looks well on any sofa"})]
    searcher = build(encoder_of(WORDS, [product.text for product in products]), products)
    found = [searcher.index.product(int(row)) for row in searcher.search("camera").rows]
    assert ["strap" in one.title for one in found] == [False] * 3 + [True] * 3
    kinds = {Kind(int(kind)) for row in searcher.search("camera").rows for kind in searcher.index.bag(int(row)).kinds}
    assert Kind.MENTION in kinds
    hits = [searcher.index.product(int(row)).key for row in searcher.search("sofa").rows]
    assert hits[-1] == "lamp"
    explanation = searcher.explain("sofa", searcher.index.row("lamp"))
    assert [one.match for one in explanation.contributions] == ["in another field"]


def test_words_of_fields_have_numbers_of_their_own() -> None:
    text = composed("lamp", {"bullets": "zorblefax inside"})
    vocabulary = encoder_of(WORDS, ["lamp", text]).vocabulary
    assert {"zorblefax", "lamp"} <= vocabulary.words.keys()


def test_an_index_of_before_is_searched_by_word_overlap(tmp_path: Path) -> None:
    products = [Product(f"p{at}", title) for at, title in enumerate(TITLES)]
    put(build(LexicalEncoder(build_vocabulary(TITLES)), products), tmp_path / "before")
    assert type(take(tmp_path / "before").encoder) is LexicalEncoder
    made = build(encoder_of(WORDS, TITLES), products)
    put(made, tmp_path / "now")
    again = take(tmp_path / "now")
    assert isinstance(again.encoder, BM25Encoder)
    assert again.search("red sofa").scores == pytest.approx(made.search("red sofa").scores)
    (tmp_path / "now" / MODEL / "bm25.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Exception, match="build the index again"):
        take(tmp_path / "now")
