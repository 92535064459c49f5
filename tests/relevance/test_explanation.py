"""Explanations add up, name their sources, and say what would change a rank."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.relevance.bags import Bag
from core.relevance.explanation.explanation import Piece, compare, explain, highlights, title_highlights
from core.relevance.explanation.lift import Change, lift
from core.relevance.index import NOTHING, Index, Weighed
from core.relevance.overrides import override_of
from tests.relevance.catalogues import catalogue, random_bag
from tests.relevance.titles import TITLES, small_searcher

HOSTILE = [
    *("", " ", "a", "无", "📱", "👩‍👩‍👧", "x" * 10_000, "键盘" * 5_000, "keyboard " * 400),
    *("<script>alert(1)</script>", "kéyboard 键盘 🙂 $x^2$ *b*", "\u202e\u0000\ud800", "'; DROP TABLE overrides; --"),
]


@given(st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_contributions_add_up_and_a_dropped_word_takes_exactly_its_own(seed: int) -> None:
    """1,000 random pairs: 50 examples of 20."""
    random = np.random.default_rng(seed)
    vocabulary = small_searcher().encoder.vocabulary
    index = catalogue(random, 20)
    query = random_bag(random, 25)
    keep = query.ids < vocabulary.size
    query = Bag(query.ids[keep], query.weights[keep], query.kinds[keep], query.sources[keep])
    for row in range(20):
        explanation = explain(vocabulary, "keyboard sofa", query, "sofa cover", index.bag(row))
        score = index.pair(query, row)
        assert sum(one.contribution for one in explanation.contributions) == pytest.approx(score, abs=1e-9)
        assert explanation.score == pytest.approx(score, abs=1e-9)
        matched = float(query.weights.sum()) * (1 - explanation.unmatched_query_mass)
        assert matched == pytest.approx(sum(one.query_weight for one in explanation.contributions), abs=1e-5)
        assert len(explanation.contributions) + len(explanation.unmatched) == len(query)
        for one in explanation.contributions:
            rest = query.ids != one.term
            without = Bag(query.ids[rest], query.weights[rest], query.kinds[rest], query.sources[rest])
            assert score - index.pair(without, row) == pytest.approx(one.contribution, abs=1e-9)


def test_a_word_is_named_with_where_it_stands() -> None:
    searcher = small_searcher()
    explanation = searcher.explain("wireless keyboard", 0)
    words = {one.word: one for one in explanation.contributions}
    assert words["wireless"].source == "wireless"
    assert TITLES[0][slice(*words["wireless"].span)] == "wireless"  # type: ignore[misc]
    assert words["keyboard"].query_source == "keyboard"
    assert words["keyboard"].kind == "exact"
    assert explanation.unmatched_query_mass == pytest.approx(0, abs=1e-6)
    assert sum(explanation.share(one) for one in explanation.contributions) == pytest.approx(1)


def test_what_the_product_lacks_is_named() -> None:
    explanation = small_searcher().explain("wireless sofa", 3)
    assert [one.word for one in explanation.unmatched] == ["wireless"]
    weights = {one.word: one.query_weight for one in (*explanation.unmatched, *explanation.contributions)}
    assert explanation.unmatched_query_mass == pytest.approx(weights["wireless"] / sum(weights.values()))


def test_the_difference_of_two_products_adds_up() -> None:
    searcher = small_searcher()
    first, second = searcher.explain("large sofa cover", 5), searcher.explain("large sofa cover", 3)
    differences = compare(first, second)
    assert sum(one.amount for one in differences) == pytest.approx(first.score - second.score, abs=1e-12)
    assert any("cover" in one.word for one in differences if one.amount > 0)
    backwards = compare(second, first)
    assert {one.word: -one.amount for one in backwards} == {one.word: one.amount for one in differences}


def test_highlights_are_the_text_again_with_the_strongest_word_at_one() -> None:
    explanation = small_searcher().explain("wireless keyboard", 0)
    pieces = title_highlights(explanation)
    assert "".join(piece.text for piece in pieces) == TITLES[0]
    assert max(piece.intensity for piece in pieces) == 1
    by_text = {piece.text: piece for piece in pieces}
    assert by_text[" for office"].intensity == 0
    assert by_text[" for office"].term is None
    named = {one.term: one.word for one in explanation.contributions}
    assert "wireless" in named[by_text["wireless"].term or 0]
    assert highlights("", []) == []
    assert highlights("abc", [(None, 1.0, 5)]) == [Piece("abc", 0.0, None)]
    assert highlights("abcd", [((0, 2), 1.0, 5), ((1, 3), 3.0, 6)]) == [
        *(Piece("a", 0.25, 5), Piece("b", 1.0, 6), Piece("c", 0.75, 6), Piece("d", 0.0, None)),
    ]


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_each_lift_makes_the_product_first_and_a_smaller_one_does_not(seed: int) -> None:
    random = np.random.default_rng(seed)
    index = catalogue(random, 40)
    query = random_bag(random, 12, least=3)
    row = int(random.integers(40))
    bag = index.bag(row)
    found = lift(index, query, row, bag, NOTHING, lambda term: index.weights_of(term, np.arange(index.rows)))
    scores = np.array([index.pair(query, each) for each in range(40)])
    assert found.rank == 1 + sum(score > scores[row] for score in scores) or found.rank > 1
    if found.rank == 1:
        assert found.gap == 0
        return
    rivals = np.delete(scores, row).max()
    for changes in ([found.in_product] if found.in_product else []), list(found.words):
        if changes:
            assert _score(query, _raised(bag, changes)) > rivals
            smaller = [Change(one.term, one.old, one.new - 1e-4) for one in changes]
            assert _score(query, _raised(bag, smaller)) < rivals
            assert all(one.new <= index.highest_weight() + 1e-6 for one in changes)
    if found.in_query:
        assert _is_first(index, _reweighed(query, found.in_query), row)
        step = found.in_query.new - found.in_query.old
        halved = Change(found.in_query.term, found.in_query.old, found.in_query.old + 0.99 * step)
        assert not _is_first(index, _reweighed(query, halved), row)


def test_the_lift_knows_the_overrides() -> None:
    """With "cover" forbidden in the winner, the other one needs less."""
    searcher = small_searcher()
    plain = searcher.lift("large sofa cover", 3)
    helped = searcher.with_overrides(
        [override_of(scope="product", target="p5", word="cover", action="forbid")]
    ).lift("large sofa cover", 3)  # fmt: skip
    assert plain.rank == 2
    assert helped.gap < plain.gap


@pytest.mark.parametrize("query", HOSTILE)
def test_any_query_is_searched_and_explained(query: str) -> None:
    searcher = small_searcher()
    hits = searcher.search(query, 5)
    for row in [*hits.rows.tolist(), 8]:
        explanation = searcher.explain(query, int(row))
        assert explanation.query == query
        assert sum(one.contribution for one in explanation.contributions) == pytest.approx(explanation.score)
        searcher.lift(query, int(row))


def _score(query: Bag, bag: Weighed) -> float:
    shared, at, to = np.intersect1d(query.ids, bag.ids, return_indices=True)
    return float(query.weights[at].astype(np.float64) @ bag.weights[to]) if len(shared) else 0.0


def _raised(bag: Weighed, changes: list[Change]) -> Weighed:
    weights = dict(zip(bag.ids.tolist(), bag.weights.tolist(), strict=True))
    weights |= {one.term: one.new for one in changes}
    terms = sorted(weights)
    nothing = np.zeros(len(terms))
    values = np.array([weights[term] for term in terms])
    return Weighed(np.array(terms, np.uint32), values, nothing.astype(np.uint8), nothing.astype(np.int16))


def _reweighed(query: Bag, change: Change) -> Bag:
    weights = np.where(query.ids == change.term, change.new, query.weights.astype(np.float64))
    return Bag(query.ids, weights, query.kinds, query.sources)  # type: ignore[arg-type]


def _is_first(index: Index, query: Bag, row: int) -> bool:
    scores = [_score(query, index.bag(each)) for each in range(index.rows)]
    return max(scores) <= scores[row]
