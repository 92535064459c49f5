"""First hits that lack a word which some title has beside all the others, and why that may be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from core.relevance.evaluation.catalogue_check import CatalogueCheck, check_catalogue
from core.relevance.index import Product
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import JudgedQuery
from core.relevance.stores.index_store import WORDS, build, encoder_of

TITLES = [
    "red sofa", "green sofa", "red lamp", "red cover for sofa", "blue paddleboard", "blue paddle", "paddle board",
    "paddle board", "blue lamp without board", "女生头像", "头像 女", "头像 男",
]  # fmt: skip


def searcher(titles: Sequence[str] = TITLES, fields: Mapping[str, dict[str, str]] | None = None) -> Searcher:
    products = [Product(f"p{at}", title, (fields or {}).get(title, {})) for at, title in enumerate(titles)]
    return build(encoder_of(WORDS, [product.text for product in products]), products)


def check(query: str, made: Searcher, grades: Mapping[str, float] | None = None) -> CatalogueCheck:
    return check_catalogue(made, [JudgedQuery(query, dict(grades or {}))])


@pytest.mark.parametrize(
    ("query", "answered"), [("red sofa", 1), ("a sofa for the red", 1), ("green lamp", 0), ("zorblefax", 0), ("", 0)]
)
def test_a_query_is_answered_where_one_title_has_all_words_that_say_something(query: str, answered: int) -> None:
    found = check(query, searcher())
    assert (found.queries, found.answered, found.lacking) == (1, answered, ())
    assert found.share == 0


def test_what_only_another_field_says_answers_nothing() -> None:
    said = {"green sofa": {"bullets": "a spring for every day"}}
    assert check("sofa spring", searcher(fields=said)).answered == 0


def test_a_word_written_in_the_other_way_is_not_lacking() -> None:
    titles = ["paddleboard, blue", *("blue lamp beside a long and a dark paddle and one very old board",) * 3]
    titles += ["paddle board"] * 3
    found = check("blue paddle board", searcher(titles))
    assert found.answered == 1
    assert found.lacking == ()


def test_a_first_hit_without_a_reason_is_told_with_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = searcher()
    first = made.index.row("p1")
    hits = made.search("sofa", 1)
    monkeypatch.setattr(Searcher, "search", lambda self, text, most=10: type(hits)(np.array([first]), hits.scores))
    found = check("red sofa", made)
    (lacking,) = found.lacking
    assert (lacking.first, lacking.full, lacking.lacks, lacking.reason) == ("green sofa", "red sofa", ("red",), "")
    assert (found.without_reason, found.share) == (1, 1.0)
    graded = check("red sofa", made, {"p1": 3, "p0": 1, "p3": 0})
    assert graded.lacking[0].reason == "it was graded higher"
    assert graded.share == 0


def test_a_full_title_that_only_goes_with_the_thing_is_a_reason() -> None:
    titles = [*(f"{colour} sofa" for colour in ("green", "blue", "grey", "white")), "red cover for sofa", "cover"]
    made = searcher(titles)
    found = check("red sofa", made)
    assert found.answered == 1
    assert found.without_reason == 0


def test_a_character_within_a_word_is_held() -> None:
    titles = ["女生头像", "头像 女 长 长 长", "男"]
    assert check("头像女", searcher(titles)).without_reason == 0
