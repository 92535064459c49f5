"""Before and after of a change by hand, against NDCG worked out one product at a time; and what is said of it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from core.data.text.build import VocabularySizes, build_vocabulary
from core.narration.relevance import difference, impact_sentence, lifts, reasons
from core.relevance.encoding.word_overlap import LexicalEncoder
from core.relevance.evaluation.impact import Impact, Moved, concerned, impact
from core.relevance.explanation.explanation import compare
from core.relevance.index import Index, Product
from core.relevance.overrides import override_of
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import JudgedQuery
from core.relevance.stores.index_store import build
from tests.relevance.catalogues import random_bags
from tests.relevance.titles import TITLES, small_searcher

SOFA = JudgedQuery("large sofa", {"p3": 3, "p4": 1, "p5": 0, "p0": 0})
MOUSE = JudgedQuery("wireless mouse", {"p2": 2})
FORBIDDEN = override_of(scope="product", target="p5", word="large sofa", action="forbid")


def test_an_override_is_measured_over_judged_queries() -> None:
    plain = small_searcher()
    better = plain.with_overrides(
        [
            override_of(scope="product", target="p5", word="sofa", action="forbid"),
            override_of(scope="product", target="p5", word="large", action="forbid"),
        ]
    )
    found = impact(plain, better, [SOFA, MOUSE, JudgedQuery("keyboard", {})])
    assert [one.changed for one in found.queries] == [True, False, False]
    rows = [int(key[1:]) for key in SOFA.grades]
    for searcher, value in ((plain, found.queries[0].ndcg_before), (better, found.queries[0].ndcg_after)):
        scores = [searcher.explain("large sofa", row).score for row in rows]
        gains = [2.0**grade - 1 for grade in SOFA.grades.values()]
        assert value == pytest.approx(ndcg_score([gains], [scores], k=10))
    assert found.ndcg_after is not None
    assert found.ndcg_before is not None
    assert found.ndcg_after > found.ndcg_before
    assert found.queries[2].ndcg_after is None
    said = impact_sentence(found)
    assert "of 3 queries" in said.casefold()
    assert "1 has another first ten" in said
    assert said.startswith("Better in 1: “large sofa” ")
    assert found.unjudged == len(set(found.queries[0].after) - set(rows)), "what nobody judged is counted"


def test_what_is_harmed_is_said_first_whatever_the_mean_does() -> None:
    moved = [
        Moved("helped", (1,), (2,), 0.2, 0.9, 3),
        Moved("harmed", (1,), (2,), 0.798, 0.47, 1),
        Moved("as it was", (1,), (1,), 0.5, 0.5, 7),
        Moved("nobody knows", (1,), (2,), None, None, 2),
    ]
    said = impact_sentence(Impact(tuple(moved), 0.5, 0.62))
    assert said.startswith("Worse in 1: “harmed” 0.798 → 0.470; better in 1: “helped” 0.200 → 0.900.")
    assert "over the 3 judged ones" in said
    assert "6 of the results there were judged by nobody" in said


def test_only_queries_that_a_change_can_touch_are_asked() -> None:
    plain = small_searcher()
    queries = [SOFA, MOUSE, JudgedQuery("office", {})]
    by_word = plain.with_overrides([override_of(scope="term", word="sofa", action="scale", value=0.5)])
    assert concerned(plain, by_word, queries) == [SOFA]
    by_query = plain.with_overrides([override_of(scope="query", target="OFFICE", word="sofa", action="set", value=1)])
    assert [query.text for query in concerned(plain, by_query, queries)] == ["office"]
    assert concerned(by_word, plain, queries, most=0) == []
    assert concerned(plain, plain, queries) == []


def test_twenty_queries_before_and_after_at_fifty_thousand_products() -> None:
    """The time is printed, not asserted: the same count of searches must come out of it whatever it took."""
    random = np.random.default_rng(0)
    count = 50_000
    bags = random_bags(random, 500)
    picked = random.integers(0, 500, count)
    lengths = np.diff(bags.starts)[picked]
    starts = np.concatenate(([0], np.cumsum(lengths)))
    entries = np.repeat(bags.starts[picked] - starts[:-1], lengths) + np.arange(starts[-1])
    many = type(bags)(starts, bags.ids[entries], bags.weights[entries], bags.kinds[entries], bags.sources[entries])
    products = [Product(str(row), "", {"category": "ab"[row % 2]}) for row in range(count)]
    encoder = small_searcher().encoder
    plain = Searcher(encoder, Index.of(many, products, "v", max(400, encoder.vocabulary.size)))
    changed = plain.with_overrides([override_of(scope="category", target="a", word="sofa", action="forbid")])
    queries = [JudgedQuery(f"{TITLES[at % 10]} sofa", {str(row): row % 3 for row in range(50)}) for at in range(20)]
    impact(plain, changed, queries[:1])
    began = time.perf_counter()
    found = impact(plain, changed, queries)
    print(f"\n20 queries before and after at {count:,} products: {1e3 * (time.perf_counter() - began):.0f} ms")
    assert len(found.queries) == 20
    assert any(one.changed for one in found.queries)


def test_sentences_say_what_the_numbers_carry() -> None:
    searcher = small_searcher()
    explanation = searcher.explain("wireless keyboard", 0)
    first = explanation.contributions[0]
    assert f"“{first.word}” carries {100 * explanation.share(first):.0f} %" in reasons(explanation)[0]
    assert any(line.startswith("In the title: ") for line in reasons(explanation))
    lacking = reasons(searcher.explain("wireless sofa", 3))
    assert "Missing: “wireless”." in lacking
    assert "score is 0" in reasons(searcher.explain("wireless", 3))[0]
    assert "no word" in reasons(searcher.explain(" ", 3))[0]


def test_sentences_of_two_products_and_of_a_lift() -> None:
    searcher = small_searcher()
    first, second = searcher.explain("large sofa cover", 5), searcher.explain("large sofa cover", 3)
    said = difference("the first", "the second", compare(first, second))
    assert said.startswith("The first is above the second by ")
    assert "cover" in said
    backwards = difference("the first", "the second", compare(second, first))
    assert backwards.startswith("The second is above the first by ")
    assert difference("this", "that", compare(first, first)) == "This and that have the same score."
    names = second.names()
    assert "Even with every word" in lifts(searcher.lift("large sofa cover", 3), names)[0], "the first holds them all"
    assert lifts(searcher.lift("large sofa cover", 5), names) == ["It is first already."]
    asked = searcher.explain("wireless keyboard sofa", 3)
    names = asked.names()
    assert "would be first if" in lifts(searcher.lift("wireless keyboard sofa", 3), names)[0]
    assert "“wireless" in " ".join(lifts(searcher.lift("wireless keyboard sofa", 3), names))


def test_a_rare_word_that_is_taken_for_another_is_told() -> None:
    """With one bucket every unknown word has the same place."""
    vocabulary = build_vocabulary(["red sofa", "red lamp"], VocabularySizes(buckets=1, ngrams=0))
    searcher = build(LexicalEncoder(vocabulary), [Product("p0", "zebra"), Product("p1", "quagga")])
    told = [reasons(searcher.explain("quagga", searcher.index.row(key))) for key in ("p0", "p1")]
    assert any("“quagga” was asked, “zebra” is held" in sentence for sentence in told[0])
    assert not any("was asked" in sentence for sentence in told[1])
