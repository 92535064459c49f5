"""The geometry bench: arrows that a person drags, and what every method makes of them."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.server.addresses import GEOMETRY, under_base
from pages.conflict.address import read_arrows, read_methods, read_multiplier
from pages.conflict.method_text import describe_method
from pages.conflict.state import ConflictState
from pages.shared.component import component
from pages.shared.markdown_escape import plain

_component = component(
    "precedence_geometry_bench",
    "conflict/bench.js",
    html='<div class="bench"></div>',
    styles=("conflict/common.css", "conflict/bench.css"),
)


def methods_shown() -> list[dict[str, Any]]:
    """Every method of the registry as the pictures want it."""
    return [{"kind": kind, "title": card.title, "constrains": card.constrains} for kind, card in METHODS.items()]


def bench_part(state: ConflictState, bar: DeltaGenerator) -> None:
    """The arrows and the chosen method in words; `bar` is the row at the top, where this part has nothing to choose."""
    key = f"conflict_bench_{state.version}"

    answer = _component(
        key=key,
        data={
            "address": under_base(GEOMETRY),
            "methods": methods_shown(),
            "arrows": [list(pair) for pair in state.place.arrows],
            "hidden": list(state.place.hidden),
            "multiplier": state.place.multiplier,
            "focus": state.place.method,
            "version": state.version,
        },
        on_bench_change=lambda: None,
        on_focus_change=state.follows(key),
    )
    _take(state, answer.bench)
    describe_method(state.place.method)
    st.caption(
        "Every arrow is an update d, drawn in the gradients' plane; the optimiser subtracts it. ▼ the loss falls, ▲ it "
        "rises; the figure is the cosine between d and that task's gradient. Task 1 is the most important one. "
        "Methods that weigh by losses see losses of 1."
    )


def _take(state: ConflictState, said: Any) -> None:
    """What the browser says is read as a URL would be."""
    if not said:
        return
    try:
        state.go(
            arrows=read_arrows(said.get("arrows")),
            hidden=read_methods(said.get("hidden")),
            multiplier=read_multiplier(said.get("multiplier")),
        )
    except PrecedenceError as error:
        st.warning(plain(str(error)), icon=":material/error:")
