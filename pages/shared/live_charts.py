"""The live charts of a run, fed by its WebSocket: what the page says to `assets/live/charts.js`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.charts.palette import task_colours
from core.data.description import Task
from core.methods.interface import ToleranceKind
from core.runs.workers.supervisor import Action
from core.server.shared import live_address, plotly_address
from pages.shared.component import component

_component = component(
    "precedence_live_charts",
    "live/charts.js",
    html='<div class="live-charts"></div>',
    styles=("shared/panel_help.css", "live/charts.css"),
    isolate_styles=False,
)


PANELS = ("multipliers", "losses", "slack", "angles", "metrics")


def live_charts(
    tasks: Sequence[Task],
    run_id: str,
    *,
    unit: ToleranceKind,
    constrained: bool,
    steps_until_bounds: int,
    address: str | None = None,
    baseline_id: str | None = None,
    baseline_title: str | None = None,
    panels: Sequence[str] = PANELS,
    order: Callable[[Action], None] | None = None,
    key: str = "live_charts",
) -> None:
    """Charts of a run, or of what `address` sends, with a pinned baseline in grey behind them; `panels` names them, by
    default the lab's five.

    `tasks` in the data set's order, which gives their colours; `unit` is that of the tolerances,
    `constrained` that the method keeps bounds, `steps_until_bounds` the most steps before the first of them.
    `order` hears `pause`, `run` and `step` of who may steer the run; without it the projector pauses the picture alone.
    The component stays mounted across reruns: another run is another address in the same charts.
    """
    colours = task_colours([task.name for task in tasks])

    def ordered() -> None:
        told = st.session_state[key].get("order")
        if order is not None and told in ("pause", "run", "step"):
            order(told)

    _component(
        key=key,
        data={
            "address": address or live_address(run_id),
            "baseline_address": live_address(baseline_id) if baseline_id else None,
            "baseline_title": baseline_title,
            "tasks": [
                {"name": task.name, "title": task.title, "color": colours[task.name], "metric": _metric(task)}
                for task in tasks
            ],
            "unit": unit,
            "constrained": constrained,
            "steps_until_bounds": steps_until_bounds,
            "panels": list(panels),
            "steers": order is not None,
            "plotly_address": plotly_address(),
        },
        on_order_change=ordered,
        on_woken_change=lambda: None,  # a run that was over goes on: the page is drawn anew, and repeats again
    )


def _metric(task: Task) -> dict[str, Any] | None:
    """What the chart of quality needs to know; None where the loss says it all."""
    metric = task.metric
    return None if metric.is_loss else {"name": metric.name, "digits": metric.digits, "is_share": metric.is_share}
