"""What of an event can be shared, and how often a group does each: its category, or the item itself where a log has no
categories; its brand, price level and time of day.

A user's *share* of a value is the part of the user's own events that have it, so that busy users count no more than
others; a group's share is the mean of its users' shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import LEVELS, Histories
from core.data.parquet import Array

HOURS = (0, 6, 10, 14, 18, 22)  # first hour of each part of the day
ITEM = "item"
PARTS = ("night (0–6)", "morning (6–10)", "midday (10–14)", "afternoon (14–18)", "evening (18–22)", "late (22–24)")


@dataclass(frozen=True)
class Facet:
    """One side of every event. `number` [E] points into `values`; 0 is unknown and counts nowhere."""

    name: str
    title: str
    values: Array  # [n] str, values[0] is unknown
    number: Array  # [E]


@dataclass(frozen=True)
class Shares:
    """Of one facet and G users: by value, the mean and spread of the users' shares, and how many users have any."""

    facet: Facet
    users: int  # G, those with at least one known event
    mean: NDArray[np.float64]  # [n]
    spread: NDArray[np.float64]  # [n], standard deviation over users
    having: NDArray[np.int64]  # [n] users
    events: NDArray[np.int64]  # [n]


def facets(histories: Histories) -> tuple[Facet, ...]:
    """The facets of a source; one that it knows nothing about is left out, and items speak where no category does."""
    hour = histories.time // 3600 % 24
    part = np.searchsorted(np.array(HOURS), hour, side="right")
    levels = np.array(["", *(f"{level} of {LEVELS}" for level in range(1, LEVELS + 1))], dtype=object)
    items = np.where(histories.items.title == "", histories.items.name, histories.items.title)
    found = (
        Facet("category", "Category", histories.names["category"], histories.category)
        if histories.category.any()
        else Facet(ITEM, "Item", items, histories.item.astype(np.int64)),
        Facet("brand", "Brand", histories.names["brand"], histories.brand),
        Facet("price_level", "Price level", levels, histories.price_level.astype(np.int64)),
        Facet("time_of_day", "Time of day", np.array(["", *PARTS], dtype=object), part if _by_hour(hour) else 0 * part),
    )
    return tuple(facet for facet in found if len(np.unique(facet.number[facet.number > 0])) > 1)


def _by_hour(hour: Array) -> bool:
    """A source that knows days alone has every event at one hour."""
    return len(hour) > 0 and bool((hour != hour[0]).any())


def shares(histories: Histories, facet: Facet, users: Array | None = None) -> Shares:
    """How often the users [G] (numbers; None: all) do each value of a facet."""
    if users is None:
        at, owner, group = slice(None), histories.user, len(histories)
    else:
        sizes = histories.offsets[users + 1] - histories.offsets[users]
        owner = np.repeat(np.arange(len(users)), sizes)
        at = np.arange(len(owner)) + np.repeat(histories.offsets[users] - np.cumsum(sizes) + sizes, sizes)
        group = len(users)
    number, count = facet.number[at].astype(np.int64), len(facet.values)
    known = number > 0
    number, owner = number[known], owner[known]
    total = np.bincount(owner, minlength=group)
    pairs, times = np.unique(owner * count + number, return_counts=True)
    value = pairs % count
    share = times / total[pairs // count]
    active = int((total > 0).sum())
    mean = np.bincount(value, weights=share, minlength=count) / max(active, 1)
    square = np.bincount(value, weights=share**2, minlength=count) / max(active, 1)
    return Shares(
        facet=facet,
        users=active,
        mean=mean,
        spread=np.sqrt(np.maximum(square - mean**2, 0)),
        having=np.bincount(value, minlength=count),
        events=np.bincount(number, minlength=count),
    )
