"""The simulated shop's events as histories. The shop's hidden truth is not read here."""

from __future__ import annotations

import re

import numpy as np

from core.data import parquet
from core.data.histories.histories import WORDS, Histories, Items, numbered, numbers_in, words_of
from core.data.parquet import Array, literal
from core.data.sources.shop.events import BEHAVIOURS, SCENARIOS
from core.data.sources.shop.files import tables_folder
from core.data.sources.shop.tables import path

PROFILE = ("age", "city", "membership", "language")
_MODEL = re.compile(r"^[A-Z]\d+$")


def read_shop(edition: int = 2) -> Histories:
    """Clicks, bookmarks, cart additions and purchases of 4,000 users over sixty days."""
    with parquet.connect() as database:
        events = database.execute(
            "SELECT user_id, epoch(time)::BIGINT AS time, product_id::INT + 1 AS item, behaviour, scenario "
            f"FROM read_parquet({literal(path('events', tables_folder(edition)))}) ORDER BY user_id, time, session_id"
        ).fetchnumpy()
        goods = database.execute(
            "SELECT product_id::VARCHAR AS name, title_en AS title, shop, brand, category, price_level "
            f"FROM read_parquet({literal(path('products'))}) ORDER BY product_id"
        ).fetchnumpy()
        people = database.execute(
            f"SELECT user_id::VARCHAR AS name, {', '.join(PROFILE)} "
            f"FROM read_parquet({literal(path('users'))}) ORDER BY user_id"
        ).fetchnumpy()
    names: dict[str, Array] = {"behaviour": numbered(BEHAVIOURS), "scenario": numbered(SCENARIOS)}
    columns: dict[str, Array] = {}
    for field in ("shop", "brand", "category"):
        kinds, number = np.unique(goods[field].astype(str), return_inverse=True)
        names[field] = numbered(kinds)
        columns[field] = np.r_[0, number + 1].astype(np.int32)
    titles = goods["title"].astype(str)
    names["word"], words = words_of([title_words(t, b) for t, b in zip(titles, goods["brand"], strict=True)])
    items = Items(
        name=np.r_[[""], goods["name"].astype(str)].astype(object),
        title=np.r_[[""], titles].astype(object),
        price_level=np.r_[0, goods["price_level"]].astype(np.int8),
        words=words,
        **columns,
    )
    item = events["item"].astype(np.int32)
    return Histories(
        users=people["name"].astype(object),
        offsets=np.searchsorted(events["user_id"], np.arange(len(people["name"]) + 1)).astype(np.int64),
        time=events["time"],
        item=item,
        shop=items.shop[item],
        behaviour=numbers_in(events["behaviour"], BEHAVIOURS).astype(np.int16),
        scenario=numbers_in(events["scenario"], SCENARIOS).astype(np.int16),
        items=items,
        names=names,
        profile={name: people[name].astype(str).astype(object) for name in PROFILE},
    )


def title_words(title: str, brand: str) -> list[str]:
    """Attributes and noun of a title: without brand, model and what it is for; the last WORDS, as the noun is last."""
    own = title.split(" for ")[0].split()
    kept = [word.lower() for word in own if word != brand and not _MODEL.match(word)]
    return kept[-WORDS:]
