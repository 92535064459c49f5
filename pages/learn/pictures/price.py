"""What a limit costs, on the two tasks of the first lesson: the price λ(ε), and a fixed weight beside a limit.

L₁ = ½d², L₂ = ½(1 − d)², d the way from what the first task wants to what the second wants, 0 … 1. For a multiplier or
weight λ of the first task and a scale s of the second the point rests at d = s / (s + λ); a limit L₁ ≤ ε is met with
d = √(2ε), at the price λ = s(1/√(2ε) − 1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.charts.palette import GREY, OKABE_ITO
from core.lessons.lesson import Facts

LEAST, MOST = 0.01, 0.5  # of ε; at 0.5 the limit binds nothing
HEIGHT = 190  # pixels
NEAR = 0.05  # of the limit: so near a loss is said to meet it


def rest(weight: float, scale: float = 1.0) -> tuple[float, float]:
    """(L₁, L₂) where the point rests under a fixed weight of the first task."""
    way = scale / (scale + weight)
    return way**2 / 2, (1 - way) ** 2 / 2


def price_of(limit: float, scale: float = 1.0) -> float:
    """λ at rest under the limit ε."""
    return scale * max(0.0, 1 / math.sqrt(2 * limit) - 1)


def price(settings: Mapping[str, str], key: str, words: Mapping[str, str]) -> Facts:
    """`turn`: what the learner moves: `weight`, `limit` or `scale`; `limit`, `weight`: where the others stand."""
    limit, weight = float(settings.get("limit", "0.1")), float(settings.get("weight", "0"))
    turn = settings.get("turn", "limit")
    with st.container(border=True):
        if turn == "weight":
            weight = st.slider(words["by_hand"], 0.0, 6.0, weight, 0.05, key=f"{key}_weight")
            return _by_hand(weight, limit, words)
        if turn == "scale":
            scale = st.slider(words["scale"], 1.0, 8.0, 1.0, 0.5, key=f"{key}_scale")
            return _weight_or_limit(weight, limit, scale, words)
        limit = st.slider(words["limit"], LEAST, MOST, limit, 0.01, key=f"{key}_limit")
        return _curve(limit, words)


def _by_hand(weight: float, limit: float, words: Mapping[str, str]) -> Facts:
    first, second = rest(weight)
    _bars({words["first"]: first, words["second"]: second}, OKABE_ITO[:2], limit, words)
    st.markdown(f"λ {weight:.2f} · {words['first']} {first:.3f} · {words['second']} {second:.3f}")
    return {"weight": weight, "near": abs(first / limit - 1) <= NEAR}


def _weight_or_limit(weight: float, limit: float, scale: float, words: Mapping[str, str]) -> Facts:
    weighted, multiplier = rest(weight, scale)[0], price_of(limit, scale)
    losses = {words["with_weight"].format(weight): weighted, words["with_limit"]: limit}
    _bars(losses, (GREY, OKABE_ITO[0]), limit, words)
    st.markdown(words["scaled"].format(weighted, weighted / limit, multiplier))
    return {"scale": scale, "multiplier": multiplier}


def _curve(limit: float, words: Mapping[str, str]) -> Facts:
    multiplier = price_of(limit)
    grid = [LEAST + (MOST - LEAST) * (place / 80) ** 2 for place in range(81)]
    axes = {
        "x": {"field": "limit", "type": "quantitative", "title": words["limit"], "scale": {"domain": [0, MOST]}},
        "y": {"field": "price", "type": "quantitative", "title": "λ", "scale": {"domain": [0, 6.5]}},
    }
    here = {"values": [{"limit": limit, "price": multiplier}]}
    _draw(
        [
            {"data": {"values": [{"limit": at, "price": price_of(at)} for at in grid]},
             "mark": {"type": "line", "color": OKABE_ITO[0]}, "encoding": axes},
            {"data": here, "mark": {"type": "point", "size": 140, "filled": True, "opacity": 1, "color": OKABE_ITO[0]},
             "encoding": axes},
        ]
    )  # fmt: skip
    second = (1 - math.sqrt(2 * limit)) ** 2 / 2
    st.markdown(f"ε {limit:.2f} · **λ {multiplier:.2f}** · {words['second']} {second:.3f}")
    return {"limit": limit, "multiplier": multiplier}


def _bars(losses: Mapping[str, float], colours: Sequence[str], limit: float, words: Mapping[str, str]) -> None:
    values = [{"name": name, "loss": loss} for name, loss in losses.items()]
    bars = {
        "data": {"values": values},
        "mark": {"type": "bar", "height": 26},
        "encoding": {
            "x": {"field": "loss", "type": "quantitative", "title": words["loss"],
                  "scale": {"domain": [0, 0.5]}, "axis": {"tickCount": 6}},
            "y": {"field": "name", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 150}},
            "color": {"field": "name", "type": "nominal", "legend": None, "sort": None,
                      "scale": {"domain": list(losses), "range": list(colours)}},
        },
    }  # fmt: skip
    at = {"data": {"values": [{"at": limit, "name": f"ε {limit:g}"}]}}
    along = {"x": {"field": "at", "type": "quantitative"}}
    line = {**at, "mark": {"type": "rule", "strokeDash": [6, 4], "color": GREY, "size": 2}, "encoding": along}
    named = {
        **at,
        "mark": {"type": "text", "align": "left", "dx": 5, "color": GREY, "y": 8},
        "encoding": {**along, "text": {"field": "name"}},
    }
    _draw([bars, line, named])


def _draw(layers: list[dict[str, Any]]) -> None:
    st.vega_lite_chart(spec={"height": HEIGHT, "layer": layers}, width="stretch")
