"""Gradient conflict: measured in a run, felt on the bench, walked in a landscape."""

from __future__ import annotations

import streamlit as st

from pages.conflict.address import PARTS
from pages.conflict.bench import bench_part
from pages.conflict.landscape import landscape_part
from pages.conflict.run import run_part
from pages.conflict.state import open_state
from pages.shared.errors import show_errors, warn_missing


def page() -> None:
    state = open_state()
    bar = st.container(horizontal=True, vertical_alignment="center", gap="medium", key="conflict_bar")
    part = bar.segmented_control(
        "Part of this page",
        list(PARTS),
        default=state.place.part,
        format_func=PARTS.__getitem__,
        required=True,
        key=f"conflict_part_{state.version}",
        label_visibility="collapsed",
    )
    state.go(part=part)
    for problem in state.problems:
        warn_missing(problem)
    with show_errors():
        {"run": run_part, "bench": bench_part, "landscape": landscape_part}[part](state, bar)
    state.write_address()


with show_errors():
    page()
