"""Questions for sources that tell no more than what was done: what will the user do in the next session?

A moment is the start of a session (a pause of half an hour, or a basket). Ten candidates: up to three items of that
session, up to four that the user had before and that are not in it, the rest drawn from everybody's events. All five
tasks are stand-ins for the paper's and are called so on the card:

- ctr: is the item in the next session?
- l2r: the same, weighted by the kind of event: n_i = 1 where it is not, 2 clicked, 3 bookmarked, 4 put into the cart
  or of no known kind, 8 bought.
- ppp: the price level of an item of the next session, drawn at random.
- follow: something of the item's brand within a week. shop: something from the candidate's shop within a week.
"""

from __future__ import annotations

import numpy as np

from core.data.histories.histories import DAY, Histories
from core.data.histories.questions import Questions, soon, times_before
from core.data.parquet import Array

PAUSE = 1800  # seconds without an event that end a session
CANDIDATES, POSITIVES, REPEATS = 10, 3, 4
MOST_MOMENTS = 12_000
FIRST = 0.3  # moments begin when so large a share of the events has happened: users have some history by then
TRAIN, VALIDATION = 0.7, 0.15  # shares of moments in order of time
HORIZON = 7 * DAY
SEED = 20_180_528
WEIGHT = {"click": 2.0, "bookmark": 3.0, "cart": 4.0, "purchase": 8.0}
OTHER_WEIGHT = 4.0


def ask_next(histories: Histories) -> Questions:
    """At most MOST_MOMENTS sessions, each with CANDIDATES items; what is given back is no answer."""
    histories = histories.without_returns()
    random = np.random.default_rng(SEED)
    first, end = sessions(histories, random, float(np.quantile(histories.time, FIRST)), MOST_MOMENTS)
    user, time = histories.user[first], histories.time[first]
    order = np.argsort(time, kind="stable")
    first, end, user, time = first[order], end[order], user[order], time[order]
    split, borders = _split(time)
    moment = np.repeat(np.arange(len(first)), CANDIDATES)
    item, shop, inside = candidates(histories, first, end, random)
    asked_user, asked_time = user[moment], time[moment]
    until = np.minimum(asked_time + HORIZON, borders[split[moment]])
    known = until - asked_time >= DAY
    items = histories.items

    def within_a_week(kind: Array, own: Array) -> Array:
        happened = soon(histories.user, kind, histories.time, (asked_user, own, asked_time - 1), until)
        return np.where(known & (own > 0), happened, np.nan)

    drawn = first + (random.random(len(first)) * (end - first)).astype(int)
    level = histories.price_level[drawn].astype(float)
    return Questions(
        user=user,
        time=time,
        split=split,
        moment=moment,
        item=item,
        shop=shop,
        ranking=ranking_features(histories, asked_user, asked_time, item, shop),
        answers={
            "next": (inside > 0).astype(float),
            "ranked": (inside > 0).astype(float),
            "rank_weight": np.where(inside > 0, inside, 1.0),
            "next_level": np.where(level > 0, level - 1, np.nan)[moment],
            "follows_brand": within_a_week(items.brand[histories.item], items.brand[item]),
            "prefers_shop": within_a_week(histories.shop, shop),
        },
    )


def sessions(histories: Histories, random: np.random.Generator, earliest: float, most: int) -> tuple[Array, Array]:
    """First and one past the last event of at most so many sessions, from `earliest` on, of users with a history."""
    user, time = histories.user, histories.time
    starts = np.flatnonzero(np.r_[True, (user[1:] != user[:-1]) | (np.diff(time) > PAUSE)])
    ends = np.r_[starts[1:], len(user)]
    late = time[starts] >= earliest
    has_history = starts > histories.offsets[user[starts]]
    chosen = np.flatnonzero(late & has_history)
    if len(chosen) > most:
        chosen = np.sort(random.choice(chosen, most, replace=False))
    return starts[chosen], ends[chosen]


def _split(time: Array) -> tuple[Array, Array]:
    """Split [N] of moments in order of time, and the end of each split's period [3]."""
    last = int(time.max(initial=0)) + 1
    if not len(time):
        return np.zeros(0, dtype=int), np.array([last] * 3)
    places = [min(int(len(time) * share), len(time) - 1) for share in (TRAIN, TRAIN + VALIDATION)]
    borders = np.array([time[places[0]], time[places[1]], last])
    return (time >= borders[0]).astype(int) + (time >= borders[1]), borders


