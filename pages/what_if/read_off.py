"""A model in hand that answers the question: read off trained runs, and taken."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import PrecedenceError
from core.runs.folder.status import UNDER_WAY
from core.server.shared import library, supervisor
from core.server.starting import start_read_off
from core.sweeps.answer import Answer
from core.sweeps.read_off import ReadOff
from pages import navigation
from pages.shared.errors import show_errors, show_refusal
from pages.shared.person import sees_run, starter
from pages.shared.repeating import repeating

KEY = "whatif_read"


def offer_reading(found: Answer, readings: Sequence[ReadOff]) -> None:
    """A button that reads models off; while they are read, how far; then where the model can be taken."""
    under_way = st.session_state.get(KEY, [])
    if under_way:
        _follow(under_way)
        return
    for run_id in found.run_ids:
        if sees_run(run_id):
            st.page_link(
                navigation.LAB, label="Take the model in hand", icon=":material/output:", query_params={"run": run_id}
            )
            break
    if found.found == "trained" or not readings:
        return
    count = "it" if len(readings) == 1 else f"{len(readings)} models"
    if st.button(
        f"Read {count} off trained runs, some seconds",
        icon=":material/linear_scale:",
        key=f"{KEY}_off",
        help="Looks for the best model within the tolerance on the lines between the models of runs at other "
        "tolerances. Nothing is trained; the model is a run of its own and can be taken.",
    ):
        try:
            person = starter()
            st.session_state[KEY] = [start_read_off(one, person) for one in readings]
        except PrecedenceError as error:
            show_refusal(error)
            return
        st.rerun()


@repeating(1)
def _follow(names: list[str]) -> None:
    """How many are read; at the end the page is filled anew."""
    with show_errors():
        states = [supervisor().status(name) for name in names]
        done = [one for one in states if one.state not in UNDER_WAY]
        if len(done) < len(states):
            st.progress(len(done) / len(states), f"Reading models: {len(done)} of {len(states)}")
            return
        del st.session_state[KEY]
        for name, one in zip(names, states, strict=True):
            if one.state == "finished":
                library().add(name)
        st.rerun()
