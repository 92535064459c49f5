"""Uploaded events: repaired where that is safe, each repair counted, else refused."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from core.data import parquet
from core.data.histories.histories import LEVELS, RETURN, Histories, Items, numbered, words_of
from core.data.histories.limits import MOST
from core.data.parquet import Array, quoted
from core.data.reading.options import ReaderOptions
from core.data.reading.reader import Reading, open_source
from core.data.reading.text import ROW
from core.data.sources.shop.events import BEHAVIOURS
from core.data.sources.uploaded.checks import as_time, is_number, known
from core.data.text.segment import pieces
from core.errors import PrecedenceError

NEEDED, OPTIONAL = ("user", "item", "time"), ("type", "category", "brand", "price", "shop", "title", "scenario")
SAME = {"view": "click", "pageview": "click", "pv": "click", "page_view": "click", "view_item": "click",
        "select_item": "click", "item_click": "click", "product_click": "click", "product_view": "click",
        "add_to_wishlist": "bookmark", "favourite": "bookmark", "favorite": "bookmark",
        "fav": "bookmark", "wish": "bookmark", "wishlist": "bookmark", "add_to_cart": "cart", "addtocart": "cart",
        "basket": "cart", "buy": "purchase", "order": "purchase", "transaction": "purchase",
        "returned": RETURN, "returns": RETURN, "refund": RETURN}  # fmt: skip
"""Other words for the types."""
FEWEST_USERS = 2
FINER = (1e17, 1e9), (1e14, 1e6), (1e11, 1e3)
"""Numbers of seconds above 1e11 are in the year 5138 and later: so they are milliseconds, or finer still. Where such
begin, and how many of them a second has."""


@dataclass
class Repairs:
    """What was found in a file of events, and what was done about it."""

    rows: int
    events: int = 0
    users: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # how the file was read

    def sentences(self) -> list[str]:
        """One for each kind of repair that was needed."""
        says = {
            "incomplete": "{} without user, item or readable time: left out.",
            "future": "{} with a time in the future: left out.",
            "nothing": "{} of a quantity of 0: left out.",
            "returned": "{} of a quantity below 0: kept as returns, a kind of their own.",
            "duplicated": "{} standing more than once: kept once.",
            "unsorted": "{} earlier than the one above of the same user: put in order.",
            "unknown_type": "{} of a type other than click, bookmark, cart, purchase, return: kept, with the type "
            "unknown.",
        }
        told = [text.format(_count(self.counts[name], "row")) for name, text in says.items() if self.counts.get(name)]
        if self.counts.get("single"):
            told.append(f"{_count(self.counts['single'], 'user')} with one event: nothing to predict from, not used "
                        "for training.")  # fmt: skip
        if self.counts.get("long"):
            told.append(f"{_count(self.counts['long'], 'user')} with more than {MOST} events: the network sees the "
                        f"last {MOST} before each moment.")  # fmt: skip
        return [*told, *self.said]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def read_events(
    file: Path | Sequence[Path], now: float | None = None, options: ReaderOptions | None = None
) -> tuple[Histories, Repairs]:
    """Columns user, item, time and, where there are such, those of `OPTIONAL` and a quantity: recognised by their
    names, or as the options say.

    `now` in seconds since 1970; a time more than a day after it is in the future. Raises PrecedenceError where a
    column is missing, nothing usable is left, or more than half of the rows would have to be left out.
    """
    with parquet.connect() as database:
        reading = open_source(database, file, options, "events")
        columns = _columns(reading)
        if reading.asks:
            raise PrecedenceError(reading.asks[0])
        _read(database, columns, reading.types)
        repairs = _repair(database, reading.file, time.time() if now is None else now)
        repairs.said += _said(reading, columns)
        return _histories(database, repairs), repairs


def _columns(reading: Reading) -> dict[str, str]:
    """The file's own column of each role."""
    own = {role: names[0] for role in (*NEEDED, *OPTIONAL, "quantity") if (names := reading.of_role(role))}
    missing = [role for role in NEEDED if role not in own]
    if missing:
        raise PrecedenceError(
            f"Column {missing[0]} is not in {reading.file}, whose columns are {', '.join(reading.types)[:200]}; events "
            f"need user, item and time, and may have {', '.join(OPTIONAL)}: say which column is the {missing[0]}, e.g. "
            f"column '{next(iter(reading.types))[:40]}={missing[0]}'."
        )
    return own


