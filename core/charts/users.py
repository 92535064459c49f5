"""Pictures of users as Vega-Lite specs: a history with its attention, price levels, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.charts.palette import GREY, OKABE_ITO

BEHAVIOURS = ("click", "bookmark", "cart", "purchase", "return", "national brand", "private label")
COLOURS = (OKABE_ITO[0], OKABE_ITO[3], OKABE_ITO[1], OKABE_ITO[2], OKABE_ITO[4], OKABE_ITO[0], OKABE_ITO[1])
SHAPES = ("circle", "diamond", "square", "triangle-up", "triangle-down", "circle", "square")


def behaviour_colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each kind of behaviour, the same wherever it is drawn."""
    known = dict(zip(BEHAVIOURS, COLOURS, strict=True))
    return {name: known.get(name, OKABE_ITO[at % len(OKABE_ITO)]) for at, name in enumerate(names)}


def history(events: Sequence[Mapping[str, Any]], behaviours: Sequence[str], attended: bool) -> dict[str, Any]:
    """A user's events from left (oldest) to right, a lane a behaviour; with `attended` the attention as bars above.

    An event has place, when, behaviour, title, category, brand, price, attention (None: not read).
    """
    colours = behaviour_colours(behaviours)
    shapes = dict(zip(BEHAVIOURS, SHAPES, strict=True))
    colour = {
        "field": "behaviour",
        "type": "nominal",
        "scale": {"domain": list(behaviours), "range": [colours[name] for name in behaviours]},
        "legend": None,
    }
    tips = [
        {"field": name, "type": "nominal", "title": title}
        for name, title in (("title", "Item"), ("behaviour", "What"), ("when", "When"), ("category", "Category"),
                            ("brand", "Brand"), ("price", "Price level"))
    ]  # fmt: skip
    if attended:
        tips.append({"field": "attention", "type": "quantitative", "format": ".1%", "title": "Attention"})
    across = {"field": "place", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.15}}
    lanes: dict[str, Any] = {
        "height": 24 * len(behaviours),
        "mark": {"type": "point", "filled": True, "size": 46, "opacity": 0.9},
        "encoding": {
            "x": across,
            "y": {
                "field": "behaviour",
                "type": "nominal",
                "sort": list(behaviours),
                "scale": {"domain": list(behaviours)},
                "axis": {"title": None, "grid": True, "ticks": False, "domain": False},
            },
            "color": colour,
            "shape": {
                "field": "behaviour",
                "type": "nominal",
                "scale": {
                    "domain": list(behaviours),
                    "range": [shapes.get(name, "circle") for name in behaviours],
                },
                "legend": None,
            },
            "tooltip": tips,
        },
    }
    parts = [_attention(across, colour, tips), lanes] if attended else [lanes]
    return {
        "data": {"values": list(events)},
        "vconcat": [{**part, "width": "container"} if len(parts) == 1 else part for part in parts],
        "spacing": 4,
        "resolve": {"scale": {"x": "shared"}},
        "config": {"view": {"stroke": None}},
    }


def _attention(across: dict[str, Any], colour: dict[str, Any], tips: list[dict[str, Any]]) -> dict[str, Any]:
    """Bars of the attention, over the lanes of the same events."""
    return {
        "height": 90,
        "mark": {"type": "bar"},
        "encoding": {
            "x": across,
            "y": {
                "field": "attention",
                "type": "quantitative",
                "axis": {"title": "attention", "format": ".0%", "tickCount": 3},
            },
            "color": colour,
            "tooltip": tips,
        },
    }


def strip(events: Sequence[Mapping[str, Any]], behaviours: Sequence[str], most: float) -> dict[str, Any]:
    """The attention to a user's events as bars, oldest on the left, up to `most`, so that several compare."""
    colours = behaviour_colours(behaviours)
    scale = {"domain": list(behaviours), "range": [colours[name] for name in behaviours]}
    tips = [
        {"field": "title", "type": "nominal", "title": "Item"},
        {"field": "behaviour", "type": "nominal", "title": "What"},
        {"field": "category", "type": "nominal", "title": "Category"},
        {"field": "attention", "type": "quantitative", "format": ".1%", "title": "Attention"},
    ]
    axis = {"title": None, "format": ".0%", "tickCount": 3}
    return {
        "data": {"values": list(events)},
        "height": 110,
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "place", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.15}},
            "y": {"field": "attention", "type": "quantitative", "axis": axis, "scale": {"domain": [0, most]}},
            "color": {"field": "behaviour", "type": "nominal", "scale": scale, "legend": None},
            "tooltip": tips,
        },
        "config": {"view": {"stroke": None}},
    }


