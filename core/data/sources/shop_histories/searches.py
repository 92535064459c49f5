"""The shop's searches as questions: ten products shown, after everything the user had done before.

The five tasks beside the paper's (DUPN, §3.4); what the shop has no label for is a stand-in and is called so:

- ctr: will the product be clicked?
- l2r: clicked or bought, weighted n_i = 1 without a click, 2 clicked, 4 put into the cart, 8 bought (the paper
  weights by kind of event and does not give the weights).
- ppp: the price level of the user's next purchase, within a week.
- follow: will the user bookmark, put into the cart or buy something of the product's *brand* within a week? It stands
  in for following a fashion icon (FIFP), which no one does in this shop.
- shop: the same for the product's shop (SPP, shop preference). Transfer learns it last, from the other four.

Answers of the future never cross from one split into another: a week ends with its own period, and rows of a period's
last day have no such answer.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data import parquet
from core.data.histories.histories import Histories
from core.data.histories.questions import Questions, soon
from core.data.parquet import Array
from core.data.prepared import TABLE
from core.data.sources.shop import tables
from core.data.sources.shop.events import DAY, DAYS, EPOCH
from core.data.sources.shop.features import TEST_DAY, VALIDATION_DAY
from core.data.sources.shop.files import tables_folder

HORIZON = 7 * DAY
ENDS = EPOCH + np.array([VALIDATION_DAY, TEST_DAY, DAYS]) * DAY  # of the splits, in seconds
WEIGHTS = {"shown": 1.0, "click": 2.0, "cart": 4.0, "purchase": 8.0}
RANKING = ("word_overlap", "brand_named", "category_match", "price", "price_in_category", "price_level_shown",
           "discount", "picture", "bait_words", "popularity", "sold_share", "user_price_gap")  # fmt: skip
"""Of the shop's table: 12 features; with a constant 13, each with both signs, so 26 weights as in the paper."""


def ask_searches(histories: Histories, edition: int = 2) -> Questions:
    """15,600 searches of ten products with their answers."""
    folder = tables_folder(edition)
    shown = tables.impressions(folder=folder)
    first = np.flatnonzero(np.r_[True, shown["search_id"][1:] != shown["search_id"][:-1]])
    seconds = shown["time"].astype("datetime64[s]").astype(np.int64)
    moment = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(seconds)]))
    user, time = shown["user_id"][first].astype(np.int64), seconds[first]
    day = (time - EPOCH) // DAY
    split = (day >= VALIDATION_DAY).astype(int) + (day >= TEST_DAY)
    item = shown["product_id"].astype(np.int64) + 1
    end = ENDS[split]
    asked = tables.queries("text", "guessed_category")
    return Questions(
        user=user,
        time=time,
        split=split,
        moment=moment,
        item=item,
        shop=histories.items.shop[item],
        ranking=ranking_features(folder),
        answers=answers(histories, shown, user[moment], time[moment], item, end[moment]),
        query=shown["query_id"][first].astype(np.int64),
        texts=tuple(asked["text"]),
        categories=tuple(asked["guessed_category"]),
    )


def ranking_features(folder: Path) -> dict[str, Array]:
    """The shop's own features of a query and a product, rows as in the impressions."""
    return {name: filled(values) for name, values in parquet.read(folder / "prepared" / TABLE, RANKING).items()}


def filled(values: Array) -> Array:
    return values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values


def answers(
    histories: Histories, shown: dict[str, Array], user: Array, time: Array, item: Array, end: Array
) -> dict[str, Array]:
    """Labels and weights [R] of candidates; NaN where the answer lies outside the row's own period."""
    click, cart, bought = (shown[name].astype(bool) for name in ("click", "cart", "purchase"))
    weight = np.full(len(item), WEIGHTS["shown"])
    for name, where in (("click", click), ("cart", cart), ("purchase", bought)):
        weight[where] = WEIGHTS[name]
    return {
        "click": click.astype(float),
        "ranked": (click | bought).astype(float),
        "rank_weight": weight,
        **late_answers(histories, user, time, item, end),
    }


def late_answers(histories: Histories, user: Array, time: Array, item: Array, end: Array) -> dict[str, Array]:
    """What comes true within a week of the moment and before `end` [R]: next price level, brand, shop."""
    items, strong = histories.items, histories.behaviour >= 2  # a bookmark, a cart addition or a purchase
    until = np.minimum(time + HORIZON, end)
    found = {"next_level": next_price_level(histories, user, time, until)}
    for name, own in (("follows_brand", items.brand), ("prefers_shop", items.shop)):
        kind = own[histories.item[strong]]
        happened = soon(histories.user[strong], kind, histories.time[strong], (user, own[item], time), until)
        found[name] = np.where(until - time >= DAY, happened, np.nan)
    return found


def next_price_level(histories: Histories, user: Array, time: Array, until: Array) -> Array:
    """[R] level 0..6 of the user's first purchase after `time` and before `until`; NaN where there is none."""
    bought = np.flatnonzero(histories.behaviour == histories.names["behaviour"].tolist().index("purchase"))
    first, span = int(histories.time.min()), int(np.ptp(histories.time)) + 2
    key = histories.user[bought] * span + (histories.time[bought] - first)
    place = np.searchsorted(key, user * span + np.clip(time + 1 - first, 0, span - 1))
    inside = np.minimum(place, len(bought) - 1)
    found = bought[inside]
    right = (place < len(bought)) & (histories.user[found] == user) & (histories.time[found] < until)
    level = histories.price_level[found].astype(float)
    return np.where(right & (level > 0), level - 1, np.nan)
