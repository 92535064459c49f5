"""A product's title and its other fields as one text."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.text.build import build_vocabulary
from core.data.text.fields import SIGNS, composed, divided, title_of
from core.data.text.heads import NAMINGS, Place
from core.data.text.vocabulary import FIELD_WORDS

TITLE = "wireless mouse for laptop"
FIELDS = {"bullets": "a mouse with silent clicks", "brand": "Acme Labs", "color": "", "category": "mice"}


def test_a_text_falls_into_the_parts_that_made_it() -> None:
    text = composed(TITLE, FIELDS)
    title, parts = divided(text)
    assert title == TITLE == title_of(text)
    assert [(part.name, part.text) for part in parts] == [
        ("brand", "Acme Labs"),
        ("bullets", "a mouse with silent clicks"),
    ]
    assert all(text[part.start :].startswith(part.text) for part in parts)


@pytest.mark.parametrize("title", ["", "plain", "tab\tand\nline", "红色连衣裙"])
def test_a_title_alone_is_itself(title: str) -> None:
    assert composed(title, {}) == title
    assert divided(title) == (title, [])


def test_signs_in_what_a_shop_says_make_no_field() -> None:
    odd = f"red{SIGNS['brand']}shoe"
    assert divided(composed(odd, {"brand": f"a{SIGNS['color']}b"})) == ("red shoe", [("brand", "a b", 9)])


def test_fields_add_the_words_that_the_title_lacks_behind_it() -> None:
    vocabulary = build_vocabulary([TITLE, "acme mouse", "silent mouse", "silent laptop", "acme laptop"])
    text = composed(TITLE, FIELDS)
    alone, whole = vocabulary.encode(TITLE), vocabulary.encode(text)
    assert whole.titled == alone.words == alone.titled
    assert np.array_equal(whole.word_ids[: whole.titled], alone.word_ids[: alone.words])
    added = [text[slice(*span)] for span in whole.spans[whole.titled : whole.words]]
    assert added == ["Acme", "Labs", "a", "with", "silent", "clicks"]
    places = [Place(role // NAMINGS) for role in whole.roles[whole.titled : whole.words].tolist()]
    assert places == [Place.BRAND] * 2 + [Place.BULLETS] * 4
    assert np.array_equal(whole.character_ids, alone.character_ids)


def test_a_long_field_is_cut() -> None:
    vocabulary = build_vocabulary([TITLE])
    encoded = vocabulary.encode(composed(TITLE, {"bullets": " ".join(f"word{at}x" for at in range(60))}))
    assert encoded.words == encoded.titled + FIELD_WORDS
