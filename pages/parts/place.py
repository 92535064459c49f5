"""A page's place and the parameters of its URL: read field by field, so that one bad value leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from core.errors import PrecedenceError

Place = TypeVar("Place", bound=Any)  # a dataclass
State = TypeVar("State", bound=Any)


def read_fields(
    start: Place, parameters: Mapping[str, str], read: Callable[[str, str], Any]
) -> tuple[Place, list[str]]:
    """`start` with each parameter as `read(name, text)` has it; what cannot be read is left out and told in a sentence
    each."""
    place, problems = start, []
    for name, text in parameters.items():
        try:
            place = replace(place, **{name: read(name, text)})
        except PrecedenceError as error:
            problems.append(str(error))
    return place, problems


def show_in_url(parameters: dict[str, str]) -> dict[str, str]:
    """Makes the URL hold these parameters and no others; gives them back, to tell later who changed it."""
    if parameters != st.query_params.to_dict():
        st.query_params.from_dict(parameters)
    return parameters


def opened(key: str, make: Callable[[], State], read: Callable[[Mapping[str, str]], tuple[Any, list[str]]]) -> State:
    """This session's state of a page, at the place that the URL asks for. What `make` makes has a place, problems, a
    version, which changes when the URL brings a new place, and the URL's parameters as they were written last."""
    parameters = st.query_params.to_dict()
    state: State | None = st.session_state.get(key)
    if state is None:
        state = st.session_state[key] = make()
    elif not parameters or parameters == state.written:
        return state
    else:
        state.version += 1
    state.place, state.problems = read(parameters)
    state.written = parameters  # a run that a click ends early must not bring this place back
    return state
