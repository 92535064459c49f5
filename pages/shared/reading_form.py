"""How a brought file was read, shown and changed: its notation, behind a button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.data.reading.encoding import MIXED
from core.data.reading.options import ReaderOptions, checked_options
from core.data.reading.reader import Reading
from core.errors import PrecedenceError
from pages.shared.markdown_escape import plain

FOUND = "as found"
FIELDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "delimiter": (
        "Between cells",
        {
            "comma": ",",
            "semicolon": ";",
            "tab": "\t",
            "pipe": "|",
            "space": " ",
            "spaces": "spaces",
            "two colons": "::",
        },
    ),
    "header": ("First row", {"names of the columns": True, "data: there are no names": False}),
    "encoding": (
        "Encoding",
        {
            "UTF-8": "utf-8",
            "Western (cp1252)": "cp1252",
            "Latin-1": "latin-1",
            "UTF-16": "utf-16",
            "Chinese (GB 18030)": "gb18030",
            "Japanese (Shift JIS)": "shift_jis",
            "Chinese (Big5)": "big5",
            "Korean (CP949)": "cp949",
            "Cyrillic (cp1251)": "cp1251",
            "UTF-8, older lines as cp1252": MIXED,
        },
    ),
    "quote": ("Around cells", {'"': '"', "'": "'", "nothing": ""}),
    "decimal": ("Decimal sign", {"point: 1.5": ".", "comma: 1,5": ","}),
    "thousands": (
        "Between thousands",
        {"nothing": "", "comma: 1,000": ",", "point: 1.000": ".", "blank: 1 000": " ", "apostrophe: 1'000": "'"},
    ),
    "date_order": ("03/04/2026 is", {"3 April: the day first": "dmy", "4 March: the month first": "mdy"}),
    "bad_rows": ("Rows of another length", {"refuse the file": "refuse", "leave them out": "drop"}),
}
"""What can be said of a file: a field of `ReaderOptions`, its title, and its values by what they are called."""


def described(options: Mapping[str, Any]) -> str:
    """How a file was read, from the fields of its `ReaderOptions`, in the words of the form."""
    said = []
    for name, (title, values) in FIELDS.items():
        if (value := options.get(name)) is not None:
            called = next((shown for shown, known in values.items() if known == value), str(value))
            said.append(f"{title}: {called}")
    said += [f"Sheet: {options['sheet']}"] if options.get("sheet") else []
    said += [f"Lines above the header: {options['skip']}"] if options.get("skip") else []
    said += [f"Words for missing: {', '.join(options['null_words'])}"] if options.get("null_words") else []
    return " · ".join(said)


def read_by_form(key: str, read: Callable[[ReaderOptions], Reading]) -> tuple[Reading | None, ReaderOptions]:
    """What the file holds by what the form says, and the options that say it; `read` is asked once for each.

    `key` stands for the file: another one has another form. Where it cannot be read so, the sentence is shown and
    what may mend it can be chosen.
    """
    place, found = st.container(), st.container()  # always there: what follows stays where it is
    options = _said(key)
    held: dict[str, Any] = st.session_state.setdefault(f"{key}_read", {})
    mark = options.model_dump_json()
    problem = ""
    if held.get("mark") != mark:
        try:
            with found:
                held |= {"reading": read(options), "problem": ""}
        except PrecedenceError as error:
            held |= {"reading": None, "problem": str(error)}
        held["mark"] = mark
    reading, problem = held["reading"], held["problem"]
    if problem:
        found.error(plain(problem), icon=":material/error:")
    first = _asked_first(reading, problem)
    with place:
        for name in first:
            _field(key, name, reading)
        with st.popover("How the file is read", icon=":material/tune:"):
            for name in FIELDS:
                if name not in first:
                    _field(key, name, reading)
            st.text_input("Words for missing, with commas", key=f"{key}_null_words", placeholder="NA, ?, unknown")
            if reading is not None and reading.options.sheet:
                st.text_input("Sheet", reading.options.sheet, key=f"{key}_sheet")
    if reading is not None:
        for sentence in reading.warnings:
            found.caption(plain(sentence))
    return reading, options


def _asked_first(reading: Reading | None, problem: str) -> list[str]:
    """The fields that a person must see, as the file cannot be used without them."""
    shown = ["date_order"] if reading is not None and reading.asks else []
    return shown + [name for name in FIELDS if f"option {name}=" in problem]


def _field(key: str, name: str, reading: Reading | None) -> None:
    title, values = FIELDS[name]
    found = getattr(reading.options, name) if reading is not None else None
    called = next((shown for shown, value in values.items() if value == found), None)
    at = f"{FOUND} ({called})" if called else FOUND

    def shown(value: str) -> str:
        return at if value == FOUND else value

    options = list(values) if name == "bad_rows" else [FOUND, *values]
    st.selectbox(title, options, format_func=shown, key=f"{key}_{name}")


def _said(key: str) -> ReaderOptions:
    """What the form says, from the state of its widgets."""
    fields: dict[str, Any] = {}
    for name, (_, values) in FIELDS.items():
        value = st.session_state.get(f"{key}_{name}", FOUND)
        if value in values:
            fields[name] = values[value]
    if words := st.session_state.get(f"{key}_null_words", ""):
        fields["null_words"] = tuple(word.strip() for word in words.split(","))
    if sheet := st.session_state.get(f"{key}_sheet", ""):
        fields["sheet"] = sheet
    return checked_options(fields)
