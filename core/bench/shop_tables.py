"""Tables of the simulated shop's events in which each cause is to be seen; the hidden truth is not needed for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.parquet import Array
from core.data.sources.shop.causes import DAY, DAYS
from core.data.sources.shop.columns import Shop
from core.data.sources.shop.days import BOOKMARK, BOUGHT, CARTED, CLICK

WINDOWS = ((-7.0, -3.0), (-3.0, -0.01), (0.1, 3.0), (3.0, 7.0), (7.0, 14.0), (14.0, 21.0), (21.0, 28.0))


def aftermath(shop: Shop) -> list[dict[str, Any]]:
    """Clicks outside advertisements a day in the leaf of a purchase, in its companions, and in any other leaf.

    Per purchase, by days since it; only purchases whose whole window lies within the sixty days. Lasting goods and what
    is used up apart. `other` is per leaf, so that it compares with one leaf of the others.
    """
    world, events, causes = shop.world, shop.events, shop.past.causes
    leaves = len(world.leaves)
    looked = (events.behaviour == CLICK) & (events.scenario != 2)
    key = events.user * leaves + world.leaf[events.product]
    bought = np.flatnonzero(events.behaviour == BOUGHT)
    own = world.leaf[events.product[bought]]
    everything = events.user[looked], events.time[looked]
    rows = []
    for low, high in WINDOWS:
        first, last = events.time[bought] + int(low * DAY), events.time[bought] + int(high * DAY)
        whole = (first >= 0) & (last <= DAYS * DAY)
        days = high - low

        def mean(ok: Array, asked: Array, keys: Array, times: Array, first: Array = first, last: Array = last) -> float:
            return float(between(keys, times, asked[ok], first[ok], last[ok]).mean())

        row: dict[str, Any] = {"from_day": low, "to_day": high, "purchases": int(whole.sum())}
        for name, kind in (("lasting", ~causes.used_up[own]), ("used_up", causes.used_up[own])):
            same = mean(whole & kind, events.user[bought] * leaves + own, key[looked], events.time[looked])
            row[f"same_{name}"] = round(same / days, 4)
        pairs = [(at, other) for at in np.flatnonzero(whole) for other in causes.companions[own[at]]]
        at, other = (np.array(each) for each in zip(*pairs, strict=True))
        companion = between(
            key[looked], events.time[looked], events.user[bought[at]] * leaves + other, first[at], last[at]
        )
        row["companion"] = round(float(companion.mean()) / days, 4)
        row["other"] = round(mean(whole, events.user[bought], *everything) / days / leaves, 4)
        rows.append(row)
    return rows


def between(keys: Array, times: Array, asked: Array, first: Array, last: Array) -> Array:
    """[n] how many (keys, times) [m] have the asked key and a time from `first` to before `last`."""
    span = 4 * DAYS * DAY
    order = np.sort(keys * span + times)
    return np.searchsorted(order, asked * span + last) - np.searchsorted(order, asked * span + first)


def carts(shop: Shop) -> list[dict[str, Any]]:
    """Of items clicked, bookmarked or put into the cart: the share bought by the same user within so many days."""
    events = shop.events
    pair = events.user * shop.world.products + events.product
    bought = events.behaviour == BOUGHT
    rows = []
    for name, kind in (("click", CLICK), ("bookmark", BOOKMARK), ("cart", CARTED)):
        chosen = (events.behaviour == kind) & (events.time < (DAYS - 7) * DAY)
        row: dict[str, Any] = {"after": name, "events": int(chosen.sum())}
        for days in (1, 3, 7):
            later = between(
                pair[bought], events.time[bought], pair[chosen], events.time[chosen], events.time[chosen] + days * DAY
            )
            row[f"bought_within_{days}"] = round(float((later > 0).mean()), 4)
        rows.append(row)
    return rows


def returns(shop: Shop) -> list[dict[str, Any]]:
    """After a look of each kind, the share of users who click in its leaf 2–7 days and 28–35 days later.

    Advertisements apart. `chance` is the same for a leaf that another event, drawn at random, belongs to.
    """
    world, events = shop.world, shop.events
    leaves, random = len(world.leaves), np.random.default_rng(0)
    leaf = world.leaf[events.product]
    looked = (events.behaviour == CLICK) & (events.scenario != 2)
    key, time = (events.user * leaves + leaf)[looked], events.time[looked]
    early = events.time < (DAYS - 35) * DAY
    click = events.behaviour == CLICK
    kinds = {
        "search click": click & (events.scenario == 0),
        "recommendation click": click & (events.scenario == 1),
        "advertisement click": click & (events.scenario == 2),
        "bookmark": events.behaviour == BOOKMARK,
        "cart": events.behaviour == CARTED,
        "purchase": events.behaviour == BOUGHT,
    }
    rows = []
    for name, kind in kinds.items():
        chosen = np.flatnonzero(kind & early)
        own = events.user[chosen] * leaves + leaf[chosen]
        other = events.user[chosen] * leaves + leaf[random.integers(0, len(leaf), len(chosen))]
        row: dict[str, Any] = {"after": name, "events": len(chosen)}
        for low, high in ((2, 7), (28, 35)):
            first, last = events.time[chosen] + low * DAY, events.time[chosen] + high * DAY
            row[f"days_{low}_{high}"] = round(float((between(key, time, own, first, last) > 0).mean()), 4)
            row[f"chance_{low}_{high}"] = round(float((between(key, time, other, first, last) > 0).mean()), 4)
        rows.append(row)
    return rows


def drift(shop: Shop) -> list[dict[str, Any]]:
    """Share of clicks on recommendations, a fortnight, in the five leaves of the first and of the last taste.

    Users who drift and who do not, and both tastes, are of the hidden truth. `chance` is the share in the five leaves
    of another user.
    """
    world, events, causes = shop.world, shop.events, shop.past.causes
    looked = (events.behaviour == CLICK) & (events.scenario == 1)
    leaf, other = world.leaf[events.product], np.random.default_rng(0).permutation(len(shop.users))
    first, last = (_strongest(taste) for taste in (causes.taste, causes.later))
    rows = []
    for start in (0, 14, 28, 46):
        inside = looked & (events.time >= start * DAY) & (events.time < (start + 14) * DAY)
        row: dict[str, Any] = {"from_day": start, "to_day": start + 14}
        for name, who in (("steady", causes.drift == 0), ("drifting", causes.drift > 0)):
            mine = inside & who[events.user]
            user, own = events.user[mine], leaf[mine]
            row |= {f"{name}_first": round(float(first[user, own].mean()), 3)}
            row |= {f"{name}_last": round(float(last[user, own].mean()), 3)}
        row["chance"] = round(float(first[other[events.user[inside]], leaf[inside]].mean()), 3)
        rows.append(row)
    return rows


def _strongest(taste: Array) -> Array:
    """[U, L] whether a leaf is among the five strongest."""
    found = np.zeros(taste.shape, dtype=bool)
    np.put_along_axis(found, np.argsort(-taste, axis=1, kind="stable")[:, :5], True, axis=1)
    return found
