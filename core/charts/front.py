"""The front of a sweep in two dimensions, in three, and across many tasks: better is down on every axis.

Colour is the task, so the axes carry it; symbol and dash are the method; grey is the pinned baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

View = Literal["two", "three", "all"]
VIEWS: dict[View, str] = {"two": "Two tasks", "three": "Three tasks", "all": "All tasks"}

TEXT, FAINT, LINE, BASELINE = "text", "faint", "line", "baseline"
"""Colours of the theme, put in by the browser: a figure is the same in light and dark."""

SYMBOLS = ("circle", "square-open", "diamond-open", "triangle-up-open", "x-thin-open", "pentagon-open", "star-open")
SYMBOLS_3D = ("circle", "square", "diamond", "cross", "x")  # open ones vanish in WebGL
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
FAINTNESS = 0.3  # opacity of what another point beats
NOT_KEPT = "no model within all bounds"


@dataclass(frozen=True)
class Mark:
    """One setting as it is drawn; values by task, lower is better."""

    number: int
    method: str  # its title
    label: str
    values: Mapping[str, float]
    half: Mapping[str, float | None]  # of the 95 % interval over seeds
    dominated: bool = False
    kept: bool = True  # its own bounds, by every seed
    chosen: bool = False
    baseline: bool = False


@dataclass(frozen=True)
class Axis:
    """One task's axis."""

    task: str
    title: str
    colour: str


def front(marks: Sequence[Mark], axes: Sequence[Axis], view: View, measure: str) -> dict[str, Any]:
    """A Plotly figure as plain data: `data`, `layout`, and `alt`, its takeaway in words.

    `view` two and three draw the first axes; where there are too few of them, fewer are drawn.
    """
    if view == "all" or len(axes) == 1:
        return _figure(_parallel(marks, axes, measure), marks, axes, measure)
    if view == "three" and len(axes) > 2:
        return _figure(_three(marks, axes[:3], measure), marks, axes[:3], measure)
    return _figure(_two(marks, axes[:2], measure), marks, axes[:2], measure)


def _figure(parts: tuple[list[dict[str, Any]], dict[str, Any]], marks: Sequence[Mark], axes: Sequence[Axis],
            measure: str) -> dict[str, Any]:  # fmt: skip
    data, layout = parts
    common = {
        "margin": {"l": 60, "r": 20, "t": 10, "b": 50},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 12},
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "uirevision": "-".join(axis.task for axis in axes) + measure,
    }
    return {"data": data, "layout": {**common, **layout}, "alt": _alt(marks, axes, measure)}


def _alt(marks: Sequence[Mark], axes: Sequence[Axis], measure: str) -> str:
    """What the picture shows, for who cannot see it."""
    titles = ", ".join(axis.title for axis in axes)
    if not marks:
        return f"Front of {titles}: no point is finished yet."
    best = [min(marks, key=lambda mark: mark.values[axis.task]) for axis in axes]
    ends = "; ".join(
        f"lowest {axis.title}: {mark.values[axis.task]:.4f} by {mark.label}"
        for axis, mark in zip(axes, best, strict=True)
    )
    on_front = sum(not mark.dominated for mark in marks)
    return f"{measure} of {titles}; {on_front} of {len(marks)} settings are on the front; {ends}."


# ------------------------------------------------------------------ two tasks


def _two(marks: Sequence[Mark], axes: Sequence[Axis], measure: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    x, y = axes
    data: list[dict[str, Any]] = []
    for place, (method, own) in enumerate(_by_method(marks).items()):
        line = sorted((mark for mark in own if not mark.dominated), key=lambda mark: mark.values[x.task])
        if len(line) > 1:
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": [mark.values[x.task] for mark in line],
                    "y": [mark.values[y.task] for mark in line],
                    "line": {"color": LINE, "width": 1.5, "dash": DASHES[place % len(DASHES)]},
                    "hoverinfo": "skip",
                    "showlegend": False,
                }
            )
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": method,
                "x": [mark.values[x.task] for mark in own],
                "y": [mark.values[y.task] for mark in own],
                "error_x": _bars(own, x.task),
                "error_y": _bars(own, y.task),
                "marker": _markers(own, SYMBOLS[place % len(SYMBOLS)]),
                **_spoken(own, axes),
            }
        )
    layout = {"xaxis": _axis(x, measure, marks), "yaxis": _axis(y, measure, marks), "annotations": [_corner()]}
    return data, layout


def _corner() -> dict[str, Any]:
    return {
        "text": "↙ better",
        "xref": "paper",
        "yref": "paper",
        "x": 0.01,
        "y": 0.01,
        "showarrow": False,
        "font": {"color": FAINT, "size": 12},
    }


def _bars(marks: Sequence[Mark], task: str) -> dict[str, Any]:
    halves = [mark.half[task] or 0.0 for mark in marks]
    return {"type": "data", "array": halves, "visible": any(halves), "color": FAINT, "thickness": 1, "width": 2}


def _markers(marks: Sequence[Mark], symbol: str) -> dict[str, Any]:
    return {
        "symbol": ["diamond-x" if mark.baseline else "x" if not mark.kept else symbol for mark in marks],
        "size": [15 if mark.chosen else 9 for mark in marks],
        "opacity": [FAINTNESS if mark.dominated and not mark.chosen else 1.0 for mark in marks],
        "color": [BASELINE if mark.baseline else TEXT for mark in marks],
        "line": {"width": [3 if mark.chosen else 1.5 for mark in marks], "color": TEXT},
    }


