"""What-if: what a point of tolerance buys, tried over a grid, and decided."""

from __future__ import annotations

import streamlit as st

from core.lessons.glossary import term
from core.server.shared import sweeps
from core.sweeps.folder import SweepFolder
from pages.shared.errors import show_errors, warn_missing
from pages.shared.headline import duration
from pages.shared.repeating import repeating
from pages.what_if.form import first_sweep, planned, start, sweep_form
from pages.what_if.front import front_part
from pages.what_if.price import show_price
from pages.what_if.question import question_part
from pages.what_if.queue import choose_sweep, newest_sweeps, queue, share, take_away
from pages.what_if.state import WhatIf, open_state

LIVE = 1.5  # seconds between two looks while points are being trained


def page() -> None:
    state = open_state()
    for problem in state.problems:
        warn_missing(problem)
    with st.container(border=True, key="whatif_question"):
        question_part(state)
    names = newest_sweeps()
    with st.container(border=True):
        bar = st.container(horizontal=True, vertical_alignment="center", gap="medium")
        bar.markdown("**Compare tolerances**", width="content")
        chosen = choose_sweep(state, names, bar)
        if chosen is not None:
            asking = bar.popover("New sweep", icon=":material/add:", on_change="rerun", key="new_sweep")
            if asking.open:
                with asking:
                    sweep_form(state)
            take_away(SweepFolder(sweeps().home, chosen), bar)
            share(state, bar)
            over = SweepFolder(sweeps().home, chosen).is_over()
            repeating(None if over else LIVE)(_sweep)(state, chosen, over)
        else:
            _first(state)
    with st.container(border=True, key="whatif_price"):
        st.markdown(f"**The {term('price', 'prices')} of one run**")
        show_price()
    state.write_address()


def _first(state: WhatIf) -> None:
    """Before there is any sweep: one click starts a small one."""
    st.markdown(
        f"A {term('sweep')} trains the same model under several {term('limit', 'tolerances')}, beside the usual way: a "
        f"grid of {term('weight', 'weights')}. Every point shows what the tasks reached; the {term('front')} is what "
        "no other point beats."
    )
    with st.container(horizontal=True):
        if st.button("Start a small one on the shop", icon=":material/play_arrow:", key="first_sweep"):
            start(state, first_sweep())
        asking = st.popover("Ask for your own", icon=":material/add:", on_change="rerun", key="own_sweep")
        if asking.open:
            with asking:
                sweep_form(state)
    config = first_sweep()
    points, steps, seconds = planned(config)
    st.caption(
        f"{points} points, two tasks, at most {steps:,} optimiser steps, about {duration(seconds)} at this machine's "
        "load now; they appear as they are finished."
    )


def _sweep(state: WhatIf, name: str, was_over: bool) -> None:
    """Progress and front, brought up to date while points come in."""
    with show_errors():
        folder = SweepFolder(sweeps().home, name)
        progress = queue(state, folder)
        front_part(state, folder)
        if progress.over and not was_over:
            st.rerun()


with show_errors():
    page()
