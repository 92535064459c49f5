"""What users did over sixty days: clicks, bookmarks, cart additions and purchases, and the needs behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.causes import DAY, DAYS, Causes, make_causes
from core.data.sources.shop.days import BEFORE, BEHAVIOURS, COLUMNS, SCENARIOS, Days
from core.data.sources.shop.fits import Fits, make_fits
from core.data.sources.shop.needs import Needs
from core.data.sources.shop.queries import Queries
from core.data.sources.shop.random import Array
from core.data.sources.shop.users import Users
from core.data.sources.shop.visits import visit_by_advertisements, visit_by_taste, visit_for_needs
from core.data.sources.shop.world import World

EPOCH = 1_772_323_200  # 2026-03-01 00:00:00 UTC, the first second of the sixty days


@dataclass(frozen=True)
class Events:
    """E events sorted by user, then time."""

    user: Array
    time: Array  # [E] seconds since EPOCH
    session: Array  # [E] number, over all users
    product: Array
    behaviour: Array  # [E] number into BEHAVIOURS
    scenario: Array  # [E] number into SCENARIOS
    query: Array  # [E] query number, or -1

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True)
class Past:
    """What was done, and why: all but the events is hidden."""

    causes: Causes
    fits: Fits
    needs: Needs
    events: Events


def make_past(world: World, users: Users, queries: Queries) -> Past:
    """The events of the fixed seed, about 240,000, and the needs that had not ended before the first day."""
    causes, fits = make_causes(world, users), make_fits(world, users)
    days = Days(world, users, queries, causes, fits)
    for day in range(-BEFORE, DAYS):
        days.buy(day)
        days.begin(day)
        visit_for_needs(days, day)
        visit_by_taste(days, day)
        visit_by_advertisements(days, day)
    columns = {name: np.concatenate([each[name] for each in days.events]) for name in COLUMNS}
    inside = (columns["time"] >= 0) & (columns["time"] < DAYS * DAY)
    columns = {name: values[inside] for name, values in columns.items()}
    order = np.lexsort((columns["behaviour"], columns["session"], columns["time"], columns["user"]))
    columns = {name: values[order] for name, values in columns.items()}
    _, columns["session"] = np.unique(columns["session"], return_inverse=True)
    kept = np.flatnonzero((days.needs.end > 0) & (days.needs.start < DAYS * DAY))
    return Past(causes, fits, days.needs.taken(kept), Events(**columns))


__all__ = ["BEHAVIOURS", "DAY", "DAYS", "EPOCH", "SCENARIOS", "Events", "Past", "make_past"]