def candidates(
    histories: Histories, first: Array, end: Array, random: np.random.Generator, repeats: int = REPEATS
) -> tuple[Array, Array, Array]:
    """Items, shops [N · CANDIDATES], and the weight of an item that is in the session, 0 where it is not.

    `repeats`: at most so many that the user had before; they ask for more than the user's taste.
    """
    weight = np.array([WEIGHT.get(str(name), OTHER_WEIGHT) for name in histories.names["behaviour"]])
    count = len(first)
    item: Array = np.zeros((count, CANDIDATES), dtype=np.int64)
    inside: Array = np.zeros((count, CANDIDATES))
    everything = histories.item[random.integers(0, len(histories.item), (count, 3 * CANDIDATES))]
    offsets, user = histories.offsets, histories.user[first]
    for row in range(count):
        session = histories.item[first[row] : end[row]]
        own, place = np.unique(session, return_inverse=True)
        strength = np.zeros(len(own))
        np.maximum.at(strength, place, weight[histories.behaviour[first[row] : end[row]]])
        kept = random.permutation(len(own))[:POSITIVES]
        earlier = np.setdiff1d(histories.item[max(offsets[user[row]], first[row] - 200) : first[row]], own)
        again = random.permutation(earlier)[:repeats]
        others = np.setdiff1d(everything[row], np.r_[own, again])
        others = random.permutation(others)
        chosen = np.r_[own[kept], again, others][:CANDIDATES]
        item[row, : len(chosen)] = chosen
        item[row, len(chosen) :] = everything[row, : CANDIDATES - len(chosen)]  # a source of very few items
        inside[row] = np.where(np.isin(item[row], own), strength[np.searchsorted(own, item[row]) % len(own)], 0)
    shuffle = np.argsort(random.random((count, CANDIDATES)), axis=1)
    item, inside = (np.take_along_axis(each, shuffle, 1) for each in (item, inside))
    return item.ravel(), _shops(histories, first, item, random), inside.ravel()


def _shops(histories: Histories, first: Array, item: Array, random: np.random.Generator) -> Array:
    """The item's own shop where items have one; else every other candidate a shop where the user has been."""
    usual = histories.items.shop
    if (usual[histories.item] == histories.shop).all():
        return usual[item].ravel().astype(np.int64)
    shop = histories.shop[random.integers(0, len(histories.shop), item.shape)].astype(np.int64)
    start = histories.offsets[histories.user[first]]
    place = start[:, None] + (random.random(item.shape) * (first - start)[:, None]).astype(int)
    return np.where(np.arange(item.shape[1]) % 2 == 0, histories.shop[place], shop).ravel()


def ranking_features(histories: Histories, user: Array, time: Array, item: Array, shop: Array) -> dict[str, Array]:
    """Twelve ranking features [R], all of events strictly before the moment."""
    items, everyone = histories.items, np.zeros_like(histories.user)
    kinds = {
        "item": (histories.item, item),
        "brand": (histories.brand, items.brand[item]),
        "category": (histories.category, items.category[item]),
        "shop": (histories.shop, shop),
    }
    found: dict[str, Array] = {}
    for name, (kind, own) in kinds.items():
        found[f"own_{name}"] = np.log1p(times_before(histories.user, kind, histories.time, (user, own, time)))
        asked = (np.zeros_like(user), own, time)
        found[f"popular_{name}"] = np.log1p(times_before(everyone, kind, histories.time, asked))
    for name in ("item", "category"):
        kind, own = kinds[name]
        week = times_before(histories.user, kind, histories.time, (user, own, time - HORIZON))
        found[f"recent_{name}"] = np.expm1(found[f"own_{name}"]) - week
    level = items.price_level[item].astype(float)
    found["price_level_shown"] = np.where(level > 0, level, np.nan)
    found["price_gap"] = np.where(level > 0, level - _usual_level(histories, user, time), np.nan)
    return found


def _usual_level(histories: Histories, user: Array, time: Array) -> Array:
    """[R] mean price level of what the user did before the moment, NaN where that is unknown."""
    level = histories.price_level.astype(float)
    total, count = np.r_[0, np.cumsum(level)], np.r_[0, np.cumsum(level > 0)]
    _, end = histories.before(user, time)
    start = histories.offsets[user]
    known = count[end] - count[start]
    return np.where(known > 0, (total[end] - total[start]) / np.maximum(known, 1), np.nan)
