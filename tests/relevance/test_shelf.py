"""Indexes and bags on disk come back as they were, with the encoder that they belong to; figures likewise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.relevance.bags import gather
from core.relevance.encoding.word_overlap import LexicalEncoder
from core.relevance.evaluation.quality import Figures, keep_quality, kept_quality, quality_words
from core.relevance.index import Index, Product
from core.relevance.stores import shop_bags
from core.relevance.stores.catalogue import judged_rows, language_of, shop
from core.relevance.stores.index_store import WORDS, build, encoder_of, put, stamp, take
from core.relevance.stores.uploaded import keep_judged, own_catalogue, read_catalogue, read_judged
from tests.relevance.catalogues import TERMS, random_bags
from tests.relevance.titles import TITLES, small_searcher


def test_an_index_comes_back_with_its_encoder(tmp_path: Path) -> None:
    made = build(encoder_of(WORDS, TITLES), [Product(f"p{at}", title) for at, title in enumerate(TITLES)])
    put(made, tmp_path / "index")
    again = take(tmp_path / "index")
    assert isinstance(again.encoder, LexicalEncoder)
    for query in ("wireless keyboard", "静音 键盘", ""):
        assert again.search(query).rows.tolist() == made.search(query).rows.tolist()
        assert again.search(query).scores == pytest.approx(made.search(query).scores)


def test_another_vocabulary_has_another_stamp() -> None:
    one, two = encoder_of(WORDS, TITLES), encoder_of(WORDS, TITLES[:5])
    assert stamp(one) == stamp(encoder_of(WORDS, TITLES[::-1]))
    assert stamp(one) != stamp(two)


def test_kept_bags_give_the_same_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounded and cut once, rounded and cut again: nothing changes."""
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    catalogue = shop("en")
    bags = random_bags(np.random.default_rng(0), len(catalogue.products), most=90)
    shop_bags.keep_bags(tmp_path / "relevance" / "mark", "en", bags, TERMS, "mark")
    read = shop_bags.kept_bags("en", "mark")
    assert read is not None
    assert shop_bags.kept_bags("en", "another") is None
    assert shop_bags.kept_bags("zh", "mark") is None
    first = Index.of(bags, catalogue.products, "mark", TERMS)
    again = Index.of(read, catalogue.products, "mark", TERMS)
    for row in range(0, 6000, 500):
        one, other = first.bag(row), again.bag(row)
        assert one.ids.tolist() == other.ids.tolist()
        assert one.weights == pytest.approx(other.weights, rel=1e-6)
        assert one.kinds.tolist() == other.kinds.tolist()
        assert one.sources.tolist() == other.sources.tolist()
    (tmp_path / "relevance" / "mark" / "en.npz").write_bytes(b"half a file")
    assert shop_bags.kept_bags("en", "mark") is None


def test_the_shop_is_searched_in_the_language_of_the_query() -> None:
    assert [language_of(text) for text in ("sofa", "沙发", "iPhone 手机壳", "", "📱")] == ["en", "zh", "zh", "en", "en"]
    english, chinese = shop("en"), shop("zh")
    assert [product.key for product in english.products] == [product.key for product in chinese.products]
    assert len(english.queries) + len(chinese.queries) == 648
    assert all(query.grades for query in (*english.queries, *chinese.queries))


def test_judged_rows_are_those_that_the_index_holds() -> None:
    query = next(query for query in shop("en").queries if len(query.grades) > 20)
    keys = list(query.grades)[:10]
    bags = gather([random_bags(np.random.default_rng(0), 1)[0]] * 10)
    index = Index.of(bags, [Product(key, "") for key in reversed(keys)], "v", TERMS)
    rows, grades = judged_rows(query, index)
    assert {index.product(int(row)).key: grade for row, grade in zip(rows, grades, strict=True)} == {
        key: query.grades[key] for key in keys
    }


def test_products_of_a_file_are_read_and_odd_ones_refused(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text('Title,ASIN\n"a, b",k1\n,k2\n<b>📱</b>,k3\nsecond,k1\n', encoding="utf-8")
    assert [(one.key, one.title) for one in read_catalogue(file).products] == [("k1", "a, b"), ("k3", "<b>📱</b>")]
    file.write_text("title\nx\ny\n", encoding="utf-8")
    assert [one.key for one in read_catalogue(file).products] == ["1", "2"]
    file.write_text("title,id\n,1\n", encoding="utf-8")
    with pytest.raises(PrecedenceError, match="no product"):
        read_catalogue(file)


def test_figures_are_kept_with_their_model_and_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    rows = [
        {"model": "bm25", "ndcg_at_10": 0.7, "auc": 0.8, "negative_pr_auc": 0.6, "seeds": []},
        {"model": "deepbow", "ndcg_at_10": 0.75, "auc": 0.9, "negative_pr_auc": 0.7, "wacky_share": 0.25,
         "against_bm25": (0.05, -0.01, 0.11)},
    ]  # fmt: skip
    keep_quality(tmp_path / "relevance" / "mark", "mark", rows)
    read = kept_quality("mark")
    assert read == [Figures.model_validate(row) for row in rows]
    assert kept_quality("another") is None
    said = " ".join(quality_words(read or []))
    assert "0.750" in said
    assert "may be chance" in said
    assert "75 %" in said
    assert small_searcher().encoder.title == "word overlap"


def test_judged_pairs_are_a_catalogue_with_its_queries(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("query,title,label\nsofa,red sofa,2\nsofa,lamp,0\nlamp,lamp,1\n", encoding="utf-8")
    own = read_catalogue(file)
    assert [one.title for one in own.products] == ["red sofa", "lamp"]
    assert [(one.text, one.grades) for one in own.queries] == [("sofa", {"1": 2, "2": 0}), ("lamp", {"2": 1})]
    made = build(encoder_of(WORDS, [one.title for one in own.products]), own.products)
    put(made, tmp_path / "index")
    keep_judged(tmp_path / "index", own.queries)
    catalogue = own_catalogue(tmp_path / "index", take(tmp_path / "index").index)
    assert catalogue.queries == tuple(own.queries)
    assert catalogue.examples == ("sofa", "lamp")
    (tmp_path / "index" / "judged.json").write_text("{")
    with pytest.raises(PrecedenceError, match="cannot be read"):
        read_judged(tmp_path / "index")
    (tmp_path / "index" / "judged.json").unlink()
    assert own_catalogue(tmp_path / "index", made.index).examples == ("red sofa", "lamp")
