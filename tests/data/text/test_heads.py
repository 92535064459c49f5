"""What names the thing in a title, in two languages, and how often a word does."""

from __future__ import annotations

import pytest

from core.data.text.build import build_vocabulary
from core.data.text.heads import NAMINGS, ROLES, Place, is_mention, namings, places, role, roles_of
from core.data.text.segment import segment

TITLES = [
    *(f"{colour} {thing}" for colour in ("red", "black", "blue") for thing in ("jeans", "camera", "phone", "strap")),
    *(f"{colour} camera strap K{n} for phone" for n, colour in enumerate(("red", "black", "blue"))),
    *(f"{colour}手机{n}" for n, colour in enumerate(("红色", "黑色", "蓝色"))),
    *(f"{colour}手机 支架{n}适用手机" for n, colour in enumerate(("红色", "黑色", "蓝色"))),
]


def named(text: str) -> dict[Place, list[str]]:
    words = segment(text)
    known = namings([(title, segment(title)) for title in TITLES])
    found: dict[Place, list[str]] = {}
    for word, place in zip(words, places(text, words, known), strict=True):
        found.setdefault(place, []).append(word.form)
    return found


@pytest.mark.parametrize(
    ("title", "thing"),
    [
        ("red canvas camera strap K3 for photo machine", "strap"),
        ("TREBLAB XR500 Bluetooth Headphones, Best Wireless Earbuds for Sports", "headphones"),
        ("Sleep Hybrid Memory Foam Mattress - 10 inches, Queen", "mattress"),
        ("levi 501 jeans black", "jeans"),
        ("paper bags without handles", "bags"),
        ("Brother color laser all-in-one printer, wireless", "printer"),
        ("satin dress shirt slim fit button down shirt, navy", "shirt"),
        ("Fire HD 8 tablet (8 inch display, 32 GB)", "tablet"),
        ("黑色手机 支架K3适用相机", "支架"),
        ("藏青手机", "手机"),
    ],
)
def test_the_thing_is_found(title: str, thing: str) -> None:
    assert named(title)[Place.THING] == [thing]


def test_what_stands_alone_between_commas_names_nothing() -> None:
    titles = [f"brand {n} boots {end}" for n in range(6) for end in ("black", ", black, large", ", large, black")]
    found = namings([(title, segment(title)) for title in titles])
    assert found["boots"] > 0
    assert "black" not in found
    words = segment("brand boots black")
    known = places("brand boots black", words, found)
    assert [word.form for word, place in zip(words, known, strict=True) if place == Place.THING] == ["boots"]


def test_what_stands_before_a_cover_is_another_thing_though_it_seldom_names_one() -> None:
    words = segment("sofa cover for pillow")
    for steps, least in ((1, True), (0, False)):
        roles = roles_of("sofa cover for pillow", words, {"cover": 8, "sofa": steps, "pillow": steps})
        assert [is_mention(one) for one in roles] == [least, False, False, least]


def test_what_it_goes_with_and_what_it_lacks_are_neither() -> None:
    found = named("camera strap for photo machine without buckle")
    assert found[Place.FOR] == ["photo", "machine"]
    assert found[Place.WITHOUT] == ["buckle"]
    assert found[Place.BESIDE] == ["camera"]


@pytest.mark.parametrize("text", ["", "12 34", "for", "without", "— — , ;", "for for for", "无"])
def test_a_text_without_a_thing_breaks_nothing(text: str) -> None:
    words = segment(text)
    assert len(places(text, words)) == len(words)


def test_a_word_that_names_things_elsewhere_is_a_mention() -> None:
    vocabulary = build_vocabulary(TITLES)
    encoded = vocabulary.encode("blue camera strap for phone")
    mentions = [is_mention(int(one)) for one in encoded.roles[: encoded.words]]
    assert mentions == [False, True, False, False, True]
    assert len(encoded.roles) == len(encoded.word_ids)
    assert vocabulary.namings["strap"] > vocabulary.namings["camera"] > 0
    assert "blue" not in vocabulary.namings


def test_roles_are_numbers_in_range() -> None:
    numbers = {role(place, level) for place in Place for level in range(NAMINGS)}
    assert max(numbers) == ROLES - 1
    assert role(Place.UNKNOWN, 2) == 0
    assert not is_mention(0)


def test_an_earlier_vocabulary_knows_no_heads() -> None:
    vocabulary = build_vocabulary(TITLES).model_copy(update={"namings": {}})
    assert not vocabulary.encode("blue camera strap for phone").roles.any()
