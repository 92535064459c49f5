"""Runs: every run of this person and shared ones; compared, asked in SQL, taken home, used."""

from __future__ import annotations

import streamlit as st

from core.runs.listing.overview import RunRow, all_rows
from core.server.rights import may
from core.server.shared import supervisor
from pages.runs.compare import compare
from pages.runs.one import one_run
from pages.runs.questions import questions
from pages.runs.table import choose
from pages.shared.errors import show_errors
from pages.shared.person import me

PARTS = {"list": "All runs", "sql": "Ask in SQL"}


def page() -> None:
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
                       key="runs_bar")  # fmt: skip
    part = bar.segmented_control(
        "Part of this page",
        list(PARTS),
        default=st.query_params.get("part") if st.query_params.get("part") in PARTS else "list",
        format_func=PARTS.__getitem__,
        required=True,
        key="runs_part",
        label_visibility="collapsed",
    )
    rows = mine()
    points = sum(bool(row.sweep) for row in rows)
    of_sweeps = f", {points:,} of them points of sweeps" if points else ""
    bar.markdown((f"{len(rows):,} runs" if len(rows) != 1 else "1 run") + of_sweeps)
    if part == "sql":
        questions(rows)
        return
    chosen = choose(rows)
    if len(chosen) == 1:
        one_run(chosen[0])
    elif chosen:
        compare(chosen, rows)
    elif rows:
        st.caption(
            "Figures are of the test rows; whether bounds are kept, of the validation rows. Tick one run to use it, "
            "take it home or delete it; tick two to six to lay them over one another."
        )


def mine() -> list[RunRow]:
    """Runs that stand in this person's lists: own, shared, or made from the command line."""
    person = me()
    every = may(person, "see_all")
    return [
        row
        for row in all_rows(supervisor().home)
        if row.shared or not row.owner or every or may(person, "steer", row.owner)
    ]


with show_errors():
    page()
