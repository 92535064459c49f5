"""The front of the sweep: drawn as it fills in, said in words, and one point of it in full."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.charts.front import VIEWS, Axis, Mark, front
from core.charts.palette import task_colours
from core.data.description import DatasetCard
from core.data.registry import card
from core.methods.registry import METHODS
from core.narration.sweep import OF_MEASURE, describe_contest, describe_front, describe_setting
from core.server.shared import plotly_address
from core.sweeps.folder import SweepFolder
from core.sweeps.outcome import MEASURES, Outcome, Setting, outcome_of
from pages import navigation
from pages.shared.component import component
from pages.shared.markdown_escape import plain
from pages.shared.task_table import figure, task_table
from pages.what_if.decision import adopt
from pages.what_if.state import WhatIf

CLICKED = "whatif_clicked"  # a point, since the address was written: what a callback writes is not sent
MULTIPLIER = "Multiplier, validation rows"
SHORT = {"loss": "Test loss", "error": "Test error", "validation": "Validation loss"}

_component = component(
    "precedence_front",
    "front/front.js",
    html='<div class="front"></div>',
    styles=("front/front.css",),
    isolate_styles=False,
)


def front_part(state: WhatIf, folder: SweepFolder) -> None:
    """Chart, sentences, the chosen point, its adoption."""
    about = card(folder.config().base.dataset)
    titles = {task.name: task.title for task in about.tasks}
    outcome = outcome_of(folder, state.place.measure)
    views = [view for view in VIEWS if view != "three" or len(outcome.tasks) > 2]
    with st.container(horizontal=True, vertical_alignment="center"):
        measure = st.segmented_control(
            "Measure",
            list(MEASURES),
            default=state.place.measure,
            format_func=SHORT.__getitem__,
            required=True,
            key=f"whatif_measure_{state.version}",
            label_visibility="collapsed",
            help="\n\n".join(f"**{SHORT[name]}**: {says}" for name, says in MEASURES.items()),
        )
        view = st.segmented_control(
            "View",
            views,
            default=state.place.view if state.place.view in views else "two",
            format_func=VIEWS.__getitem__,
            required=True,
            key=f"whatif_view_{state.version}_{len(views)}",
            label_visibility="collapsed",
        )
    if measure != state.place.measure:
        outcome = outcome_of(folder, measure)
    shown = state.place
    state.go(measure=measure, view=view)
    pictures, words = st.columns([1.7, 1], gap="medium")
    with pictures:
        _picture(state, outcome, about, titles)
    with words:
        sentences = [*describe_contest(outcome), *describe_front(outcome, titles)]
        st.markdown(
            "\n".join(f"- {plain(sentence)}" for sentence in sentences) or "The first points are being trained."
        )
        if outcome.settings:
            _point(state, folder, outcome, about, titles)
    table = st.expander("Every point as a table", on_change="rerun", key="whatif_table")
    if table.open:
        with table:
            _table(outcome, titles)
    if state.place != shown or st.session_state.pop(CLICKED, False):
        state.write_address()


def _picture(state: WhatIf, outcome: Outcome, about: DatasetCard, titles: dict[str, str]) -> None:
    colours = task_colours(about.task_names())
    axes = [Axis(task, titles[task], colours[task]) for task in outcome.tasks]
    marks = [_mark(setting, state, titles) for setting in outcome.settings]
    if not axes:
        axes = [Axis(task, titles[task], colours[task]) for task in about.task_names()[:2]]
        marks = []
    key = f"whatif_front_{state.version}_{state.place.sweep}"

    def clicked() -> None:
        said = st.session_state[key].get("chosen") or {}
        if isinstance(said.get("number"), int):
            state.go(point=said["number"])
            st.session_state[CLICKED] = True

    _component(
        key=key,
        data={
            "plotly_address": plotly_address(),
            "figure": front(marks, axes, state.place.view, SHORT[state.place.measure]),
            "says": "Lower left is better. Faint points are beaten by another; bars are 95 % intervals over "
            "seeds; a cross found no model within its bounds.",
        },
        on_chosen_change=clicked,
    )


def _mark(setting: Setting, state: WhatIf, titles: dict[str, str]) -> Mark:
    return Mark(
        number=setting.number,
        method=METHODS[setting.kind].title,
        label=describe_setting(setting, titles),
        values=setting.mean,
        half=setting.half,
        dominated=setting.dominated,
        kept=setting.feasible,
        chosen=setting.number == state.place.point,
        baseline=setting.number == state.place.baseline,
    )


def _point(state: WhatIf, folder: SweepFolder, outcome: Outcome, about: DatasetCard, titles: dict[str, str]) -> None:
    """The chosen setting: figures beside the baseline's, its runs, pin and adopt."""
    settings = {setting.number: setting for setting in outcome.settings}
    chosen = settings.get(state.place.point) if state.place.point is not None else None
    number = st.selectbox(
        "Point",
        list(settings),
        None if chosen is None else list(settings).index(chosen.number),
        lambda number: describe_setting(settings[number], titles),
        placeholder="Click a point, or choose it here",
        key=f"whatif_point_{state.version}_{state.place.sweep}_{state.place.point}_{len(settings)}",
    )
    if number != state.place.point and number is not None:
        state.go(point=number)
        state.write_address()
        st.rerun(scope="fragment")
    if chosen is None:
        return
    baseline = settings.get(state.place.baseline) if state.place.baseline is not None else None
    _figures(chosen, baseline, outcome, about, titles)
    with st.container(horizontal=True, gap="xsmall"):
        pinned = baseline is not None and baseline.number == chosen.number
        if st.button("Unpin" if pinned else "Pin as baseline", icon=":material/push_pin:", key="whatif_pin"):
            state.go(baseline=None if pinned else chosen.number)
            state.write_address()
            st.rerun(scope="fragment")
        for point in chosen.points[:3]:
            st.page_link(
                navigation.LAB,
                label="Open the run" if len(chosen.points) == 1 else f"Seed {point.config.seed}",
                icon=":material/open_in_full:",
                query_params={"run": point.run_id or ""},
            )
        with st.popover("Config", icon=":material/data_object:"):
            st.code(chosen.config.model_dump_json(indent=1), language="json", height=320)
    adopt(state, folder, outcome, chosen, baseline, titles)


