"""The second reading of text: what a person would call the same word is one word, in titles and in queries."""

import pytest

from core.data.text.build import build_vocabulary
from core.data.text.plurals import singular
from core.data.text.segment import READING, folded, segment
from core.data.text.vocabulary import Vocabulary


def forms(text: str) -> list[str]:
    return [word.form for word in segment(text, reading=READING)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Café crème", "cafe creme"), ("Ærø Łódź", "aero lodz"), ("ＤＪＭ", "djm"), ("naïve", "nai\u0308ve")),
        *(("電視機", "电视机"), ("無線耳機", "无线耳机"), ("紅色洋裝", "红色洋装")),
        *(("red dresses", "red dress"), ("knives and boxes", "knife and box"), ("cherries", "cherry")),
        *(("lenses", "lens"), ("women's shoes", "womens shoe"), ("Men’s watches", "man watch"), ("children", "child")),
        *(("12v", "12 V"), ("12 volts", "12V"), ("500毫升", "500 ml"), ("1.5L", "1.5 liters"), ("1,000 pcs", "1000pc")),
        *(("55 inch", "55inches"), ("20,000mAh", "20000 mah"), ("3-piece", "3 pieces")),
        *(("8 x 10 frame", "8x10 frame"), ("8 × 10", "8x10"), ("2x4x8", "2 x 4 x 8")),
    ],
)  # fmt: skip
def test_both_are_the_same_words(one: str, other: str) -> None:
    assert forms(one) == forms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("V10", "10v"),
        ("2 in 1", "2in 1"),
        ("shorts", "short"),
        ("bus", "bu"),
        ("glass", "glas"),
        ("が", "か"),
        ("й", "и"),
    ],
)
def test_what_differs_stays_apart(one: str, other: str) -> None:
    assert forms(one) != forms(other)


def test_singulars_that_look_like_plurals_stay_and_twice_changes_nothing() -> None:
    kept = "lens bus gas canvas christmas dress glass tennis virus news series this adidas chaos"
    assert [singular(word) for word in kept.split()] == kept.split()
    plurals = "tomatoes peaches headaches horseshoes hoodies cookies leaves taxis menus quizzes canvases houses axes"
    wanted = "tomato peach headache horseshoe hoodie cookie leaf taxi menu quiz canvas house axe"
    assert [singular(word) for word in plurals.split()] == wanted.split()
    assert [singular(word) for word in wanted.split()] == wanted.split()


def test_a_span_is_what_was_typed() -> None:
    text = "Women’s Café lamps 12 V 電視機 500毫升水杯"
    found = [text[word.start : word.end] for word in segment(text, reading=READING)]
    assert found == ["Women", "Café", "lamps", "12 V", "電視機", "500毫升", "水杯"]


def test_a_vocabulary_keeps_the_reading_it_was_counted_with() -> None:
    titles = ["red dresses", "red dress", "電視機 red", "电视机"]
    now, before = build_vocabulary(titles), build_vocabulary(titles, reading=1)
    assert {"dress", "电视机"} <= set(now.words)
    assert now.encode("dresses").word_ids.tolist() == now.encode("dress").word_ids.tolist()
    assert before.encode("dresses").word_ids.tolist() != before.encode("dress").word_ids.tolist()
    assert Vocabulary.model_validate_json(now.to_text()) == now
    assert "reading" not in before.to_text(), "its stamp is that of the time before there were two"
    assert Vocabulary.model_validate_json(before.to_text()).reading == 1
    assert folded("Dresses") == "dress"
