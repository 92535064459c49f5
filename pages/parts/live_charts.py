"""The live charts of a run, fed by its WebSocket: what the page says to `assets/live_charts.js`."""

from __future__ import annotations

from collections.abc import Sequence

import plotly
import streamlit as st

from core.charts.palette import task_colours
from core.data.description import Task
from pages.parts.assets import asset

PLOTLY_ADDRESS = f"/vendor/plotly.min.js?version={plotly.__version__}"

_component = st.components.v2.component(
    "precedence_live_charts",
    html='<div class="live-charts"></div>',
    css=asset("live_charts.css"),
    js=asset("live_store.js", "live_feed.js", "live_panels.js", "live_charts.js"),
    isolate_styles=False,  # plotly.js puts its styles into the document's head
)


def events_address(token: str) -> str:
    """Where the events of a run are read from, by the token that allows it."""
    return f"/api/runs/{token}/events"


def live_charts(
    tasks: Sequence[Task],
    token: str | None,
    *,
    relative: bool,
    baseline_token: str | None = None,
    baseline_title: str | None = None,
    key: str = "live_charts",
) -> None:
    """Five charts of the run behind `token`, a pinned baseline in grey behind them.

    `tasks` in the data set's order, which gives their colours; `relative` says that tolerances are shares of a loss.
    The component stays mounted across reruns: another run is another address in the same charts.
    """
    colours = task_colours([task.name for task in tasks])
    _component(
        key=key,
        data={
            "address": events_address(token) if token else None,
            "baseline_address": events_address(baseline_token) if baseline_token else None,
            "baseline_title": baseline_title,
            "tasks": [{"name": task.name, "title": task.title, "color": colours[task.name]} for task in tasks],
            "relative": relative,
            "plotly_address": PLOTLY_ADDRESS,
        },
    )
