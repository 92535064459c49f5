"""An uploaded table whose rows stand in lists: a column says of which query a row is, labels say what should be first.

Such a table's tasks are rankings (`core.task_kinds`): a label becomes a gain from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from core.data.parquet import quoted
from core.data.reading.text import ROW
from core.data.sources.uploaded.checks import TaskReport, known
from core.errors import PrecedenceError

LIST = "precedence_list"  # number of each row's list; no column of a user begins like it
MOST_GRADES = 10  # a whole number up to it is a grade
FEWEST_LISTS = 10


def list_of(query: str) -> str:
    """SQL: what the rows of one list have in common; a row without a query is a list of its own."""
    return f"coalesce({quoted(query)}::VARCHAR, 'row ' || {ROW})"


def check_lists(database: duckdb.DuckDBPyConnection, query: str, tasks: Mapping[str, TaskReport]) -> None:
    """Refuses labels that are no gains, and a table with hardly a list in it."""
    if classes := next((label for label, found in tasks.items() if found.kind == "multiclass"), None):
        raise PrecedenceError(
            f"Column {classes} holds classes, which put a list in no order; give a number, more of which should stand "
            "first, or leave the column out."
        )
    lists = f"SELECT count(*) AS rows FROM given GROUP BY {list_of(query)} HAVING count(*) > 1"
    (found,) = database.execute(f"SELECT count(*) FROM ({lists})").fetchall()[0]
    if found < FEWEST_LISTS:
        raise PrecedenceError(
            f"Column {query} makes {found} lists of two rows or more; at least {FEWEST_LISTS} are needed to train, to "
            "hold out and to test. Use the column as a category, or add lists."
        )


def gain(database: duckdb.DuckDBPyConnection, label: str) -> tuple[str, str]:
    """SQL of a label's gain over the rows of `divided`, and how it came to be, for a person.

        y                       where all y lie between 0 and 1
        (2^y − 1) / (2^Y − 1)   where they are whole numbers from 0 to Y ≤ 10: grades, as NDCG takes them
        (y − least) / (most − least)   of the row's own list, else: prices, margins, counts

    Järvelin & Kekäläinen 2002 for gains; 2^y − 1 as Burges et al. 2005 have it.
    """
    value = known(label)
    least, most, odd = database.execute(
        f"SELECT min({value}), max({value}), count(*) FILTER ({value} <> floor({value})) FROM divided"
    ).fetchall()[0]
    if least >= 0 and most <= 1:
        return value, f"{label} as it is"
    if least >= 0 and most <= MOST_GRADES and not odd:
        return f"(pow(2, {value}) - 1) / {2**most - 1:g}", f"{label} a grade of 0 to {most:g}"
    low, high = (f"{end}({value}) OVER (PARTITION BY {LIST})" for end in ("min", "max"))
    return f"coalesce(({value} - {low}) / nullif({high} - {low}, 0), 0 * {value})", f"{label} by its place in the list"
