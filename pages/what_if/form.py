"""What a sweep is asked to vary, as a form."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import streamlit as st

from core.data.description import DatasetCard
from core.data.registry import card, cards
from core.errors import PrecedenceError
from core.methods.interface import ToleranceKind
from core.methods.registry import CONSTRAINED, METHODS, PLAIN
from core.server.shared import library, sweeps
from core.server.starting import start_sweep
from core.settings.presets import default_run
from core.settings.run import RunConfig
from core.sweeps.description import SweepConfig, parse_sweep
from core.sweeps.keys import planned_steps
from core.sweeps.question import training_seconds
from core.sweeps.ray_cluster import ADDRESS_VARIABLE
from pages.run_form.tolerance_unit import UNITS
from pages.shared.errors import show_errors
from pages.shared.headline import duration
from pages.shared.markdown_escape import plain
from pages.shared.person import sees_run, starter
from pages.what_if.state import WhatIf

MOST_RUNS = 30  # in the list of what a sweep may start from
USUAL: dict[ToleranceKind, tuple[str, str]] = {
    "relative": ("0, 1, 2, 5, 10", "2"),  # per cent
    "absolute": ("0, 0.005, 0.01, 0.02", "0.01"),
    "metric": ("0, 0.001, 0.002, 0.005", "0.002"),
}
"""Tolerances to try for the most important task, and the one of each other."""
NARROWEST, WIDEST = 0.05, 20.0  # of the grid of weights, against the most important task's 1
FIRST_STEPS = 150


def first_sweep() -> SweepConfig:
    """Small enough to be watched to its end: two tasks of the shop, five tolerances, five weights."""
    shop = default_run("shop")
    base = shop.model_copy(
        update={
            "priority": ("relevance", "click"),
            "stage_steps": FIRST_STEPS,
            "probe_every": 0,
        }
    )
    return SweepConfig(
        name="First look",
        base=base,
        methods=(CONSTRAINED, PLAIN),
        tolerances={"relevance": (0.0, 0.01, 0.02, 0.05, 0.1)},
        weights={"click": _spread(5)},
    )


def planned(config: SweepConfig) -> tuple[int, int, float]:
    """How many points a sweep has, how many steps it takes at most, and for how long it will train by the clock."""
    tasks = card(config.base.dataset).task_names()
    points = config.points(tasks)
    steps, _ = planned_steps([point.config for point in points], tasks, shared=config.shared_stages)
    at_once = min(sweeps().slots, len(points))
    return len(points), steps, training_seconds(sweeps().home, points[0].config, steps, at_once)


def start(state: WhatIf, config: SweepConfig) -> None:
    """Asks for the sweep and shows it."""
    state.go(sweep=start_sweep(config, starter()))
    state.write_address()
    st.rerun()


def sweep_form(state: WhatIf) -> None:
    """The form with its button; wrong input is told beside it."""
    with show_errors():
        label, base = _base()
        about = card(base.dataset)
        order = st.multiselect(
            "Tasks, the most important first",
            about.task_names(),
            list(base.priority or about.task_names()[:2]),
            format_func=lambda name: _title(about, name),
            key=f"sweep_tasks_{label}",
            help="The order in which you choose them is their priority.",
        )
        if len(order) < 2:
            st.caption("A sweep weighs tasks against each other: choose two or more.")
            return
        fields = _fields(label, base, about, tuple(order))
        config = parse_sweep(fields, "form")
        points = config.points(about.task_names())
        shared, apart = planned_steps(
            [point.config for point in points], about.task_names(), shared=config.shared_stages
        )
        saved = f", instead of {apart:,} one by one" if shared < apart else ""
        _, _, seconds = planned(config)
        st.caption(
            f"{len(points)} points, at most {shared:,} optimiser steps{saved}; about {duration(seconds)} at this "
            "machine's load now."
        )
        if st.button("Start the sweep", icon=":material/play_arrow:", type="primary", key="sweep_start"):
            start(state, config)


def _base() -> tuple[str, RunConfig]:
    """A data set's default run, or a finished run as it was, and what it is called in the list."""
    options: dict[str, RunConfig] = {}
    for name, about in cards().items():
        options[f"{about.title}, default run"] = default_run(name)
    for run in library().list(most=MOST_RUNS):
        if not sees_run(run.run_id):
            continue
        try:
            config = library().config(run.run_id)
            data = card(config.dataset).title
        except PrecedenceError:  # damaged, or its table is gone
            continue
        options[f"Run {run.name or run.run_id}: {data}, seed {config.seed}"] = config
    chosen = st.selectbox("Start from", list(options), key="sweep_base")
    return chosen, options[chosen]