def _said(reading: Reading, columns: dict[str, str]) -> list[str]:
    """What was found of the file: columns known by other names, those not used, and what the reader has to say."""
    other = [f"{name} as {role}" for role, name in columns.items() if name.strip().lower() != role]
    unused = [name for name in reading.types if name not in columns.values()]
    said = [f"Read {', '.join(other)}."] if other else []
    said += [f"Columns not used: {', '.join(unused)}."] if unused else []
    return said + list(reading.warnings)


def _read(database: duckdb.DuckDBPyConnection, columns: dict[str, str], types: dict[str, str]) -> None:
    moment = as_time(columns["time"], types[columns["time"]])
    finer = " ".join(f"WHEN abs({moment}) > {above} THEN ({moment}) / {unit}" for above, unit in FINER)
    seconds = f"CASE {finer} ELSE {moment} END"
    parts = [f"nullif(trim({quoted(columns[name])}::VARCHAR), '') AS {name}" for name in ("user", "item")]
    parts.append(f"CASE WHEN isfinite(({moment})::DOUBLE) THEN try_cast(floor({seconds}) AS BIGINT) END AS time")
    for name in OPTIONAL:
        own = columns.get(name)
        if own is None:
            parts.append("NULL AS price" if name == "price" else f"'' AS {name}")
        elif name == "price":
            value = known(own) if is_number(types[own]) else f"try_cast({quoted(own)}::VARCHAR AS DOUBLE)"
            parts.append(f"CASE WHEN ({value}) > 0 THEN {value} END AS price")
        else:
            parts.append(f"coalesce(trim({quoted(own)}::VARCHAR), '') AS {name}")
    amount = columns.get("quantity")
    sold = amount is not None and is_number(types[amount])
    if sold and "type" not in columns:  # a list of what was sold
        parts[3 + OPTIONAL.index("type")] = "'purchase' AS type"
    of = quoted(str(amount))
    parts.append(f"coalesce(sign({of}), 1)::INTEGER AS amount" if sold else "1 AS amount")
    database.execute(f"CREATE TABLE event AS SELECT {', '.join(parts)}, {ROW} AS row FROM given")


def _repair(database: duckdb.DuckDBPyConnection, file: str, now: float) -> Repairs:
    """Deletes what cannot be used from the table `event`, and counts it."""
    rows = _one(database, "SELECT count(*) FROM event")
    repairs = Repairs(rows=rows)
    if rows == 0:
        raise PrecedenceError(f"The file {file} has a header but 0 rows; give at least a few events a user.")
    counts = repairs.counts
    counts["incomplete"] = _delete(database, "user IS NULL OR item IS NULL OR time IS NULL")
    if nothing := _delete(database, "amount = 0"):
        counts["nothing"] = nothing
    if returned := _one(database, "SELECT count(*) FROM event WHERE amount < 0"):
        counts["returned"] = returned
        database.execute(f"UPDATE event SET type = '{RETURN}' WHERE amount < 0")
    latest = int(now) + 86_400
    example = database.execute(f"SELECT row, time FROM event WHERE time > {latest} ORDER BY row LIMIT 1").fetchall()
    counts["future"] = _delete(database, f"time > {latest}")
    lost = counts["incomplete"] + counts["future"]
    if 2 * lost > rows:
        why = f"a time in the future, first in row {example[0][0]}" if example else "no user, item or readable time"
        raise PrecedenceError(
            f"{lost:,} of the {rows:,} rows of {file} cannot be used ({why}); write times as "
            "2026-03-01 12:30:00 or seconds since 1970, and give every row a user and an item."
        )
    same = "user, item, time, type"
    counts["unsorted"] = _one(
        database,
        "SELECT count(*) FROM (SELECT time < lag(time) OVER (PARTITION BY user ORDER BY row) AS late FROM event) "
        "WHERE late",
    )
    counts["duplicated"] = _delete(database, f"row NOT IN (SELECT min(row) FROM event GROUP BY {same})")
    cases = " ".join(f"WHEN '{word}' THEN '{type_}'" for word, type_ in SAME.items())
    database.execute(f"UPDATE event SET type = CASE lower(type) {cases} ELSE lower(type) END")
    allowed = ", ".join(f"'{name}'" for name in (*BEHAVIOURS, RETURN))
    counts["unknown_type"] = _one(database, f"SELECT count(*) FROM event WHERE type <> '' AND type NOT IN ({allowed})")
    sizes = "SELECT count(*) AS n FROM event GROUP BY user"
    counts["single"] = _one(database, f"SELECT count(*) FROM ({sizes}) WHERE n = 1")
    counts["long"] = _one(database, f"SELECT count(*) FROM ({sizes}) WHERE n > {MOST}")
    repairs.users = _one(database, "SELECT count(DISTINCT user) FROM event")
    repairs.events = _one(database, "SELECT count(*) FROM event")
    if repairs.users - counts["single"] < FEWEST_USERS:
        raise PrecedenceError(
            f"{file} has {_count(repairs.users - counts['single'], 'user')} with two events or more; give at "
            f"least {FEWEST_USERS}, better hundreds."
        )
    return repairs


