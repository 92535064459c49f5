"""Several files of one set: which is the main one, and how the others are joined to it by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from core.data.parquet import quoted
from core.data.reading.roles import LABELS, PAIRS, names_an_id, plain_name, recognised
from core.data.reading.text import ROW
from core.errors import PrecedenceError


@dataclass
class Part:
    """A file in DuckDB: the table, its columns as the file has them, and the columns of the table."""

    file: str
    table: str
    names: list[str]
    rows: int

    def column(self, name: str) -> str:
        return f"c{self.names.index(name)}"


def join(database: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> tuple[list[str], list[str], str]:
    """Makes the table `raw` of several files of texts; its names, sentences of what was joined, and the main file.

    The main file is the one that holds the ids of the others. Files of the same columns are put one after another.
    Every row of the main file is kept; one whose id the other file does not have has no value there.
    """
    if len({tuple(map(plain_name, part.names)) for part in parts}) == 1:
        return _stacked(database, parts)
    main = _main(database, parts)
    names, chosen, joins, said = list(main.names), [f"m.{main.column(n)}" for n in main.names], [], []
    rest = [part for part in parts if part is not main]
    for number, part in enumerate(rest):
        keys = _keys(database, main, part)
        if not keys:
            raise PrecedenceError(
                f"{part.file} ({', '.join(part.names)[:120]}) has no id by which {main.file} "
                f"({', '.join(main.names)[:120]}) can find its rows; give both a column of one name whose values "
                f"stand once in {part.file}."
            )
        alias = f"j{number}"
        on = " AND ".join(f"m.{main.column(own)} = {alias}.{part.column(other)}" for own, other in keys)
        joins.append(f"LEFT JOIN {part.table} {alias} ON {on}")
        taken = {plain_name(name) for name in names}
        for name in part.names:
            if plain_name(name) not in taken:
                names.append(name)
                chosen.append(f"{alias}.{part.column(name)}")
        query = f"SELECT count(*) FROM {main.table} m {joins[-1]} WHERE {alias}.{ROW} IS NULL"
        lost = int(database.execute(query).fetchall()[0][0])
        by = ", ".join(own for own, _ in keys)
        said.append(f"{main.file} is joined with {part.file} by {by}" + (
            f": {lost:,} of its {main.rows:,} rows find nothing there."
            if lost
            else f": all {main.rows:,} rows find theirs."
        ))  # fmt: skip
        if lost == main.rows:
            raise PrecedenceError(
                f"No row of {main.file} finds its {by} in {part.file}; give files of one set, ids written alike."
            )
    listed = ", ".join(f"coalesce({column}, '') AS c{at}" for at, column in enumerate(chosen))
    database.execute(f"CREATE OR REPLACE TABLE raw AS SELECT {listed}, m.{ROW} FROM {main.table} m {' '.join(joins)}")
    return names, said, main.file


def _stacked(database: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> tuple[list[str], list[str], str]:
    names, before, selects = parts[0].names, 0, []
    for part in parts:
        columns = ", ".join(f"c{at}" for at in range(len(names)))
        selects.append(f"SELECT {columns}, {ROW} + {before} AS {ROW} FROM {part.table}")
        before += part.rows
    database.execute(f"CREATE OR REPLACE TABLE raw AS {' UNION ALL '.join(selects)}")
    files = ", ".join(part.file for part in parts)
    return names, [f"{len(parts)} files of the same columns are put one after another: {files[:200]}."], parts[0].file


def _main(database: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> Part:
    """The file to which most others can be joined; of several the one with most rows."""
    reach = [(sum(bool(_keys(database, one, other)) for other in parts if other is not one), one.rows) for one in parts]
    return parts[max(range(len(parts)), key=reach.__getitem__)]


def _keys(database: duckdb.DuckDBPyConnection, main: Part, part: Part) -> list[tuple[str, str]]:
    """Columns of both by which a row of `main` finds at most one of `part`; empty where there are none."""
    own = {plain_name(name): name for name in main.names}
    shared = [(own[plain_name(name)], name) for name in part.names
              if plain_name(name) in own and plain_name(name) not in LABELS | set(PAIRS["label"])]  # fmt: skip
    if not shared:  # ids of documents by two names: docid and product_id
        mine, other = (recognised(one.names, {"id": PAIRS["id"]}).get("id", "") for one in (main, part))
        shared = [(mine, other)] if mine and other else []
    ids = [pair for pair in shared if names_an_id(pair[1])]
    for keys in [[pair] for pair in ids] + [shared] * bool(ids) + [[pair] for pair in shared if pair not in ids]:
        columns = ", ".join(part.column(other) for _, other in keys)
        query = (
            f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {columns} FROM {part.table})) FROM {part.table}"
        )
        rows, different = database.execute(query).fetchall()[0]
        if rows and rows == different:
            return keys
    return []


def as_texts(database: duckdb.DuckDBPyConnection, table: str, query: str, names: Sequence[str]) -> None:
    """A table of texts of any query: whole numbers without a decimal point, lists as JSON."""
    columns = ", ".join(f"coalesce({quoted(name)}::VARCHAR, '') AS c{at}" for at, name in enumerate(names))
    database.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT {columns}, row_number() OVER () AS {ROW} FROM ({query})"
    )
