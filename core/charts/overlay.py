"""Curves of several runs over one another, live (Vega-Lite) or as a picture (SVG): colour is the run, grey the
baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.charts.curves_svg import HEIGHT, WIDTH, Curve, curves_svg
from core.charts.palette import GREY, OKABE_ITO

MOST_RUNS = 6
QUANTITIES = {
    "loss": "Training loss",
    "violation": "Violation on validation rows",
    "multiplier": "Multiplier",
    "weight": "Weight of the loss",
}
"""Series that can be laid over one another, by the first part of their name."""

Curves = Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]
"""Run → series `quantity/task` → {"x": steps, "y": values}."""


def overlay(
    curves: Curves, quantity: str, titles: Mapping[str, str], baseline: str | None, width: int = 420
) -> dict[str, Any]:
    """A panel a task, all with one axis of steps: who zooms or moves one, moves all. `titles` by run, in order."""
    tasks, colours = _tasks(curves, quantity), _colours(titles, baseline)
    names = [titles[run] for run in titles]
    scale = {"domain": names, "range": [colours[run] for run in titles]}
    dashes = {"domain": names, "range": [[4, 3] if run == baseline else [1, 0] for run in titles]}
    values = [point for task in tasks for point in _points(curves, f"{quantity}/{task}", task, titles)]
    return {
        "data": {"name": "curves"},
        "datasets": {"curves": values},
        "concat": [_panel(f"zoom_{at}", task, scale, dashes, width) for at, task in enumerate(tasks)],
        "columns": 2,
        "resolve": {"scale": {"x": "shared", "color": "shared"}},
        "usermeta": {"embedOptions": {"downloadFileName": f"precedence-{quantity}"}},
    }


def overlay_svg(curves: Curves, quantity: str, titles: Mapping[str, str], baseline: str | None) -> str:
    """The same panels below one another as one `<svg>`, for a paper."""
    colours = _colours(titles, baseline)
    panels = []
    for task in _tasks(curves, quantity):
        found = [
            (run, curves[run][f"{quantity}/{task}"]) for run in titles if f"{quantity}/{task}" in curves.get(run, {})
        ]
        lines = [Curve(titles[run], colours[run], list(zip(points["x"], points["y"], strict=True)))
                 for run, points in found]  # fmt: skip
        panels.append(curves_svg(f"{QUANTITIES[quantity]}: {task}", lines))
    height = HEIGHT * len(panels)
    inner = "".join(f'<g transform="translate(0 {HEIGHT * at})">{panel}</g>' for at, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
        f"{inner}</svg>"
    )


def _tasks(curves: Curves, quantity: str) -> list[str]:
    series = [name for run in curves for name in curves[run] if name.startswith(f"{quantity}/")]
    return [name.partition("/")[2] for name in dict.fromkeys(series)]


def _colours(titles: Mapping[str, str], baseline: str | None) -> dict[str, str]:
    others = [run for run in titles if run != baseline]
    found = {run: OKABE_ITO[at % len(OKABE_ITO)] for at, run in enumerate(others)}
    return found | ({baseline: GREY} if baseline else {})


def _points(curves: Curves, series: str, task: str, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [(title, curves[run][series]) for run, title in titles.items() if series in curves.get(run, {})]
    return [
        {"step": step, "value": value, "run": title, "task": task}
        for title, points in found
        for step, value in zip(points["x"], points["y"], strict=True)
    ]


def _panel(zoom: str, task: str, scale: dict[str, Any], dashes: dict[str, Any], width: int) -> dict[str, Any]:
    legend = {"title": None, "orient": "top", "labelLimit": 260}
    kinds = {"run": "nominal", "step": "quantitative", "value": "quantitative"}
    return {
        "title": {"text": task, "anchor": "start", "fontSize": 13},
        "width": width,
        "height": 200,
        "transform": [{"filter": {"field": "task", "equal": task}}],
        "params": [{"name": zoom, "select": {"type": "interval", "encodings": ["x"]}, "bind": "scales"}],
        "mark": {"type": "line", "strokeWidth": 1.6, "clip": True},
        "encoding": {
            "x": {"field": "step", "type": "quantitative", "title": "Step"},
            "y": {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}},
            "color": {"field": "run", "type": "nominal", "scale": scale, "legend": legend},
            "strokeDash": {"field": "run", "type": "nominal", "scale": dashes, "legend": None},
            "tooltip": [{"field": name, "type": kind} for name, kind in kinds.items()],
        },
    }
