"""The tasks in order of priority, what each may lose and in which unit, or their weights."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.data.description import DatasetCard
from core.methods.registry import METHODS
from core.settings.presets import default_run
from core.settings.run import RunConfig
from core.task_kinds.kinds import metric_names
from pages.run_form.rank_form import rank_form
from pages.run_form.rank_list import Ranking, held_ranking, rank_list
from pages.run_form.tolerance_unit import UNITS, ToleranceUnit
from pages.shared.markdown_escape import plain


def ranking(fields: dict[str, Any], shown: RunConfig, chosen: DatasetCard, generation: int) -> None:
    """Asks for the order, the tolerances and their unit, or the weights, and writes the answers into `fields`."""
    names = chosen.task_names()
    method = fields["method"]
    about = METHODS[method["kind"]]
    tolerated = about.constrains
    unit = _unit(fields, shown, generation) if tolerated else UNITS["relative"]
    wanted = Ranking(tuple(fields["priority"]) or names, dict(fields["tolerances"])).fitting(names, fields["tolerance"])
    place = f"{chosen.name}_{unit.kind}_{generation}"
    start, version = st.session_state.setdefault(f"ranking_start_{place}", (wanted, 0))
    key = f"ranking_{place}_{version}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption("The first is trained" if about.alone else "Most important first", width="content")
        now = held_ranking(key, names) or start
        written = rank_form(chosen.tasks, now, unit=unit, tolerated=tolerated, key=place)
        left = [name for name in names if name not in now.order]
        if left and not about.alone and st.button(f"All {len(names)} tasks", type="tertiary", key=f"all_{place}"):
            written = Ranking((*now.order, *left), now.tolerances)
    if written is not None:
        st.session_state[f"ranking_start_{place}"] = (written, version + 1)
        st.rerun()
    answer = rank_list(chosen.tasks, start, unit=unit, tolerated=tolerated, key=key)
    usual = default_run(shown.dataset.name).priority
    fields["priority"] = () if answer.order == names and not usual else answer.order
    fields["tolerances"] = {name: value for name, value in answer.tolerances.items() if value != fields["tolerance"]}
    if tolerated:
        without = [
            task.title for task in chosen.tasks if task.name in answer.order[:-1] and answer.tolerances[task.name] == 0
        ]
        if without:
            st.caption(
                f":material/info: {plain(' and '.join(without))}: with no tolerance the multiplier has no finite "
                "value; it will keep growing."
            )
    if about.weighted:
        st.caption("Weights")
        columns = st.columns(2)
        for at, task in enumerate(chosen.tasks):
            method["weights"][task.name] = columns[at % 2].number_input(
                plain(task.title),
                0.0,
                1e6,
                float(method["weights"].get(task.name, 1.0)),
                0.1,
                key=f"weight_{task.name}_{generation}",
            )
        method["weights"] = {
            name: weight for name, weight in method["weights"].items() if name in names and weight != 1
        }


def _unit(fields: dict[str, Any], shown: RunConfig, generation: int) -> ToleranceUnit:
    """Another unit brings its usual tolerance for every task: 5 % of a loss is not 5 points of a metric."""
    kind = st.selectbox(
        "Tolerance unit",
        list(UNITS),
        list(UNITS).index(fields["method"]["tolerance_kind"]),
        lambda kind: UNITS[kind].label,
        key=f"tolerance_unit_{generation}",
        help="Per cent of the loss that a task reached, units of that loss, or points of its metric: "
        f"{metric_names()}. A metric has no gradient: multipliers follow the metric, steps lower the loss.",
    )
    fields["method"]["tolerance_kind"] = kind
    if kind != shown.tolerance_kind:
        fields["tolerance"], fields["tolerances"] = UNITS[kind].usual, {}
    return UNITS[kind]
