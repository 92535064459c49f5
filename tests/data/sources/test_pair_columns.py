"""Columns of a person's file: recognised by name, or as flags say."""

from __future__ import annotations

import pytest

from core.data.sources.uploaded.pair_columns import chosen, needed, recognised, told
from core.errors import PrecedenceError


def test_columns_are_recognised_in_their_own_spelling() -> None:
    assert recognised(["Search_Query", " Title ", "ESCI_label", "colour"]) == {
        "query": "Search_Query", "title": " Title ", "label": "ESCI_label", "color": "colour",
    }  # fmt: skip
    assert recognised(["name", "product_title"])["title"] == "product_title", "the best name first"
    assert recognised(["Preis"]) == {}


def test_flags_name_columns_with_any_sign_in_them() -> None:
    assert chosen(["title=Name, long = short", "label=Note"]) == {"title": "Name, long = short", "label": "Note"}
    for wrong in ("title", "colour=red", "title="):
        with pytest.raises(PrecedenceError, match="names no column"):
            chosen([wrong])


def test_a_missing_column_is_told_with_those_that_are_there() -> None:
    with pytest.raises(PrecedenceError, match=r"x.csv has no column for the title \(its columns: Preis\)"):
        needed("x.csv", ["Preis"], {}, "title")
    with pytest.raises(PrecedenceError, match="no column 'Name'"):
        needed("x.csv", ["Preis"], {"title": "Name"}, "title")
    assert needed("x.csv", ["Preis"], {"title": "Preis"}, "title") == "Preis"


def test_flags_say_a_part_of_each_column_or_a_column_of_each_part() -> None:
    parts = {"query": "query", "title": "product_name", "label": "label", "key": "id"}
    assert told([f"{what}={name}" for what, name in parts.items()]) == (parts, [])
    assert told(["product_name=title", "query=query"]) == (None, ["product_name=title", "query=query"])
    assert told([]) == (None, [])
    assert told(["label=note", "note=label:bad<good"]) == ({"label": "note"}, ["note=label:bad<good"])
