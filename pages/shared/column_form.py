"""What each column of a brought file was taken for: a table of them, in which that is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.data.reading.options import ColumnChoice
from core.data.reading.reader import Reading
from core.data.reading.typed import Column

NOT_USED, LABEL = "not used", "label"
AS_IT_LOOKS = f"{LABEL}: as it looks"
COUNTS = ("Missing", "Different", "Could not be read")
HEIGHT = 388  # pixels: ten columns
TAKEN: Mapping[str, Mapping[str, ColumnChoice]] = {
    "table": {
        AS_IT_LOOKS: ColumnChoice(role="label"),
        "label: yes or no": ColumnChoice(role="label", label="binary"),
        "label: count": ColumnChoice(role="label", label="count"),
        "label: number": ColumnChoice(role="label", label="number"),
        "label: classes": ColumnChoice(role="label", label="classes"),
        "category": ColumnChoice(role="sparse", kind="text"),
        "number": ColumnChoice(role="number", kind="number"),
        "list of words": ColumnChoice(role="sequence", kind="list"),
        "time": ColumnChoice(kind="time"),
        "keeps rows together": ColumnChoice(role="group", kind="text"),
        "list to put in order": ColumnChoice(role="query", kind="text"),
        "weight of a row": ColumnChoice(role="weight", kind="number"),
        "id": ColumnChoice(role="id", kind="text"),
        NOT_USED: ColumnChoice(role="ignore"),
    },
    "events": {
        **{
            role: ColumnChoice.model_validate({"role": role})
            for role in ("user", "item", "time", "type", "category", "brand", "price", "shop", "title", "scenario",
                         "quantity")
        },
        NOT_USED: ColumnChoice(role="ignore"),
    },
}  # fmt: skip
"""What a column can be taken for, by what the file is for."""
_OF_ROLE = {
    "sparse": "category",
    "sequence": "list of words",
    "group": "keeps rows together",
    "query": "list to put in order",
    "ignore": NOT_USED,
    "weight": "weight of a row",
}
_OF_LABEL = {"binary": "yes or no"}


def labels_by_form(key: str, reading: Reading, place: Any) -> list[str]:
    """The columns that are to be predicted: those that look like it at first; the table of columns follows."""
    state, names = f"{key}_labels", list(reading.types)
    if st.session_state.get(f"{key}_names") != names:  # another file, or cut otherwise into columns
        likely = [column.name for column in reading.columns if column.role == LABEL]
        st.session_state.update({f"{key}_names": names, f"{key}_changed": {}, state: likely})
    chosen: list[str] = place.multiselect(
        "What is to be predicted",
        names,
        help="A yes-or-no column becomes a ranking task, a number a regression, words become classes.",
        key=state,
    )
    return chosen


def columns_by_form(key: str, reading: Reading, labels: Sequence[str] | None = None) -> dict[str, ColumnChoice]:
    """A line a column, `labels` first: what it was taken for, which can be changed, with what was found; the changes.

    A column that is made a label here becomes one of `labels_by_form`, and the other way round.
    """
    held: dict[str, str] = st.session_state.setdefault(f"{key}_changed", {})
    columns = sorted(reading.columns, key=lambda column: column.name not in (labels or ()))
    shown = {column.name: _shown(column, held, labels) for column in columns}
    rows = [
        {
            "Column": column.name,
            "Taken as": shown[column.name],
            "Examples": ", ".join(column.examples[:3]),
            "Missing": column.missing,
            "Different": column.distinct,
            "Could not be read": column.failed,
        }
        for column in columns
    ]

    version: int = st.session_state.setdefault(f"{key}_version", 0)
    editor = f"{key}_columns_{version}"

    def change() -> None:
        said: dict[int, dict[str, str]] = st.session_state[editor]["edited_rows"]
        st.session_state[f"{key}_version"] = version + 1  # what was said is in the rows of the next one
        for at, cells in said.items():
            _change(key, columns[at].name, cells["Taken as"], labels is not None)

    st.data_editor(
        rows,
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(rows), HEIGHT),
        disabled=[name for name in rows[0] if name != "Taken as"],
        column_config={
            "Taken as": st.column_config.SelectboxColumn(options=list(TAKEN[reading.purpose]), required=True,
                                                         width="medium"),
            "Examples": st.column_config.TextColumn(width="medium"),
            **{name: st.column_config.NumberColumn(format="localized") for name in COUNTS},
        },
        key=editor,
        on_change=change,
    )  # fmt: skip
    return {
        column.name: TAKEN[reading.purpose][shown[column.name]]
        for column in columns
        if shown[column.name] != taken_as(column)
    }


def _change(key: str, name: str, taken: str, with_labels: bool) -> None:
    st.session_state[f"{key}_changed"][name] = taken
    if with_labels:
        others = [one for one in st.session_state[f"{key}_labels"] if one != name]
        st.session_state[f"{key}_labels"] = [*others, *[name] * taken.startswith(LABEL)]


def _shown(column: Column, held: Mapping[str, str], labels: Sequence[str] | None) -> str:
    """What a column is taken for by all that was said of it."""
    said = held.get(column.name) or taken_as(column)
    if labels is None or said.startswith(LABEL) == (column.name in labels):
        return said
    if column.name in labels:
        return AS_IT_LOOKS
    return "number" if column.kind == "number" else "category"


def taken_as(column: Column) -> str:
    """What a column was taken for, as the form calls it."""
    return called(column.role, column.kind)


def called(role: str, kind: str) -> str:
    """A role, of a label with its kind, as the form calls it."""
    return f"{LABEL}: {_OF_LABEL.get(kind, kind)}" if role == LABEL else _OF_ROLE.get(role, role)