def _spoken(marks: Sequence[Mark], axes: Sequence[Axis]) -> dict[str, Any]:
    """What the pointer shows, and the setting's number for a click."""
    lines = []
    for mark in marks:
        told = [f"<b>{_text(mark.label)}</b>"]
        for axis in axes:
            half = mark.half[axis.task]
            told.append(f"{_text(axis.title)} {mark.values[axis.task]:.4f}" + (f" ± {half:.4f}" if half else ""))
        told += ["beaten by another setting"] if mark.dominated else []
        told += [] if mark.kept else [NOT_KEPT]
        lines.append("<br>".join(told))
    return {
        "customdata": [mark.number for mark in marks],
        "hovertext": lines,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _dot(axis: Axis) -> str:
    """The task's colour beside its name; as colour of the name itself it would be hard to read on a dark page."""
    return f'<span style="color:{axis.colour}">●</span> '


def _axis(axis: Axis, measure: str, marks: Sequence[Mark]) -> dict[str, Any]:
    """Without a point it has no numbers: Plotly's own from −1 to 6 would be read as losses."""
    return {
        "showticklabels": bool(marks),
        "title": {"text": f"{_dot(axis)}{_text(axis.title)}: {measure.lower()}"},
        "gridcolor": LINE,
        "zeroline": False,
        "automargin": True,
        "exponentformat": "none",
    }


# ------------------------------------------------------------------ three tasks


def _three(marks: Sequence[Mark], axes: Sequence[Axis], measure: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    data = []
    for place, (method, own) in enumerate(_by_method(marks).items()):
        for beaten in (False, True):  # one opacity a trace: plotly.js knows no list of them in three dimensions
            some = [mark for mark in own if mark.dominated is beaten]
            if not some:
                continue
            data.append(
                {
                    "type": "scatter3d",
                    "mode": "markers",
                    "name": method,
                    "legendgroup": method,
                    "showlegend": not beaten or all(mark.dominated for mark in own),
                    **{name: [mark.values[axis.task] for mark in some] for name, axis in zip("xyz", axes, strict=True)},
                    "opacity": FAINTNESS if beaten else 1.0,
                    "marker": {
                        "symbol": SYMBOLS_3D[place % len(SYMBOLS_3D)],
                        "size": [10 if mark.chosen else 6 for mark in some],
                        "color": [BASELINE if mark.baseline else TEXT if place == 0 else FAINT for mark in some],
                    },
                    **_spoken(some, axes),
                }
            )
    scene = {
        f"{name}axis": {
            "title": {"text": _text(axis.title), "font": {"color": axis.colour}},
            "gridcolor": BASELINE,
            "showbackground": False,
            "showline": True,
            "linecolor": BASELINE,
            "zeroline": False,
            "nticks": 5,
        }
        for name, axis in zip("xyz", axes, strict=True)
    }
    camera = {"eye": {"x": 1.35, "y": 1.35, "z": 0.8}}
    return data, {
        "scene": {**scene, "aspectmode": "cube", "camera": camera},
        "margin": {"l": 0, "r": 0, "t": 30, "b": 0},
    }


# ------------------------------------------------------------------ all tasks


def _parallel(marks: Sequence[Mark], axes: Sequence[Axis], measure: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A line a setting across one axis a task; each axis runs from its best value below to its worst above."""
    ranges = {axis.task: _range([mark.values[axis.task] for mark in marks]) if marks else (0.0, 1.0) for axis in axes}
    data = []
    for place, (method, own) in enumerate(_by_method(marks).items()):
        for order, mark in enumerate(own):
            heights = [
                (mark.values[axis.task] - ranges[axis.task][0]) / (ranges[axis.task][1] - ranges[axis.task][0])
                for axis in axes
            ]
            spoken = _spoken([mark], axes)
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": method,
                    "legendgroup": method,
                    "showlegend": order == 0,
                    "x": list(range(len(axes))),
                    "y": heights,
                    "opacity": FAINTNESS if mark.dominated and not mark.chosen else 1.0,
                    "line": {
                        "color": BASELINE if mark.baseline else TEXT if mark.chosen or place == 0 else FAINT,
                        "width": 4 if mark.chosen or mark.baseline else 2 if place == 0 else 1,
                        "dash": DASHES[place % len(DASHES)],
                    },
                    "marker": {"color": [axis.colour for axis in axes], "size": 7},
                    **{name: value * len(axes) for name, value in spoken.items() if name != "hovertemplate"},
                    "hovertemplate": spoken["hovertemplate"],
                }
            )
    layout = {
        "xaxis": {
            "tickvals": list(range(len(axes))),
            "ticktext": [_text(axis.title) for axis in axes],
            "showgrid": True,
            "gridcolor": LINE,
            "zeroline": False,
            "range": [-0.3, len(axes) - 0.7],
        },
        "yaxis": {
            "title": {"text": f"{measure}, better ↓"},
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "range": [-0.12, 1.12],
        },
        "annotations": _ends(axes, ranges),
    }
    return data, layout


def _ends(axes: Sequence[Axis], ranges: Mapping[str, tuple[float, float]]) -> list[dict[str, Any]]:
    """The best and the worst value at both ends of each axis."""
    return [
        {
            "x": place,
            "y": height,
            "text": f"{value:.4g}",
            "showarrow": False,
            "yshift": shift,
            "font": {"size": 11, "color": TEXT},
        }
        for place, axis in enumerate(axes)
        for height, shift, value in ((0.0, -14, ranges[axis.task][0]), (1.0, 14, ranges[axis.task][1]))
    ]


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _by_method(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.method, []).append(mark)
    for own in found.values():
        own.sort(key=lambda mark: mark.dominated)  # the legend shows the first of each method
    return found


def _text(words: str) -> str:
    """As plotly.js shows it letter by letter: it reads some markup in text."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