def _fields(label: str, base: RunConfig, about: DatasetCard, order: tuple[str, ...]) -> dict[str, Any]:
    unit = UNITS[base.tolerance_kind]
    tasks = {task.name: task for task in about.tasks}
    tolerances = {}
    for place, name in enumerate(order[:-1]):
        usual = USUAL[unit.kind][min(place, 1)]
        text = st.text_input(
            f"{plain(_title(about, name))}: tolerances to try, {unit.says(tasks[name])}",
            usual,
            key=f"sweep_tolerance_{label}_{name}_{place == 0}",
            help="One number, or several with commas: each is tried.",
        )
        values = _numbers(text, _title(about, name))
        tolerances[name] = tuple(value / unit.scale for value in values)
    methods, weights = [CONSTRAINED], {}
    if st.toggle("Beside a grid of weights", True, key="sweep_grid", help="The usual way: try weights, keep the best."):
        count = st.number_input(
            "Weights a task", 2, 25, 5, key="sweep_weights", help="Of every task but the first, which weighs 1."
        )
        methods.append(PLAIN)
        weights = dict.fromkeys(order[1:], _spread(int(count)))
    with st.container(horizontal=True):
        seeds = st.number_input("Seeds", 1, 10, 1, key="sweep_seeds", help="More seeds give error bars.")
        steps = st.number_input("Steps a stage", 10, 100_000, base.stage_steps, 10, key=f"sweep_steps_{label}")
    more = st.popover("More", icon=":material/tune:")
    others = more.multiselect(
        "Other methods on the same axes",
        [kind for kind, method in METHODS.items() if kind not in (CONSTRAINED, PLAIN) and not method.alone],
        format_func=lambda kind: METHODS[kind].title,
        key="sweep_methods",
    )
    warm = more.toggle(
        "Begin from neighbours",
        False,
        key="sweep_warm",
        help="A stage begins from the finished model and the multipliers of a point with tighter bounds, in half the "
        "steps. It is never worse in its last task than that point, but may end at the very same model.",
    )
    early = more.toggle(
        "End beaten points early",
        False,
        key="sweep_early",
        help="Half way through its last stage, a point that a finished one beats by 1 % in every task is ended.",
    )
    far = bool(os.environ.get(ADDRESS_VARIABLE)) and more.toggle("Train on the Ray cluster", key="sweep_ray")
    name = more.text_input("Name", max_chars=60, key="sweep_name")
    chosen = base.model_copy(update={"priority": order, "stage_steps": int(steps), "probe_every": 0, "name": ""})
    return {
        "name": name,
        "base": chosen.model_dump(),
        "methods": [*methods, *others],
        "tolerances": tolerances,
        "weights": weights,
        "seeds": list(range(base.seed, base.seed + int(seeds))),
        "warm_start": warm,
        "stop_dominated": early,
        "workers": "ray" if far else "here",
    }


def _title(about: DatasetCard, name: str) -> str:
    return next((task.title for task in about.tasks if task.name == name), name)


def _spread(count: int) -> tuple[float, ...]:
    """Weights at equal ratios."""
    return tuple(float(f"{value:.3g}") for value in np.geomspace(NARROWEST, WIDEST, count))


def _numbers(text: str, what: str) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.replace("%", "").replace(";", ",").split(",") if part.strip())
    except ValueError:
        values = ()
    if not values or not all(0 <= value < float("inf") for value in values):
        raise PrecedenceError(f"'{text[:60]}' is no list of tolerances of {what}; give numbers from 0 up, with commas.")
    return tuple(dict.fromkeys(values))
