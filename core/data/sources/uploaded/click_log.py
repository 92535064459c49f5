"""A log of searches and clicks as judged pairs: what was shown where, and what was clicked, becomes grades.

A row is a product that was shown for a query, with its position and whether it was clicked (1 or 0, yes or no); or the
counts of a pair, how often shown and how often clicked; or an event, as in the User Behavior Insights format, whose
word says impression or click and whose search has an id: there a product is shown once a search, and clicked if any of
its events says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.data.pairs import clicks as click_model
from core.data.pairs.clicks import Clicks
from core.data.pairs.judged import KEY, Judged, divided, first_of, same_query
from core.data.parquet import quoted
from core.data.reading.reader import Reading
from core.data.reading.text import ROW
from core.data.text.fields import SIGNS
from core.errors import PrecedenceError

MOST_POSITIONS = 50  # those behind are one
CLICKED = "click|cart|basket|purchase|buy|bought|order|conversion|convert|download"
SHOWN = "impression|shown|show|display|view|exposure|expose|render"
YES, NO = "'true', 't', 'yes', 'y'", "'false', 'f', 'no', 'n', ''"
FEWEST = 50  # clicks, from which something can be learnt


def judged_of_clicks(
    database: duckdb.DuckDBPyConnection, reading: Reading, which: Mapping[str, str]
) -> tuple[Judged, int, int, list[str]]:
    """The pairs of the table `given`, graded by their clicks; rows used, rows left out, and what was found.

    `which`: the column of each part. Refuses a file with too few clicks, or with rows for nothing but clicks.
    """
    rows = int(database.execute("SELECT count(*) FROM given").fetchall()[0][0])
    fields = [name for name in SIGNS if name in which]
    said = _make_showings(database, which, fields)
    used, shown, clicked = database.execute("SELECT sum(rows), sum(shown), sum(clicked) FROM showing").fetchall()[0]
    _refuse_too_few(reading, which["click"], int(shown or 0), int(clicked or 0))
    told = "".join(f", first(f_{name} ORDER BY {ROW})" for name in fields)
    cells = database.execute(
        f"SELECT query, title, key, position, sum(shown), sum(clicked){told} FROM showing "
        f"GROUP BY query, title, key, position ORDER BY min({ROW})"
    ).fetchall()
    queries, query_of = first_of([same_query(cell[0]) for cell in cells], [cell[0] for cell in cells])
    names = [cell[2] or cell[1] for cell in cells]
    products, product_of = first_of(names, [cell[1] for cell in cells])
    texts = {name: first_of(names, [cell[at] for cell in cells])[0] for at, name in enumerate(fields, 6)}
    if "key" in which:
        texts[KEY] = list(dict.fromkeys(names))
    pairs, pair_of = np.unique(query_of.astype(np.int64) * len(products) + product_of, return_inverse=True)
    places = np.array([-1 if cell[3] is None else min(max(cell[3], 0), MOST_POSITIONS) for cell in cells])
    numbers, position = np.unique(places, return_inverse=True)
    counts = np.array([cell[4:6] for cell in cells], np.float64)
    grades, found = click_model.grades(Clicks(pair_of, position, counts[:, 0], counts[:, 1]))
    asked, product = pairs // len(products), pairs % len(products)
    said += [
        f"Grades are learnt from clicks: {int(clicked):,} on {int(shown):,} impressions of {len(pairs):,} pairs.",
        *_said_of_places(numbers, found.looked),
    ]
    split = divided(queries)[asked]
    judged = Judged(queries, products, asked.astype(np.int32), product.astype(np.int32), grades, split, texts)
    return judged, int(used), rows - int(used), said


def _make_showings(database: duckdb.DuckDBPyConnection, which: Mapping[str, str], fields: list[str]) -> list[str]:
    """The table `showing`: query, title, key, position, how often shown and clicked, and of how many rows."""

    def text(part: str) -> str:
        return f"coalesce(trim(CAST({quoted(which[part])} AS VARCHAR)), '')" if part in which else "''"

    def number(part: str, otherwise: str) -> str:
        return f"TRY_CAST({quoted(which[part])} AS DOUBLE)" if part in which else otherwise

    word = f"lower({text('click')})"
    clicks = (
        f"coalesce(TRY_CAST({word} AS DOUBLE), CASE WHEN {word} IN ({YES}) OR regexp_matches({word}, '{CLICKED}') "
        f"THEN 1 WHEN {word} IN ({NO}) OR regexp_matches({word}, '{SHOWN}') THEN 0 END)"
    )
    told = "".join(f", {text(name)} AS f_{name}" for name in fields)
    database.execute(
        f"CREATE OR REPLACE TABLE showing AS SELECT {text('query')} AS query, {text('title')} AS title, "
        f"{text('key')} AS key, CAST({number('position', 'NULL')} AS INTEGER) AS position, "
        f"greatest({number('shown', '1')}, 1) AS shown, {clicks} AS clicked, {text('search')} AS search, 1 AS rows, "
        f"{word} AS word, {ROW}{told} FROM given"
    )
    words = database.execute(
        f"SELECT count(*) FROM showing WHERE regexp_matches(word, '{CLICKED}') OR regexp_matches(word, '{SHOWN}')"
    ).fetchall()[0][0]
    unknown = database.execute(
        "SELECT word FROM showing WHERE clicked IS NULL GROUP BY word ORDER BY count(*) DESC, word LIMIT 4"
    ).fetchall()
    whole = "query <> '' AND title <> ''" + (" AND key <> ''" if "key" in which else "")
    database.execute(f"DELETE FROM showing WHERE clicked IS NULL OR clicked < 0 OR NOT ({whole})")
    database.execute("UPDATE showing SET clicked = least(clicked, shown)")
    said = []
    if unknown:
        listed = ", ".join(repr(word[:30]) for (word,) in unknown)
        said.append(f"Rows whose {which['click']} is neither an impression nor a click ({listed}) are left out.")
    if words and "search" in which:
        _one_a_search(database, fields)
        said.append(f"Events are put together by {which['search']}: a product counts once a search.")
    return said


def _one_a_search(database: duckdb.DuckDBPyConnection, fields: list[str]) -> None:
    told = "".join(f", first(f_{name}) AS f_{name}" for name in fields)
    database.execute(
        "CREATE OR REPLACE TABLE showing AS SELECT query, first(title) AS title, key, min(position) AS position, "
        f"1 AS shown, max(clicked) AS clicked, count(*) AS rows, min({ROW}) AS {ROW}{told} "
        "FROM showing GROUP BY search, query, key, CASE WHEN key = '' THEN title END"
    )


def _refuse_too_few(reading: Reading, column: str, shown: int, clicked: int) -> None:
    if clicked < FEWEST:
        raise PrecedenceError(
            f"{reading.file} has {clicked:,} clicks in column {column}; grades are learnt from {FEWEST} clicks or more."
        )
    if clicked >= shown:
        raise PrecedenceError(
            f"In {reading.file} each of {shown:,} impressions was clicked; give what was shown and not clicked, too "
            f"({column} 0, or the event impression)."
        )


def _said_of_places(numbers: NDArray[np.int64], looked: NDArray[np.float64]) -> list[str]:
    """How often positions are looked at, of the first ten."""
    known = [(int(number), float(share)) for number, share in zip(numbers, looked, strict=True) if number >= 0]
    if len(known) < 2:
        return ["There is no position to allow for: a pair counts by its share of clicks."]
    first, last = known[0], known[min(9, len(known) - 1)]
    return [
        f"Position {last[0]} is looked at {last[1] / max(first[1], 1e-9):.0%} as often as position {first[0]}, as the "
        "position-based click model finds; a grade is what a pair draws where it is looked at, 0 for the average."
    ]