def _figures(
    chosen: Setting, baseline: Setting | None, outcome: Outcome, about: DatasetCard, titles: dict[str, str]
) -> None:
    colours = task_colours(about.task_names())
    heads = ["Task", SHORT[outcome.measure], *(["Baseline", "Change"] if baseline else []), MULTIPLIER]
    rows = []
    for task in outcome.tasks:
        half = chosen.half[task]
        cells = [f"{chosen.mean[task]:.4f}" + (f" ± {half:.4f}" if half is not None else "")]
        if baseline:
            change = 100 * (chosen.mean[task] / baseline.mean[task] - 1) if baseline.mean[task] else 0.0
            cells += [figure(baseline.mean[task]), f"{figure(change, '+.2f')} %"]
        cells.append(_multiplier(chosen, task))
        rows.append((colours[task], titles[task], cells))
    task_table(heads, rows)


def _table(outcome: Outcome, titles: dict[str, str]) -> None:
    """The picture's numbers: a row a setting."""
    rows = []
    for setting in outcome.settings:
        row: dict[str, Any] = {"Point": describe_setting(setting, titles), "Seeds": len(setting.points)}
        for task in outcome.tasks:
            row[f"{titles[task]}, {OF_MEASURE[outcome.measure]}"] = setting.mean[task]
            row[f"{titles[task]} ±"] = setting.half[task]
        row |= {"Beaten": setting.dominated, "Bounds kept, validation rows": setting.feasible}
        row["Seconds"] = sum(point.seconds for point in setting.points)
        rows.append(row)
    st.dataframe(rows, hide_index=True)


def _multiplier(setting: Setting, task: str) -> str:
    held: list[Any] = [point.results[task].multiplier for point in setting.points]
    known = [value for value in held if value is not None]
    return figure(sum(known) / len(known) if known else None, ".3g")
