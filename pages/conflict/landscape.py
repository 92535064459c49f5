"""The landscape: two losses over a plane, and every method's way from the same start."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.server.addresses import GEOMETRY, under_base
from core.server.shared import calculator, plotly_address
from pages.conflict.address import read_methods, read_start
from pages.conflict.bench import methods_shown
from pages.conflict.method_text import describe_method
from pages.conflict.state import ConflictState
from pages.shared.component import component
from pages.shared.errors import warn_missing
from pages.shared.markdown_escape import plain

_component = component(
    "precedence_landscape",
    "conflict/landscape.js",
    html='<div class="land"></div>',
    styles=("conflict/common.css", "conflict/landscape.css"),
    isolate_styles=False,
)


def landscape_part(state: ConflictState, bar: DeltaGenerator) -> None:
    """The chosen landscape, what is known of it, and the chosen method in words; `bar` takes the choice."""
    known = _known()
    name = state.place.landscape
    if name is not None and name not in known:
        warn_missing(f"There is no landscape '{name}'; there are {', '.join(known)}.")
        name = None
    chosen = bar.segmented_control(
        "Landscape",
        list(known),
        default=name or next(iter(known)),
        format_func=lambda key: known[key]["title"],
        required=True,
        key=f"conflict_landscape_{state.version}",
        label_visibility="collapsed",
    )
    if chosen != state.place.landscape and state.place.landscape is not None:
        state.go(start=None)
    state.go(landscape=chosen)
    st.caption(f"{known[chosen]['about']} {' '.join(known[chosen]['facts'])}")
    key = f"conflict_land_{state.version}"

    answer = _component(
        key=key,
        data={
            "address": under_base(GEOMETRY),
            "plotly_address": plotly_address(),
            "landscape": chosen,
            "start": None if state.place.start is None else list(state.place.start),
            "methods": methods_shown(),
            "hidden": list(_others(state.place.walked)),
            "focus": state.place.method,
            "version": state.version,
        },
        on_land_change=lambda: None,
        on_focus_change=state.follows(key),
    )
    _take(state, answer.land)
    describe_method(state.place.method)


@st.cache_data(show_spinner="Starting the calculator")
def _known() -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = calculator().ask("landscapes", {})
    return known


def _take(state: ConflictState, said: Any) -> None:
    """What the browser says is read as a URL would be; what it said of another landscape is old."""
    if not said or said.get("landscape") != state.place.landscape:
        return
    try:
        hidden = read_methods(said.get("hidden"))
        state.go(start=read_start(said.get("start")), walked=_others(hidden))
    except PrecedenceError as error:
        st.warning(plain(str(error)), icon=":material/error:")


def _others(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The methods that are not among `kinds`, in the registry's order."""
    return tuple(kind for kind in METHODS if kind not in kinds)