def attention_map(cells: Sequence[Mapping[str, Any]], kinds: Sequence[str], ages: Sequence[str]) -> dict[str, Any]:
    """How far the attention to each kind and age of event lies from an equal share; a cell has kind, age, share, apart.

    The scale is the same on both sides of 0, so that the darker of two cells is the farther from an equal share.
    """
    most = max((abs(float(cell["apart"])) for cell in cells), default=0.0) or 1.0
    sign = {"field": "apart", "type": "quantitative", "format": "+.0%"}
    base = {
        "x": {
            "field": "age",
            "type": "ordinal",
            "sort": list(ages),
            "axis": {"title": "age of the event", "labelAngle": 0},
        },
        "y": {"field": "kind", "type": "nominal", "sort": list(kinds), "axis": {"title": None}},
    }
    tips = [
        {"field": "kind", "title": "Kind"},
        {"field": "age", "title": "Age"},
        {"field": "share", "format": ".1%", "title": "Share"},
        {**sign, "title": "More than an equal share"},
    ]
    colour = {
        "field": "apart",
        "type": "quantitative",
        "scale": {"domain": [-most, 0, most], "range": [OKABE_ITO[4], "#E9EAEC", OKABE_ITO[0]]},
        "legend": None,
    }
    strong = {"test": f"abs(datum.apart) > {0.6 * most}", "value": "white"}
    return {
        "data": {"values": list(cells)},
        "height": {"step": 30},
        "layer": [
            {"mark": "rect", "encoding": {**base, "color": colour, "tooltip": tips}},
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {**base, "text": sign, "color": {"condition": strong, "value": "#1A1C20"}, "tooltip": tips},
            },
        ],
        "config": {"view": {"stroke": None}},
    }


def bars(rows: Sequence[Mapping[str, Any]], title: str, base: str | None = None) -> dict[str, Any]:
    """Horizontal bars of `share` (0..1) by `name`; a grey tick where everyone stands, when `base` names that column."""
    across = {"type": "quantitative", "axis": {"format": ".1~%", "title": title, "tickCount": 4}}
    order = [row["name"] for row in rows]
    down = {"field": "name", "type": "nominal", "sort": order, "axis": {"title": None, "labelLimit": 180}}
    tips = [{"field": "name", "title": " "}, {"field": "share", "format": ".1%", "title": title}]
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "color": OKABE_ITO[0], "height": {"band": 0.65}},
            "encoding": {"x": {"field": "share", **across}, "y": down, "tooltip": tips},
        }
    ]
    if base is not None:
        tips.append({"field": base, "format": ".1%", "title": "everyone"})
        layers.append(
            {
                "mark": {"type": "tick", "color": GREY, "thickness": 3, "height": {"band": 0.9}},
                "encoding": {"x": {"field": base, **across}, "y": down, "tooltip": tips},
            }
        )
    return {"data": {"values": list(rows)}, "layer": layers, "height": {"step": 22}}


def difference(rows: Sequence[Mapping[str, Any]], first: str, second: str) -> dict[str, Any]:
    """Two groups on one scale: a lift above 1 is the first group's trait, with its 95 % interval.

    A row has name, lift, low, high, share, base.
    """
    order = [row["name"] for row in rows]
    down = {"field": "name", "type": "nominal", "sort": order, "axis": {"title": None, "labelLimit": 200}}
    scale = {"type": "log", "nice": False}
    axis = {"title": f"times as often in {first} as in {second}", "format": "~g", "tickCount": 5}
    colour = {
        "condition": {"test": "datum.lift >= 1", "value": OKABE_ITO[4]},
        "value": OKABE_ITO[2],
    }
    tips = [
        {"field": "name", "title": " "},
        {"field": "share", "format": ".1%", "title": first},
        {"field": "base", "format": ".1%", "title": second},
        {"field": "lift", "format": ".2f", "title": "lift"},
    ]
    return {
        "data": {"values": list(rows)},
        "height": {"step": 20},
        "layer": [
            {
                "mark": {"type": "rule", "strokeDash": [3, 3], "color": GREY},
                "encoding": {"x": {"datum": 1, "type": "quantitative", "scale": scale}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": {"field": "low", "type": "quantitative", "scale": scale, "axis": axis},
                    "x2": {"field": "high"},
                    "y": down,
                    "color": colour,
                    "tooltip": tips,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "x": {"field": "lift", "type": "quantitative", "scale": scale},
                    "y": down,
                    "color": colour,
                    "tooltip": tips,
                },
            },
        ],
    }
