"""The table of columns of a brought file: what is said there and in the list of labels is one thing."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.reading.options import ColumnChoice
from core.data.reading.reader import Reading, read_profile
from pages.shared.column_form import AS_IT_LOOKS, NOT_USED, _change, _shown, taken_as
from tests.conftest import MOST_SECONDS


def script(file: str) -> None:
    import streamlit as st

    from core.data.reading.reader import read_profile
    from pages.shared.column_form import columns_by_form, labels_by_form

    reading = read_profile(__import__("pathlib").Path(file), None, "table")
    labels = labels_by_form("t", reading, st)
    said = columns_by_form("t", reading, labels)
    st.session_state["said"] = {name: choice.model_dump() for name, choice in said.items()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "t.csv"
    rows = [f"{row % 2},{row % 3},{row * 1.5},word{row % 4}" for row in range(60)]
    place.write_text("\n".join(["click,level,amount,shop", *rows]))
    return place


@pytest.fixture
def reading(file: Path) -> Reading:
    return read_profile(file, None, "table")


def opened(file: Path) -> AppTest:
    return AppTest.from_function(script, args=(str(file),), default_timeout=MOST_SECONDS).run()


def test_columns_that_look_like_labels_are_chosen_and_nothing_is_changed(file: Path) -> None:
    app = opened(file)
    assert app.multiselect[0].value == ["click"]
    assert app.session_state["said"] == {}


def test_a_label_is_made_and_unmade_in_the_list(file: Path) -> None:
    app = opened(file)
    app.multiselect[0].set_value(["amount"]).run()
    assert app.session_state["said"] == {
        "amount": ColumnChoice(role="label").model_dump(),
        "click": ColumnChoice(role="sparse", kind="text").model_dump(),
    }


def test_what_was_said_of_columns_stays_with_the_file(file: Path, tmp_path: Path) -> None:
    app = opened(file)
    app.session_state["t_changed"] = {"shop": NOT_USED}
    app.run()
    assert app.session_state["said"] == {"shop": ColumnChoice(role="ignore").model_dump()}
    file.write_text(file.read_text().replace("shop", "store"))
    app.run()
    assert app.session_state["said"] == {}


def test_a_kind_of_label_in_the_table_makes_a_label(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {"t_changed": {}, "t_labels": ["click"]}
    monkeypatch.setattr("streamlit.session_state", state)
    _change("t", "level", "label: count", with_labels=True)
    assert state["t_labels"] == ["click", "level"]
    _change("t", "click", NOT_USED, with_labels=True)
    assert state["t_labels"] == ["level"]
    held = state["t_changed"]
    assert isinstance(held, dict)
    shown = {column.name: _shown(column, held, ["level", "amount"]) for column in reading.columns}
    assert shown == {"click": NOT_USED, "level": "label: count", "amount": AS_IT_LOOKS, "shop": "category"}
    assert taken_as(reading.column("click")) == "label: yes or no"
