"""A page's place and the parameters of its URL: read field by field, so that one bad value leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from core.errors import PrecedenceError

Place = TypeVar("Place", bound=Any)  # a dataclass


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
