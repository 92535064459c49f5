"""What the shop's files hold: every column of every table, and the hidden truth apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.description import DatasetDescription
from core.data.sources.shop.events import BEHAVIOURS, DAY, DAYS, EPOCH, SCENARIOS, Events, Past
from core.data.sources.shop.features import make_table
from core.data.sources.shop.impressions import Impressions
from core.data.sources.shop.needs import REASONS
from core.data.sources.shop.queries import Queries, judgements
from core.data.sources.shop.random import Array
from core.data.sources.shop.users import AGES, CITIES, LANGUAGES, MEMBERSHIPS, SEGMENTS, Users
from core.data.sources.shop.world import World, tree

Truth = tuple[str, int, str, float, str]


@dataclass(frozen=True)
class Shop:
    """The whole world at one strength of conflict."""

    world: World
    titles: tuple[list[str], list[str]]
    queries: Queries
    users: Users
    past: Past
    impressions: Impressions

    @property
    def events(self) -> Events:
        return self.past.events

    def table(self) -> tuple[DatasetDescription, dict[str, Array]]:
        return make_table(self.world, self.queries, self.users, self.events, self.impressions, self.titles)


def known(values: Array, kind: Any) -> Array:
    """Whole numbers of a small type, masked where negative."""
    missing = values < 0
    return np.ma.MaskedArray(np.where(missing, 0, values).astype(kind), missing)


def word(values: Array, names: Array | tuple[str, ...]) -> Array:
    """Names by their numbers."""
    return np.array(names, dtype=object)[np.asarray(values)]


def event_columns(events: Events) -> dict[str, Array]:
    """The file of events."""
    return {
        "user_id": events.user.astype(np.uint16),
        "time": (events.time + EPOCH).astype("datetime64[s]"),
        "session_id": events.session.astype(np.uint32),
        "product_id": events.product.astype(np.uint16),
        "behaviour": word(events.behaviour, BEHAVIOURS),
        "scenario": word(events.scenario, SCENARIOS),
        "query_id": known(events.query, np.uint16),
    }


def page_columns(shown: Impressions) -> dict[str, Array]:
    """The file of impressions."""
    return {
        "search_id": shown.search.astype(np.uint16),
        "time": (shown.time + EPOCH).astype("datetime64[s]"),
        "user_id": shown.user.astype(np.uint16),
        "query_id": shown.query.astype(np.uint16),
        "product_id": shown.product.astype(np.uint16),
        "position": shown.position.astype(np.uint8),
        "relevant": known(shown.relevant, np.uint8),
        "click": shown.click.astype(np.uint8),
        "cart": shown.cart.astype(np.uint8),
        "purchase": shown.purchase.astype(np.uint8),
        "price_level": known(shown.price_level, np.uint8),
    }


def tables(shop: Shop) -> dict[str, dict[str, Array]]:
    """Columns of every committed table by file name."""
    world, queries, users = shop.world, shop.queries, shop.users
    kinds = tree(world.leaves)
    leaf_names = np.array([kind[2] for kind in kinds], dtype=object)

    products: dict[str, Array] = {
        "product_id": np.arange(world.products, dtype=np.uint16),
        "title_en": np.array(shop.titles[0], dtype=object),
        "title_zh": np.array(shop.titles[1], dtype=object),
        "department": word(world.leaf, tuple(kind[0] for kind in kinds)),
        "group": word(world.leaf, tuple(kind[1] for kind in kinds)),
        "category": leaf_names[world.leaf],
        "department_zh": word(world.leaf, tuple(kind[3] for kind in kinds)),
        "group_zh": word(world.leaf, tuple(kind[4] for kind in kinds)),
        "category_zh": word(world.leaf, tuple(kind[5] for kind in kinds)),
        "brand": word(world.brand, tuple(name[0] for name in world.brand_names)),
        "brand_zh": word(world.brand, tuple(name[1] for name in world.brand_names)),
        "shop": word(world.shop, tuple(name[0] for name in world.shop_names)),
        "shop_zh": word(world.shop, tuple(name[1] for name in world.shop_names)),
        "shop_id": world.shop.astype(np.uint8),
        "price": world.price.astype(np.float32),
        "list_price": world.list_price.astype(np.float32),
        "price_level": world.price_level.astype(np.uint8),
        "picture": world.picture.astype(np.float32),
        "listed_day": world.listed_day.astype(np.int16),
    }
    asked: dict[str, Array] = {
        "query_id": np.arange(len(queries), dtype=np.uint16),
        "text": np.array(queries.text, dtype=object),
        "language": word(queries.chinese.astype(int), LANGUAGES),
        "guessed_category": leaf_names[queries.guessed_leaf],
        "frequency": queries.frequency.astype(np.float32),
    }
    query, product, grade = judgements(world, queries)
    judged: dict[str, Array] = {
        "query_id": query.astype(np.uint16),
        "product_id": product.astype(np.uint16),
        "grade": grade.astype(np.uint8),
    }
    people: dict[str, Array] = {
        "user_id": np.arange(len(users), dtype=np.uint16),
        "age": word(users.age, AGES),
        "city": word(users.city, CITIES),
        "membership": word(users.membership, MEMBERSHIPS),
        "language": word(users.chinese.astype(int), LANGUAGES),
        "registered_day": users.registered_day.astype(np.int16),
    }
    return {
        "products": products,
        "queries": asked,
        "judgements": judged,
        "users": people,
        "events": event_columns(shop.events),
        "impressions": page_columns(shop.impressions),
        "hidden_truth": hidden_truth(shop),
    }


def hidden_truth(shop: Shop) -> dict[str, Array]:
    """What no model may see, long form: kind (user, product, query, need), id, name, value, text."""
    rows = [*_of_users(shop), *_of_products(shop.world), *_of_queries(shop.world, shop.queries), *_of_needs(shop)]
    return {
        "kind": np.array([row[0] for row in rows], dtype=object),
        "id": np.array([row[1] for row in rows], dtype=np.uint16),
        "name": np.array([row[2] for row in rows], dtype=object),
        "value": np.array([row[3] for row in rows], dtype=np.float32),
        "text": np.array([row[4] for row in rows], dtype=object),
    }


def _of_users(shop: Shop) -> Iterator[Truth]:
    world, users, causes = shop.world, shop.users, shop.past.causes
    segments, everybody = tuple(SEGMENTS), np.arange(len(users))
    usual, late = (causes.taste_on(everybody, day) for day in (DAYS / 2, DAYS))
    for user in range(len(users)):
        yield ("user", user, "segment", float(users.segment[user]), segments[int(users.segment[user])])
        numbers = {
            "price_level": users.price_level,
            "hour": users.hour,
            "deal": users.deal,
            "temptable": users.temptable,
            "drift": causes.drift,
        }
        yield from (("user", user, name, round(float(values[user]), 3), "") for name, values in numbers.items())
        for name, taste in (("taste", usual[user]), ("taste_late", late[user])):
            for leaf in np.argsort(-taste, kind="stable")[:5]:
                yield ("user", user, name, round(float(taste[leaf]), 3), world.leaves[int(leaf)].english[0])


def _of_products(world: World) -> Iterator[Truth]:
    for product in range(world.products):
        yield ("product", product, "temptation", float(world.temptation[product]), "")
        yield ("product", product, "popularity", float(world.popularity[product]), "")
        words = [world.attributes[int(number)][1] for number in np.flatnonzero(world.has[product])]
        yield ("product", product, "attributes", float(len(words)), ", ".join(words))


def _of_queries(world: World, queries: Queries) -> Iterator[Truth]:
    for query in range(len(queries)):
        words = [world.attributes[int(number)][1] for number in np.flatnonzero(queries.wants[query])]
        brand = world.brand_names[int(queries.brand[query])][0] if queries.brand[query] >= 0 else ""
        leaf = int(queries.leaf[query])
        yield ("query", query, "category", float(leaf), world.leaves[leaf].english[0])
        yield ("query", query, "attributes", float(len(words)), ", ".join(words))
        yield ("query", query, "brand", float(queries.brand[query]), brand)
        yield ("query", query, "misspelt", float(queries.misspelt[query]), "")


def _of_needs(shop: Shop) -> Iterator[Truth]:
    """Days are counted from 0 at the first; `reason` is a number into REASONS."""
    needs, names = shop.past.needs, [leaf.english[0] for leaf in shop.world.leaves]
    for need in range(len(needs)):
        reason = int(needs.reason[need])
        yield ("need", need, "user", float(needs.user[need]), names[int(needs.leaf[need])])
        yield ("need", need, "start", round(float(needs.start[need]) / DAY, 2), REASONS[reason])
        yield ("need", need, "end", round(float(needs.end[need]) / DAY, 2), "")
        yield ("need", need, "wanted", float(needs.wanted[need]), "")
        yield ("need", need, "bought", float(needs.bought[need]), "")