def _delete(database: duckdb.DuckDBPyConnection, condition: str) -> int:
    count = _one(database, f"SELECT count(*) FROM event WHERE {condition}")
    if count:
        database.execute(f"DELETE FROM event WHERE {condition}")
    return int(count)


def _histories(database: duckdb.DuckDBPyConnection, repairs: Repairs) -> Histories:
    goods = database.execute(
        "SELECT item, arg_max(title, row) AS title, arg_max(brand, row) AS brand, "
        "arg_max(category, row) AS category, arg_max(shop, row) AS shop, avg(price) AS price FROM event "
        "GROUP BY item ORDER BY item"
    ).fetchnumpy()
    events = database.execute(
        "SELECT user, item, time, type, shop, scenario FROM event ORDER BY user, time, row"
    ).fetchnumpy()
    types = events["type"].astype(str)
    behaviours = (*BEHAVIOURS, RETURN) if (types == RETURN).any() else BEHAVIOURS
    names: dict[str, Array] = {"behaviour": numbered(behaviours)}
    columns: dict[str, Array] = {}
    for name in ("brand", "category"):
        names[name], number = _numbers(goods[name])
        columns[name] = np.r_[0, number].astype(np.int32)
    names["shop"], shop = _numbers(events["shop"])
    names["scenario"], scenario = _numbers(events["scenario"])
    users, user = np.unique(events["user"].astype(str), return_inverse=True)
    place = {name: at + 1 for at, name in enumerate(behaviours)}
    item = (np.searchsorted(goods["item"].astype(str), events["item"].astype(str)) + 1).astype(np.int32)
    titles = [str(title) or str(name) for title, name in zip(goods["title"], goods["item"], strict=True)]
    usual = np.zeros(len(titles) + 1, dtype=np.int32)
    usual[item] = shop
    names["word"], words = words_of([sorted(pieces(str(title))) for title in goods["title"]])
    kinds, inverse = np.unique(types, return_inverse=True)
    return Histories(
        users=users.astype(object),
        offsets=np.searchsorted(user, np.arange(len(users) + 1)).astype(np.int64),
        time=events["time"],
        item=item,
        shop=shop.astype(np.int32),
        behaviour=np.array([place.get(kind, 0) for kind in kinds])[inverse].astype(np.int16),
        scenario=scenario.astype(np.int16),
        items=Items(
            name=np.array(["", *goods["item"].astype(str)], dtype=object),
            title=np.array(["", *titles], dtype=object),
            shop=usual,
            price_level=np.r_[0, price_levels(goods["price"], columns["category"][1:])].astype(np.int8),
            words=words,
            **columns,
        ),
        names=names,
    )


def price_levels(price: Array, category: Array) -> Array:
    """[n] which seventh of its category a price lies in, 1 the cheapest; 0 where there is no price."""
    plain = price.filled(np.nan) if isinstance(price, np.ma.MaskedArray) else price
    plain = np.asarray(plain, dtype=np.float64)
    levels = np.zeros(len(plain), dtype=np.int8)
    for number in np.unique(category):
        rows = np.flatnonzero((category == number) & ~np.isnan(plain))
        ranks = np.argsort(np.argsort(plain[rows], kind="stable"), kind="stable")
        levels[rows] = 1 + ranks * LEVELS // max(1, len(rows))
    return levels


def _numbers(values: Array) -> tuple[Array, Array]:
    """Names with "" first, and each value's number among them."""
    kinds, inverse = np.unique(values.astype(str), return_inverse=True)
    if len(kinds) and kinds[0] == "":
        return kinds.astype(object), inverse
    return numbered(kinds), inverse + 1


def _one(database: duckdb.DuckDBPyConnection, query: str) -> Any:
    return database.execute(query).fetchall()[0][0]
