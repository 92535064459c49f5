"""The index beside dense products of the same weights; what it does with changes and with damaged files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PrecedenceError
from core.relevance.bags import Bag, gather
from core.relevance.index import Corrections, Index, Product
from core.relevance.index.index import MOST_SEGMENTS
from core.relevance.index.products import Attribute
from core.relevance.index.quantise import quantise
from tests.relevance.catalogues import TERMS, catalogue, dense, dense_scores, products, random_bag, random_bags


def assert_best(index: Index, query: Bag, most: int = 10, gone: frozenset[int] = frozenset()) -> None:
    """The hits have the highest scores that there are, exactly, and in order."""
    truth = dense_scores(index, query)
    truth[list(gone)] = 0
    wanted = np.sort(truth[truth > 1e-12])[::-1][:most]
    hits = index.search(query, most)
    assert hits.scores == pytest.approx(wanted, rel=1e-6)
    assert hits.scores == pytest.approx(truth[hits.rows], rel=1e-12), "hits carry their exact score"
    assert len(set(hits.rows.tolist())) == len(hits.rows)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_search_finds_what_multiplying_out_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    index = catalogue(random, int(random.integers(1, 150)))
    query = random_bag(random, 12)
    assert_best(index, query, int(random.integers(1, 30)))
    row = int(random.integers(index.rows))
    assert index.pair(query, row) == pytest.approx(dense_scores(index, query)[row], rel=1e-12)
    assert index.scores(query) == pytest.approx(dense_scores(index, query), rel=1e-5)


def test_weights_are_within_half_a_step_and_the_lightest_are_left_out() -> None:
    random = np.random.default_rng(1)
    bags = random_bags(random, 50, most=100)
    small = quantise(bags, TERMS, kept=64)
    assert small.scale == pytest.approx(bags.weights.max() / 255)
    for row in range(50):
        bag = bags[row]
        part = slice(small.starts[row], small.starts[row + 1])
        full = dict(zip(bag.ids.tolist(), bag.weights.tolist(), strict=True))
        kept = dict(zip(small.ids[part].tolist(), (small.steps[part] * small.scale).tolist(), strict=True))
        assert len(kept) == min(64, len(full))
        assert list(kept) == sorted(kept)
        assert all(abs(full[term] - weight) <= small.scale / 2 + 1e-9 for term, weight in kept.items())
        left_out = [weight for term, weight in full.items() if term not in kept]
        assert max(left_out, default=0) <= min((full[term] for term in kept), default=0)


def test_products_come_and_go_without_a_rebuild(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    index = catalogue(random, 60)
    index.save(tmp_path / "index")
    index.add(random_bags(random, 30), products(30, first=60))
    assert index.remove(["p3", "p70", "p3"]) == 2
    index.save(tmp_path / "index")
    again = Index.opened(tmp_path / "index", thorough=True)
    assert (len(again), again.rows) == (88, 90)
    for one in (index, again):
        for _ in range(10):
            assert_best(one, random_bag(random, 12), gone=frozenset({3, 70}))
        assert one.find("p70") is None
        assert one.product(71) == Product("p71", "title 71", {"category": "c"})
    assert again.of_attribute("category", "c").tolist() == [row for row in range(90) if row % 3 == 2]
    with pytest.raises(PrecedenceError, match="p3"):
        again.remove(["p3"])
    again.add(random_bags(random, 1), products(1, first=3))  # a removed key is free again
    assert again.find("p3") == 90


def test_many_small_segments_are_merged_and_still_find_the_same(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    index = catalogue(random, 40)
    index.remove(["p0"])
    for number in range(MOST_SEGMENTS):
        index.add(random_bags(random, 2), products(2, first=40 + 2 * number))
    index.save(tmp_path)
    assert [path.name for path in tmp_path.glob("segment-*")] == ["segment-1"]
    assert (index.rows, len(index)) == (39 + 2 * MOST_SEGMENTS, 39 + 2 * MOST_SEGMENTS)
    assert_best(Index.opened(tmp_path), random_bag(random, 12))
    assert index.find("p0") is None
    assert index.product(index.row("p41")).title == "title 41"


def test_corrections_move_single_products() -> None:
    random = np.random.default_rng(4)
    index = catalogue(random)
    index.add(random_bags(random, 50), products(50, first=200))
    query = random_bag(random, 12, least=5)
    corrections = Corrections(np.array([7, 230]), np.array([5.0, 6.0]))
    hits = index.search(query, 3, corrections)
    plain = dense_scores(index, query)
    assert hits.rows[:2].tolist() == sorted([230, 7], key=lambda row: -plain[row] - {7: 5, 230: 6}[row])
    assert hits.scores[:2] == pytest.approx(plain[hits.rows[:2]] + corrections.at(hits.rows[:2]))
    assert index.scores(query, corrections) - index.scores(query) == pytest.approx(
        corrections.at(np.arange(index.rows)), abs=1e-5
    )


def test_the_weight_of_one_word_in_many_products() -> None:
    random = np.random.default_rng(5)
    index = catalogue(random)
    index.add(random_bags(random, 40), products(40, first=200))
    rows = np.sort(random.choice(index.rows, 60, replace=False))
    for term in random.choice(TERMS, 20):
        assert index.weights_of(int(term), rows) == pytest.approx([dense(index.bag(int(row)))[term] for row in rows])


def test_equal_scores_keep_the_order_of_rows() -> None:
    bag = Bag(np.array([5], np.uint32), np.ones(1, np.float32), np.zeros(1, np.uint8), np.zeros(1, np.int16))
    index = Index.of(gather([bag] * 30), products(30), "vocabulary", TERMS)
    assert index.search(bag, 12).rows.tolist() == list(range(12))


def test_empty_queries_and_empty_catalogues_find_nothing(tmp_path: Path) -> None:
    empty = Bag(np.zeros(0, np.uint32), np.zeros(0, np.float32), np.zeros(0, np.uint8), np.zeros(0, np.int16))
    assert len(catalogue(np.random.default_rng(0)).search(empty).rows) == 0
    nothing = Index.of(gather([]), [], "vocabulary", TERMS)
    nothing.save(tmp_path)
    assert len(Index.opened(tmp_path).search(random_bag(np.random.default_rng(0), least=3)).rows) == 0
    bare = Index.of(gather([empty] * 3), products(3), "vocabulary", TERMS)
    assert len(bare.search(random_bag(np.random.default_rng(0), least=3)).rows) == 0


def test_texts_of_any_writing_come_back(tmp_path: Path) -> None:
    titles = ["", "手机壳 📱", "<b>bold</b> & 'quoted'", "x" * 10_000, "e\u0301\u200d", "lone \ud800 surrogate"]
    rows = [Product(str(place), title, {"category": "类"}) for place, title in enumerate(titles)]
    Index.of(random_bags(np.random.default_rng(0), len(rows)), rows, "vocabulary", TERMS).save(tmp_path)
    again = Index.opened(tmp_path)
    assert [again.product(row).title for row in range(5)] == titles[:5]
    assert "surrogate" in again.product(5).title


def test_any_attribute_is_kept_and_found_and_the_category_under_its_old_names(tmp_path: Path) -> None:
    said: list[dict[str, str]] = [{"category": "a", "brand": "x"}, {"brand": "y"}, {}, {"category": "b", "brand": "x"}]
    rows = [Product(str(place), "", one) for place, one in enumerate(said)]
    index = Index.of(random_bags(np.random.default_rng(0), 4), rows, "vocabulary", TERMS)
    index.add(random_bags(np.random.default_rng(1), 1), [Product("4", "")])  # a part that knows no brand
    index.save(tmp_path)
    again = Index.opened(tmp_path, thorough=True)
    assert [again.product(row).attributes for row in range(5)] == [*said, {}]
    assert again.of_attribute("brand", "x").tolist() == [0, 3]
    assert again.of_attribute("category", "b").tolist() == [3]
    assert again.of_attribute("key", "2").tolist() == [2]
    assert again.of_attribute("colour", "x").tolist() == again.of_attribute("key", "9").tolist() == []
    again.merge()
    assert [again.product(row).attributes for row in range(5)] == [*said, {}]
    segment = tmp_path / "segment-1"
    assert json.loads((segment / "about.json").read_text())["categories"] == ["a", "", "b"]
    assert np.load(segment / "category.npy").tolist() == [0, 1, 1, 2]
    brands = np.load(segment / "attribute_brand.npy")
    np.save(segment / "attribute_brand.npy", brands + np.uint16(9))
    with pytest.raises(PrecedenceError, match="do not fit"):
        Index.opened(tmp_path)


def test_an_attribute_may_have_more_values_than_sixteen_bits_count() -> None:
    values = [str(number) for number in range((1 << 16) + 1)]
    many = Attribute.of(values)
    assert [many[row] for row in (0, 1 << 16)] == [values[0], values[-1]]
    assert Attribute.of(values[:-1]).number.dtype == np.uint16


def test_what_does_not_fit_is_refused() -> None:
    random = np.random.default_rng(6)
    index = catalogue(random, 10)
    with pytest.raises(PrecedenceError, match="'p2'"):
        index.add(random_bags(random, 1), products(1, first=2))
    with pytest.raises(PrecedenceError, match="'p20'"):
        index.add(random_bags(random, 2), products(1, first=20) * 2)
    with pytest.raises(PrecedenceError, match="one bag a product"):
        index.add(random_bags(random, 2), products(1, first=20))
    far = Bag(np.array([TERMS], np.uint32), np.ones(1, np.float32), np.zeros(1, np.uint8), np.zeros(1, np.int16))
    with pytest.raises(PrecedenceError, match=str(TERMS)):
        index.search(far)
    with pytest.raises(PrecedenceError, match=str(TERMS)):
        index.add(gather([far]), products(1, first=20))
    assert len(index) == 10
    with pytest.raises(PrecedenceError, match="rows 0 to 9"):
        index.product(10)


@pytest.mark.parametrize("harm", ["cut", "text", "missing", "manifest", "format", "rows", "bit"])
def test_a_damaged_index_is_refused_in_one_sentence(tmp_path: Path, harm: str) -> None:
    catalogue(np.random.default_rng(7)).save(tmp_path)
    segment = tmp_path / "segment-1"
    postings = segment / "posting_rows.npy"
    if harm == "cut":
        postings.write_bytes(postings.read_bytes()[:-40])
    elif harm == "text":
        postings.write_text("no array")
    elif harm == "missing":
        postings.unlink()
    elif harm == "manifest":
        (tmp_path / "index.json").write_text("{")
    elif harm == "format":
        about = json.loads((tmp_path / "index.json").read_text()) | {"format": 99}
        (tmp_path / "index.json").write_text(json.dumps(about))
    elif harm == "rows":
        array = np.load(postings)
        array[0] = 10**6
        np.save(postings, array)
    else:
        steps = np.load(segment / "steps.npy")
        steps[0] ^= 1
        np.save(segment / "steps.npy", steps)
    with pytest.raises(PrecedenceError) as refused:
        Index.opened(tmp_path, thorough=True)
    assert str(refused.value).count("\n") == 0


def test_no_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(PrecedenceError, match="no index"):
        Index.opened(tmp_path / "nowhere")
