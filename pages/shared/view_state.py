"""A page's place and the parameters of its URL: read field by field, so that one bad value leaves the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from core.errors import PrecedenceError

View = TypeVar("View", bound=Any)  # a dataclass
State = TypeVar("State", bound=Any)


def read_fields(
    start: View, parameters: Mapping[str, str], readers: Mapping[str, Callable[[str], Any]]
) -> tuple[View, list[str]]:
    """`start` with each parameter as the reader of its name has it; what cannot be read is left out and told in a
    sentence each."""
    place, problems = start, []
    for name, text in parameters.items():
        if name not in readers:
            known = ", ".join(readers)
            problems.append(f"'{name}={text[:40]}' in the address means nothing to this page; it knows {known}.")
            continue
        try:
            place = replace(place, **{name: readers[name](text)})
        except PrecedenceError as error:
            problems.append(str(error))
    return place, problems


def one_of(name: object, known: Mapping[Any, object], what: str) -> str:
    """The name of one of those that are known; others are refused."""
    if not isinstance(name, str) or name not in known:
        raise PrecedenceError(f"There is no {what} {str(name)[:40]!r}; there are {', '.join(known)}.")
    return name


def pair(given: object) -> tuple[float, float]:
    """Two numbers, as a picture or a URL gives them; not numbers (NaN) where they are none."""
    try:
        across, up = (float(value) for value in given)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return math.nan, math.nan
    return across, up


def pairs_text(pairs: Iterable[tuple[float, float]]) -> str:
    """As a URL has them: `across,up;across,up`."""
    return ";".join(f"{across:g},{up:g}" for across, up in pairs)


def open_view(key: str, make: Callable[[], State], read: Callable[[Mapping[str, str]], tuple[Any, list[str]]]) -> State:
    """This session's state of a page, at the place that the URL asks for. What `make` makes has a place, problems, a
    version, which changes when the URL brings a new place, and a `Url`."""
    state: State | None = st.session_state.get(key)
    first = state is None
    if state is None:
        state = st.session_state[key] = make()
    parameters = state.url.asked()
    if first or parameters:
        state.place, state.problems = read(parameters)
        state.version += not first
    return state
