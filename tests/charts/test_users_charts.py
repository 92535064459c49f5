"""Pictures of users: what is drawn is what was given, and bars stand above their events."""

from __future__ import annotations

import altair as alt
import pytest

from core.charts import users

EVENTS = [
    {"place": 0, "when": "Mon", "behaviour": "click", "title": "<b>Tea</b>", "category": "tea", "brand": "b",
     "price": 2, "attention": None},
    {"place": 1, "when": "Tue", "behaviour": "purchase", "title": "Cup", "category": "cup", "brand": "b", "price": None,
     "attention": 1.0},
]  # fmt: skip


@pytest.mark.parametrize(
    "spec",
    [
        users.history(EVENTS, ["click", "purchase"], True),
        users.history(EVENTS, ["click", "purchase"], False),
        users.bars([{"name": "tea", "share": 0.5, "everyone": 0.2}], "share", "everyone"),
        users.bars([{"name": "tea", "share": 0.5}], "share"),
        users.difference([{"name": "tea", "lift": 2, "low": 1.5, "high": 3, "share": 0.4, "base": 0.2}], "A", "B"),
    ],
)
def test_every_picture_is_valid_vega_lite(spec):
    alt.Chart.from_dict(spec)


def test_attention_shares_the_events_axis():
    spec = users.history(EVENTS, ["click", "purchase"], True)
    assert len(spec["vconcat"]) == 2
    assert spec["resolve"] == {"scale": {"x": "shared"}}
    assert len(users.history(EVENTS, ["click"], False)["vconcat"]) == 1


def test_a_kind_of_behaviour_has_one_colour_everywhere():
    assert users.behaviour_colours(["cart", "click"])["click"] == users.behaviour_colours(["click"])["click"]
    colours = users.behaviour_colours(["click", "bookmark", "cart", "purchase", "gaze"])
    assert len({colours[name] for name in ("click", "bookmark", "cart", "purchase")}) == 4
