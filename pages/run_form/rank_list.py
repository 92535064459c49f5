"""The ranking of tasks with a tolerance each: what the page says to `assets/rank/list.js`, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.charts.palette import task_colours
from core.data.description import Task
from pages.run_form.tolerance_unit import ToleranceUnit
from pages.shared.component import component

_component = component(
    "precedence_rank_list",
    "rank/list.js",
    html='<div class="rank-list"><ol></ol><p class="rank-problem" role="alert"></p>'
    '<div class="rank-aloud" aria-live="polite"></div></div>',
    styles=("rank/list.css",),
)


@dataclass(frozen=True)
class Ranking:
    """Names of the tasks to train, most important first, and the loss increase that each may bear.

    A tolerance is a share, or in the unit of the loss or the metric; a task that is not in `order` is left out.
    """

    order: tuple[str, ...]
    tolerances: dict[str, float]

    def fitting(self, names: Sequence[str], tolerance: float) -> Ranking:
        """The same ranking over `names`: others are dropped; all of them when none is left."""
        order = tuple(name for name in self.order if name in names) or tuple(names)
        return Ranking(order, {name: self.tolerances.get(name, tolerance) for name in names})


def rank_list(
    tasks: Sequence[Task], ranking: Ranking, *, unit: ToleranceUnit, tolerated: bool = True, key: str
) -> Ranking:
    """Shows `ranking` and gives it back as the person left it; `tolerated` False hides the tolerances."""
    colours = task_colours([task.name for task in tasks])
    names = [task.name for task in tasks]
    shown = held_ranking(key, names) or ranking
    answer = _component(
        key=key,
        data={
            "label": "Tasks, most important first",
            "tasks": {
                task.name: {
                    "title": task.title,
                    "color": colours[task.name],
                    "mark": unit.mark(task),
                    "says": unit.says(task),
                }
                for task in tasks
            },
            "order": list(shown.order),
            "tolerances": shown.tolerances,
            "scale": unit.scale,
            "step": unit.step,
            "tolerated": tolerated,
        },
        on_ranking_change=lambda: None,
    )
    return _read(answer.ranking, names) or ranking


def held_ranking(key: str, names: Sequence[str]) -> Ranking | None:
    """What the person last made of the list with this key; None before the first move."""
    return _read((st.session_state.get(key) or {}).get("ranking"), names)


def _read(answer: Mapping[str, object] | None, names: Sequence[str]) -> Ranking | None:
    """The component's answer where it ranks some of these tasks with tolerances of 0 or more, else nothing."""
    if not answer:
        return None
    order, tolerances = answer.get("order"), answer.get("tolerances")
    if not isinstance(order, list) or not isinstance(tolerances, Mapping):
        return None
    if not order or len(set(order)) < len(order) or not set(order) <= set(names):
        return None
    read = {name: float(tolerances.get(name, 0.0)) for name in names}
    return Ranking(tuple(order), read) if all(value >= 0 for value in read.values()) else None
