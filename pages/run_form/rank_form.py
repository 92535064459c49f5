"""The ranking as a plain form, for those who would rather write than drag."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.data.description import Task
from core.errors import PrecedenceError
from pages.run_form.rank_list import Ranking
from pages.run_form.tolerance_unit import ToleranceUnit
from pages.shared.markdown_escape import plain


def rank_form(tasks: Sequence[Task], now: Ranking, *, unit: ToleranceUnit, tolerated: bool, key: str) -> Ranking | None:
    """A form behind a button, filled with the ranking as it is `now`; what it says once it is sent, else None."""
    key = f"{key}_{hash((now.order, *now.tolerances.items()))}"  # another ranking is another form
    with (
        st.popover("", type="tertiary", icon=":material/edit:", help="Edit the ranking as a form"),
        st.form(f"rank_form_{key}", border=False),
    ):
        places: dict[str, int] = {}
        tolerances = dict(now.tolerances)
        for task in tasks:
            left, right = st.columns(2)
            places[task.name] = left.number_input(
                f"{plain(task.title)}: place",
                min_value=0,
                max_value=len(tasks),
                value=now.order.index(task.name) + 1 if task.name in now.order else 0,
                key=f"place_{task.name}_{key}",
                help="1 is the most important; 0 leaves the task out.",
            )
            if tolerated:
                shown = right.number_input(
                    f"May lose, {plain(unit.says(task))}",
                    min_value=0.0,
                    value=now.tolerances[task.name] * unit.scale,
                    step=unit.step,
                    format=unit.shape,
                    key=f"tolerance_{task.name}_{key}",
                )
                tolerances[task.name] = shown / unit.scale
        if not st.form_submit_button("Use this ranking"):
            return None
        try:
            return Ranking(ordered(places, {task.name: task.title for task in tasks}), tolerances)
        except PrecedenceError as error:
            st.error(plain(str(error)))
            return None


def ordered(places: dict[str, int], titles: dict[str, str]) -> tuple[str, ...]:
    """Task names by their places, without those at place 0; raises PrecedenceError where that is no ranking."""
    by_place: dict[int, str] = {}
    for name, place in places.items():
        if place and place in by_place:
            raise PrecedenceError(
                f"{titles[by_place[place]]} and {titles[name]} both have place {place}; "
                "give each task a place of its own."
            )
        by_place[place] = name
    by_place.pop(0, None)
    if not by_place:
        raise PrecedenceError("Every task has place 0, so none is left to train; give at least one of them place 1.")
    return tuple(by_place[place] for place in sorted(by_place))
