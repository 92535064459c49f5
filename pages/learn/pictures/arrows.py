"""Two gradients with an angle between them, and what methods make of them: the methods' own code is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.lessons.lesson import Facts
from core.methods.registry import METHODS
from core.server.shared import calculator
from pages.shared.component import component

SECOND = 2.0  # length of the second task's gradient; the first one's is 1
NOTICED = 1e-3  # a product of update and gradient that is more than rounding

_component = component(
    "precedence_lesson_arrows", "learn/arrows.js", html='<div class="arrows"></div>', styles=("learn/arrows.css",)
)


def arrows(settings: Mapping[str, str], key: str, words: Mapping[str, str]) -> Facts:
    """`angle`: where the slider begins, in degrees; `methods`: kinds to choose from, with commas between."""
    kinds = settings.get("methods", "weighted_sum").split(",")
    with st.container(border=True):
        kind = kinds[0]
        if len(kinds) > 1:
            kind = st.segmented_control(
                words["method"], kinds, default=kind, required=True, key=f"{key}_method",
                format_func=lambda name: words["sum"] if name == "weighted_sum" else METHODS[name].title,
            )  # fmt: skip
        angle = st.slider(words["angle"], 0, 180, int(settings.get("angle", "60")), 5, key=f"{key}_angle")
        with st.spinner(words["asking"]):
            update, (first, second) = _update(kind, angle)
        _component(
            key=f"{key}_arrows",
            data={
                "gradients": [list(pair) for pair in _gradients(angle)],
                "update": update,
                "words": {name: words[name] for name in ("first", "second", "update")},
            },
            height="content",
        )
        st.caption(words["tinted"])
        st.markdown(
            f"{words['first']} {_goes(first, words)} · {words['second']} {_goes(second, words)}"
            f" · {words['length']} {math.hypot(*update):.2f}"
        )
    tried: set[str] = st.session_state.setdefault(f"{key}_tried", set())
    tried.add(kind)
    nothing = math.hypot(*update) < NOTICED
    return {"angle": angle, "harms": first < -NOTICED, "nothing": nothing, "tried": len(tried)}


def _goes(product: float, words: Mapping[str, str]) -> str:
    """What a small step along the update does to a loss: d · g is how fast it falls."""
    if abs(product) < NOTICED:
        return words["stays"]
    return words["falls" if product > 0 else "rises"].format(abs(product))


def _gradients(angle: int) -> tuple[tuple[float, float], tuple[float, float]]:
    turned = math.radians(angle)
    return (1.0, 0.0), (SECOND * math.cos(turned), SECOND * math.sin(turned))


@st.cache_data(max_entries=500, show_spinner=False)
def _update(kind: str, angle: int) -> tuple[list[float], list[float]]:
    """(the update d, its products d · g with both gradients)."""
    gradients = _gradients(angle)
    asked = {"gradients": [list(pair) for pair in gradients], "multiplier": 1.0, "methods": [kind]}
    answer: dict[str, Any] = calculator().submit("directions", asked).result()
    update = [float(value) for value in answer["methods"][kind]["update"]]
    return update, [sum(d * g for d, g in zip(update, pair, strict=True)) for pair in gradients]
