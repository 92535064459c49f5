"""The multi-task table of the shop: impressions with what is known at that moment about query, product and user.

Nothing hidden enters, and every count is of events strictly before the impression.
"""

from __future__ import annotations

import numpy as np

from core.data.description import DatasetDescription, DenseFeature, SequenceFeature, SparseFeature
from core.data.prepared import SPLIT, unseen_to_zero
from core.data.sources.shop.card import CARD
from core.data.sources.shop.events import DAY, DAYS, Events
from core.data.sources.shop.impressions import RECENT, Impressions, latest
from core.data.sources.shop.queries import Queries
from core.data.sources.shop.random import Array
from core.data.sources.shop.text import overlaps
from core.data.sources.shop.users import Users
from core.data.sources.shop.words import FACETS
from core.data.sources.shop.world import World
from core.data.text.segment import pieces

VALIDATION_DAY, TEST_DAY = 47, 53  # 0-based first days of the validation rows and of the test


def make_table(
    world: World,
    queries: Queries,
    users: Users,
    events: Events,
    shown: Impressions,
    titles: tuple[list[str], list[str]],
) -> tuple[DatasetDescription, dict[str, Array]]:
    """Description and columns of the prepared data set, rows as in `shown`."""
    day = shown.time // DAY
    split = (day >= VALIDATION_DAY).astype(np.uint8) + (day >= TEST_DAY)
    sparse = _sparse(world, queries, users, shown) | _facets(world, queries, events, shown)
    sizes = {name: int(ids.max()) + 1 for name, ids in sparse.items()}
    sparse = {name: unseen_to_zero(ids, split == 0).astype(np.uint16) for name, ids in sparse.items()}
    dense = (
        _of_query(world, queries, shown, titles) | _of_product(world, events, shown) | _of_user(world, events, shown)
    )
    recent = _recent_categories(world, events, shown)
    labels = {
        "relevant": _label(shown.relevant),
        "click": _label(shown.click),
        "cart": _label(shown.cart),
        "purchase": _label(shown.purchase),
        "price_level": _label(shown.price_level),
    }
    description = DatasetDescription(
        card=CARD,
        sparse=tuple(SparseFeature(name=name, size=size) for name, size in sizes.items()),
        dense=tuple(DenseFeature(name=name) for name in dense),
        sequences=(SequenceFeature(name="recent_categories", size=len(world.leaves) + 1, length=RECENT),),
    )
    rounded = {name: np.round(values, 2).astype(np.float32) for name, values in dense.items()}
    return description, {**sparse, **rounded, "recent_categories": recent.astype(np.uint8), **labels, SPLIT: split}


def _label(values: Array) -> Array:
    return np.where(values < 0, np.nan, values).astype(np.float32)


def _sparse(world: World, queries: Queries, users: Users, shown: Impressions) -> dict[str, Array]:
    groups = sorted({leaf.group for leaf in world.leaves})
    group = np.array([groups.index(leaf.group) for leaf in world.leaves])
    leaf = world.leaf[shown.product]
    return {
        "query_category": queries.guessed_leaf[shown.query] + 1,
        "category": leaf + 1,
        "group": group[leaf] + 1,
        "brand": world.brand[shown.product] + 1,
        "shop": world.shop[shown.product] + 1,
        "position": shown.position,
        "age": users.age[shown.user] + 1,
        "city": users.city[shown.user] + 1,
        "membership": users.membership[shown.user] + 1,
        "language": users.chinese[shown.user] + 1,
        "hour": shown.time // 3600 % 24 + 1,
    }


def _facets(world: World, queries: Queries, events: Events, shown: Impressions) -> dict[str, Array]:
    """Each facet of what was asked, of what is shown, and what the user looked at most among the recent events."""
    found: dict[str, Array] = {}
    recent = _recent_products(events, shown)
    for name in FACETS:
        own = world.facet(name, world.has)
        found[f"query_{name}"] = world.facet(name, queries.wants)[shown.query]
        found[f"product_{name}"] = own[shown.product]
        values = np.where(recent >= 0, own[recent], 0)
        counts = np.stack([(values == value).sum(axis=1) for value in range(1, int(own.max()) + 1)], axis=1)
        found[f"user_{name}"] = np.where(counts.any(axis=1), counts.argmax(axis=1) + 1, 0)
    return found


