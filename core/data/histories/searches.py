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
from core.data.description import DatasetCard, Split, Task
from core.data.histories.histories import Histories
from core.data.histories.questions import Questions, soon, write_questions
from core.data.histories.reading import read_histories
from core.data.histories.vocabulary import vocabularies
from core.data.parquet import Array
from core.data.prepared import TABLE
from core.data.shop import tables
from core.data.shop.events import DAY, DAYS, EPOCH
from core.data.shop.features import SLICE_DAY, TEST_DAY
from core.data.shop.files import COMMITTED
from core.data.shop.text import pieces
from core.home import home

VERSION = 1  # of the questions: raise it when they change, so that no stale cache is read
HORIZON = 7 * DAY
WEIGHTS = {"shown": 1.0, "click": 2.0, "cart": 4.0, "purchase": 8.0}
RANKING = ("word_overlap", "brand_named", "category_match", "price", "price_in_category", "price_level_shown",
           "discount", "picture", "bait_words", "popularity", "sold_share", "user_price_gap")  # fmt: skip
"""Of the shop's table; with the constant `always` 13 features, so 26 weights as in the paper."""

CARD = DatasetCard(
    name="shop_histories",
    title="Shop histories (DUPN)",
    about=(
        "A row is a product shown on a search page, with the user's last hundred clicks, bookmarks, cart additions "
        "and purchases: will it be clicked, how should it rank, at which price level does the user buy next, which "
        "brand and shop will the user turn to within a week?"
    ),
    notice="Simulated, as the shop is. Following a brand stands in for following a fashion icon.",
    tasks=(
        Task(name="ctr", title="Click", label="click"),
        Task(name="l2r", title="Ranking, weighted by event", label="ranked", weight="rank_weight"),
        Task(name="ppp", title="Price level of the next purchase", kind="multiclass", label="next_level", classes=7),
        Task(name="follow", title="Brand following (proxy)", label="follows_brand"),
        Task(name="shop", title="Shop preference", label="prefers_shop"),
    ),
    split=Split(kind="time", column="time", says="days 15-47 / 48-53 / 54-60 of sixty"),
)


def prepared() -> Path:
    """The prepared folder, made at first use."""
    folder = home() / "cache" / f"shop-histories-{VERSION}"
    if not (folder / TABLE).exists():
        make(folder)
    return folder


def make(folder: Path) -> None:
    histories = read_histories("shop_histories")
    questions = ask(histories)
    training = histories.until(EPOCH + SLICE_DAY * DAY)
    asked = [piece for n in questions.query[questions.split == 0] for piece in pieces(questions.texts[n])]
    write_questions(folder, CARD, histories, vocabularies(training, asked), questions)


def ask(histories: Histories) -> Questions:
    """15,600 searches of ten products with their answers."""
    shown = tables.impressions()
    first = np.flatnonzero(np.r_[True, shown["search_id"][1:] != shown["search_id"][:-1]])
    seconds = shown["time"].astype("datetime64[s]").astype(np.int64)
    moment = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(seconds)]))
    user, time = shown["user_id"][first].astype(np.int64), seconds[first]
    day = (time - EPOCH) // DAY
    split = (day >= SLICE_DAY).astype(int) + (day >= TEST_DAY)
    item = shown["product_id"].astype(np.int64) + 1
    end = EPOCH + np.array([SLICE_DAY, TEST_DAY, DAYS])[split] * DAY
    asked = tables.queries("text", "guessed_category")
    return Questions(
        user=user,
        time=time,
        split=split,
        moment=moment,
        item=item,
        shop=histories.items.shop[item],
        ranking=ranking_features(),
        answers=answers(histories, shown, user[moment], time[moment], item, end[moment]),
        query=shown["query_id"][first].astype(np.int64),
        texts=tuple(asked["text"]),
        categories=tuple(asked["guessed_category"]),
    )


def ranking_features() -> dict[str, Array]:
    """The shop's own features of a query and a product, rows as in the impressions; `always` is 1 for every row."""
    found = parquet.read(COMMITTED / "prepared" / TABLE, RANKING)
    rows = len(next(iter(found.values())))
    return {**{name: filled(values) for name, values in found.items()}, "always": np.ones(rows)}


def filled(values: Array) -> Array:
    return values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values


def answers(
    histories: Histories, shown: dict[str, Array], user: Array, time: Array, item: Array, end: Array
) -> dict[str, Array]:
    """Labels and weights [R] of candidates; NaN where the answer lies outside the row's own period."""
    items, what = histories.items, histories.behaviour
    click, cart, bought = (shown[name].astype(bool) for name in ("click", "cart", "purchase"))
    until = np.minimum(time + HORIZON, end)
    known = until - time >= DAY
    strong = what >= 2  # a bookmark, a cart addition or a purchase
    late = {}
    for name, kind, own in (("follows_brand", items.brand, items.brand), ("prefers_shop", items.shop, items.shop)):
        happened = soon(
            histories.user[strong], kind[histories.item[strong]], histories.time[strong], (user, own[item], time), until
        )
        late[name] = np.where(known, happened, np.nan)
    weight = np.full(len(item), WEIGHTS["shown"])
    for name, where in (("click", click), ("cart", cart), ("purchase", bought)):
        weight[where] = WEIGHTS[name]
    return {
        "click": click.astype(float),
        "ranked": (click | bought).astype(float),
        "rank_weight": weight,
        "next_level": next_price_level(histories, user, time, until),
        **late,
    }


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
