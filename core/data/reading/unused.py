"""Columns of a table from which nothing can be learnt: empty ones, and those that only number the rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from core.data.parquet import quoted
from core.data.reading.options import ReaderOptions
from core.data.reading.text import ROW
from core.data.reading.typed import Column

_NUMBERS = re.compile(
    r"column_1|unnamed: ?\d+|(level_|__index_level_)\d+(__)?|index|row|row[ _]?(id|nr|no|number)", re.I
)
"""Names under which programs save the number or the name of a row."""
NAMED = 5  # columns named in a sentence


def without_unused(
    database: duckdb.DuckDBPyConnection, found: Sequence[Column], options: ReaderOptions, rows: int
) -> tuple[list[Column], list[str]]:
    """The columns, those of which a person said nothing and a model can learn nothing with the role `ignore`; and what
    of them should be known."""
    free = {column.name for column in found
            if options.column(column.name).role is None and column.role in ("sparse", "number", "time")}  # fmt: skip
    empty = [column.name for column in found if column.name in free and not column.distinct and rows]
    counted = [column.name for column in found if column.name in free and column.distinct == rows > 1
               and _NUMBERS.fullmatch(column.name) and _numbers_rows(database, column)]  # fmt: skip
    notes = []
    if empty:
        shown = ", ".join(name[:40] for name in empty[:NAMED])
        more = f" and {len(empty) - NAMED:,} more" if len(empty) > NAMED else ""
        several = len(empty) > 1
        notes.append(f"Column{'s' * several} {shown}{more} {'are' if several else 'is'} empty in all rows: not used.")
    notes += [f"Column {name[:40]} numbers the rows: not used; if it says something, say column '{name}=number'."
              for name in counted]  # fmt: skip
    unused = {*empty, *counted}
    return [replace(column, role="ignore") if column.name in unused else column for column in found], notes


def _numbers_rows(database: duckdb.DuckDBPyConnection, column: Column) -> bool:
    """Whether the cells are the rows' own numbers, from wherever they begin; or names of which a program says so."""
    if column.kind != "number":
        return column.name.startswith("__index") or column.name.lower().startswith("unnamed")
    own = quoted(column.name)
    query = f"SELECT count(DISTINCT {own} - {ROW}) FROM given"
    return int(database.execute(query).fetchall()[0][0]) == 1
