"""Typed queries meet the words of a catalogue; every step is told, and a known word is left as it is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from typing import Literal

import pytest

from core.data.text.build import VocabularySizes, build_vocabulary
from core.narration.reading import reading_sentences
from core.relevance.encoding.word_overlap import LexicalEncoder
from core.relevance.index import Product
from core.relevance.reading.lexicon import Lexicon
from core.relevance.reading.reader import QueryReader, ReadQuery
from core.relevance.stores.index_store import build
from tests.relevance.test_explanation import HOSTILE

TITLES = (
    *("running shoes for men", "red dress", "desk lamp", "lunch box for school", "lunchbox with lid", "topsoil 20 kg"),
    *("Pioneer DJM V10 mixer", "wireless headphones", "painted chair", "umbrella", "café table", "leather sofa"),
    *("无线耳机 红色", "机械键盘", "电视机 55寸", "移动电话", "鼠标 无线", "连衣裙"),
)


@cache
def reader(reading: Literal[1, 2] = 2) -> QueryReader:
    return QueryReader(build_vocabulary(TITLES * 2, reading=reading), lambda: TITLES)


def steps(text: str) -> list[tuple[str, str, str]]:
    return [(step.kind, step.typed, step.read) for step in reader().read(text).steps]


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        *(("runing shoes", "spelling", "running shoes"), ("umbrela", "spelling", "umbrella")),
        *(("wireles headfones", "spelling", "wireless headphone"), ("drses", "spelling", "dress")),
        *(("top soil", "joined", "topsoil"), ("head phones", "joined", "headphone")),
        *(("topsoil lunchbox", "split", None),),
        *(("djmv10", "split", "djm v10"), ("painting", "form", "painted"), ("desklamp", "split", "desk lamp")),
        *(("健盘", "spelling", "键盘"), ("无线耳几", "spelling", "无线耳机"), ("连衣群", "spelling", "连衣裙")),
        *(("行動電話", "region", "移动电话"), ("键 盘", "joined", "键盘"), ("滑鼠", "region", "鼠标")),
        *(("sofa -leather", "excluded", "sofa "), ("dress without red", "excluded", "dress ")),
        *(("鼠标不要红色", "excluded", "鼠标"),),
        *(("xylograph", "unknown", "xylograph"), ("qq77", "unknown", "qq77")),
    ],
)  # fmt: skip
def test_a_typed_query_is_read_and_the_step_is_named(typed: str, kind: str, text: str | None) -> None:
    found = reader().read(typed)
    assert kind in [step.kind for step in found.steps]
    assert text is None or found.text == text
    said = reading_sentences(found.steps)
    assert all(step.typed in sentence for step, sentence in zip(found.steps, said, strict=True))


def test_both_ways_of_writing_are_searched_where_titles_hold_both() -> None:
    assert reader().read("lunchbox").text == "lunchbox lunch box"
    assert reader().read("lunch box").text == "lunch box lunchbox"
    assert [step.also for step in reader().read("lunch box").steps] == [True]


@pytest.mark.parametrize(
    "typed", ["red dress", "DJM-V10", "djm v10", "desk lamps", "無線耳機", "55 寸", "", " ", "!?", "t"]
)
def test_what_the_catalogue_knows_is_searched_as_it_is(typed: str) -> None:
    found = reader().read(typed)
    assert found.text == typed
    assert all(step.kind == "unknown" for step in found.steps)


def test_an_older_vocabulary_is_helped_by_reading_the_query() -> None:
    read = reader(1).read
    assert read("red dresses").text == "red dress"
    assert read("cafe table").text == "café table"
    assert read("無線耳機").text == "无线耳机"


@pytest.mark.parametrize("typed", HOSTILE)
def test_any_text_is_read(typed: str) -> None:
    assert isinstance(reader().read(typed), ReadQuery)


def test_a_minus_alone_searches_something() -> None:
    assert reader().read("-leather").text.strip("-") == "leather"
    assert _kinds(reader().read("t-shirt").steps) == {"unknown"}


def test_a_query_is_read_in_milliseconds() -> None:
    reader().read("umbrrella")  # tables are made
    began = time.perf_counter()
    for number in range(20):
        reader().read(f"wirelezz umbrrella {'abcdefghijklmnopqrst'[number]}")
    assert (time.perf_counter() - began) / 20 < 0.02


def _kinds(steps: Sequence[object]) -> set[str]:
    return {step.kind for step in steps}  # type: ignore[attr-defined]


def test_a_word_that_nobody_knows_finds_nothing_though_its_bucket_holds_others() -> None:
    """The model keeps rare words in few hash buckets: a word of no title must not find what shares its bucket."""
    vocabulary = build_vocabulary(["red sofa", "red lamp", "red rug"], VocabularySizes(least=2, buckets=1))
    products = [Product("sofa", "red sofa"), Product("lamp", "red lamp"), Product("rug", "red rug")]
    searcher = build(LexicalEncoder(vocabulary), products)
    assert [searcher.index.product(int(row)).key for row in searcher.search("red zorblefax").rows] == [
        searcher.index.product(int(row)).key for row in searcher.search("red").rows
    ]
    assert len(searcher.search("zorblefax").rows) == 0
    explanation = searcher.explain("red zorblefax", 0)
    assert [(one.word, one.match) for one in explanation.unmatched] == [("zorblefax", "unknown to the model")]
    assert explanation.unmatched_query_mass > 0
    known = searcher.explain("sofa", 0)  # in the bucket as well, but a title says it
    assert [one.match for one in known.contributions] == ["in the title"]


def test_a_word_is_not_searched_apart_for_the_sake_of_one_title() -> None:
    titles = [*(f"school backpack {n}" for n in range(8)), "back pack", "12 pack", *("1 2 mix",) * 3]
    lexicon = Lexicon(build_vocabulary(titles), titles)
    assert lexicon.written_apart("backpack") is None
    assert lexicon.written_apart("12") is None
    assert Lexicon(build_vocabulary(titles), titles[6:9]).written_apart("backpack") == ("back", "pack")


@pytest.mark.parametrize(("typed", "held", "read"), [("printer", "planter", None), ("plantre", "planter", "planter")])
def test_two_other_letters_make_another_word(typed: str, held: str, read: str | None) -> None:
    vocabulary = build_vocabulary([f"large {held}", f"small {held}"])
    found = Lexicon(vocabulary, [f"large {held}", f"small {held}"]).nearest(typed)
    assert (found[1] if found else None) == read


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("coffee maker", "coffee maker"),  # make is of make-up, which is never with coffee
        ("maker", "make"),
        ("large maker", "large make"),
        ("makr coffee", "make coffee"),  # no thing is named by it
        ("dark cofee", "dark coffee"),
    ],
)
def test_the_thing_that_is_asked_for_is_not_read_as_one_that_is_never_so(typed: str, text: str) -> None:
    titles = ["dark coffee", "large coffee", "brush for make up", "large make up"]
    assert QueryReader(build_vocabulary(titles), lambda: titles).read(typed).text == text