def _of_query(
    world: World, queries: Queries, shown: Impressions, titles: tuple[list[str], list[str]]
) -> dict[str, Array]:
    pairs, row = np.unique(shown.query * world.products + shown.product, return_inverse=True)
    query, product = pairs // world.products, pairs % world.products
    names = [[pieces(title) for title in one] for one in titles]
    chinese = queries.chinese[query]
    overlap = np.zeros(len(pairs))
    for language in (False, True):
        mine = chinese == language
        overlap[mine] = overlaps(queries.text, names[language], query[mine], product[mine])
    brand = np.array(
        [
            world.brand_names[int(world.brand[p])][zh].lower() in queries.text[q]
            for q, p, zh in zip(query.tolist(), product.tolist(), chinese.astype(int).tolist(), strict=True)
        ]
    )
    groups = np.array([leaf.group for leaf in world.leaves])
    guessed, own = queries.guessed_leaf[query], world.leaf[product]
    match = 0.5 * (groups[guessed] == groups[own]) + 0.5 * (guessed == own)
    length = np.array([len(pieces(text)) for text in queries.text])
    return {
        "word_overlap": overlap[row],
        "brand_named": brand[row].astype(float),
        "category_match": match[row],
        "query_words": length[shown.query].astype(float),
    }


def _of_product(world: World, events: Events, shown: Impressions) -> dict[str, Array]:
    price = np.log(world.price)
    mean = np.array([price[world.leaf == leaf].mean() for leaf in range(len(world.leaves))])[world.leaf]
    clicks = count_before(events.product, events.time, shown.product, shown.time)
    bought = events.behaviour == 3
    sold = count_before(events.product[bought], events.time[bought], shown.product, shown.time)
    product = shown.product
    return {
        "price": price[product],
        "price_in_category": (price - mean)[product],
        "price_level_shown": world.price_level[product].astype(float),
        "discount": world.discount[product],
        "picture": world.picture[product],
        "bait_words": world.bait[product].astype(float),
        "popularity": np.log1p(clicks),
        "sold_share": sold / (clicks + 5.0),
    }


def _of_user(world: World, events: Events, shown: Impressions) -> dict[str, Array]:
    user, time, product = shown.user, shown.time, shown.product
    seen = events.product
    everything = count_before(events.user, events.time, user, time)
    level = count_before(events.user, events.time, user, time, world.price_level[seen].astype(float))
    deal = count_before(events.user, events.time, user, time, world.discount[seen])
    known = np.where(everything > 0, everything, np.nan)
    row = latest(events, user, time)
    since = np.where(row >= 0, time - events.time[np.maximum(row, 0)], np.nan) / 3600.0
    return {
        "user_events": np.log1p(everything),
        "user_price_level": level / known,
        "user_price_gap": world.price_level[product] - level / known,
        "user_discount": deal / known,
        "user_hours_since": np.log1p(since),
    }


def count_before(own: Array, own_time: Array, asked: Array, time: Array, value: Array | None = None) -> Array:
    """For each row (asked, time) [n]: how many (own, own_time) [m] have the same group and a strictly earlier time.

    With `value` [m] its sum over them instead.
    """
    span = DAY * DAYS * 2
    key = own * span + own_time
    order = np.argsort(key, kind="stable")
    key = key[order]
    weights = np.ones(len(key)) if value is None else value[order]
    total = np.concatenate([[0.0], np.cumsum(weights)])
    return total[np.searchsorted(key, asked * span + time)] - total[np.searchsorted(key, asked * span)]


def _recent_categories(world: World, events: Events, shown: Impressions) -> Array:
    """Category ids of the user's last RECENT events before the impression [N, RECENT], newest last, padded right."""
    recent = _recent_products(events, shown)
    return np.where(recent >= 0, world.leaf[recent] + 1, 0)


def _recent_products(events: Events, shown: Impressions) -> Array:
    """Products of the user's last RECENT events before the impression [N, RECENT], newest last, -1 where none."""
    last = latest(events, shown.user, shown.time)
    count = count_before(events.user, events.time, shown.user, shown.time).astype(np.int64)
    length = np.minimum(count, RECENT)
    place = np.arange(RECENT)[None, :]
    row = last[:, None] - length[:, None] + 1 + place
    return np.where(place < length[:, None], events.product[np.clip(row, 0, len(events) - 1)], -1)
