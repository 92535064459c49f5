"""Columns of a Parquet file, which have types of their own: as their roles need them, structs and lists of them laid
flat."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from core.data.parquet import quoted
from core.data.reading.cells import number_sql, time_sql
from core.data.reading.container import MOST_UNPACKED, Plain
from core.data.reading.kinds import COMPACT, Notation, form_of, found_notation
from core.data.reading.labels import LabelRule, label_rule
from core.data.reading.options import ReaderOptions
from core.data.reading.typed import TEXT_ROLES
from core.errors import PrecedenceError

DEEPEST = 4  # structs within structs that are laid flat
LOOKED_AT = 2000  # rows of a column of text
MOST_TIMES = 500  # of its own size that a file of texts may hold, where that is much


def flat_source(database: duckdb.DuckDBPyConnection, source: str) -> tuple[str, list[str]]:
    """The rows of a source with the fields of its structs as columns `outer.inner`, and a row for each struct of a list
    of such, where one column has such lists; and what should be known of it."""
    types = _types(database, source)
    listed = [name for name, type_ in types.items() if type_.startswith("STRUCT") and type_.endswith("[]")]
    notes = []
    if len(listed) == 1:
        own = quoted(listed[0])
        each = f"unnest(CASE WHEN len({own}) > 0 THEN {own} ELSE [NULL] END) AS {own}"
        rows = f"SELECT * EXCLUDE ({own}, file_row_number), {each} FROM {source} ORDER BY file_row_number"
        source = f"(SELECT *, row_number() OVER () - 1 AS file_row_number FROM ({rows}))"
        notes.append(f"Each struct in {listed[0][:60]} is a row of its own.")
    for _ in range(DEEPEST):
        types = _types(database, source)
        structs = [name for name, type_ in types.items() if type_.startswith("STRUCT") and not type_.endswith("[]")]
        if not structs:
            break
        fields = [(name, field) for name in structs for field in _fields(database, source, name)]
        chosen = ", ".join(f"struct_extract({quoted(n)}, {_text(f)}) AS {quoted(f'{n}.{f}')}" for n, f in fields)
        excluded = ", ".join(map(quoted, structs))
        source = f"(SELECT * EXCLUDE ({excluded}), {chosen} FROM {source})"
    return source, notes


def refuse_burst(database: duckdb.DuckDBPyConnection, source: str, types: Mapping[str, str], file: Plain) -> None:
    """Refuses texts that take hundreds of times the file's size and gigabytes once each row has its own."""
    texts = [f"coalesce(avg(strlen({quoted(name)})), 0)" for name, type_ in types.items() if type_ == "VARCHAR"]
    if not texts:
        return
    first = f"(SELECT * FROM {source} LIMIT {LOOKED_AT})"
    rows, a_row = database.execute(
        f"SELECT (SELECT count(*) FROM {source}), (SELECT list_sum([{', '.join(texts)}]) FROM {first})"
    ).fetchall()[0]
    size = int(rows * (a_row or 0))
    if size > MOST_UNPACKED and size > MOST_TIMES * file.path.stat().st_size:
        raise PrecedenceError(
            f"{file.name} holds about {size >> 30} GB of text once it is unpacked, from "
            f"{file.path.stat().st_size:,} bytes; give fewer rows or shorter texts."
        )


def _types(database: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    return {row[0]: row[1] for row in database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}


def _fields(database: duckdb.DuckDBPyConnection, source: str, name: str) -> list[str]:
    query = f"DESCRIBE SELECT unnest({quoted(name)}) FROM {source}"
    return [str(row[0]) for row in database.execute(query).fetchall()]


def _text(field: str) -> str:
    return "'" + field.replace("'", "''") + "'"


def are_dates(database: duckdb.DuckDBPyConnection, source: str, name: str) -> bool:
    """Whether the whole numbers of a column are all dates such as 20260301."""
    query = (
        f"SELECT count({quoted(name)}), count(*) FILTER (regexp_full_match({quoted(name)}::VARCHAR, '{COMPACT}')) "
        f"FROM (SELECT {quoted(name)} FROM {source} LIMIT 100000)"
    )
    known, dates = database.execute(query).fetchall()[0]
    return bool(known) and known == dates


def written_as_text(
    database: duckdb.DuckDBPyConnection, types: Mapping[str, str], roles: Mapping[str, str], options: ReaderOptions
) -> list[str]:
    """A sentence for each column of text whose cells are all numbers or times: it is read as words."""
    said = []
    for name, type_ in types.items():
        if type_ != "VARCHAR" or options.column(name).role or options.column(name).kind or roles.get(name):
            continue
        query = f"SELECT DISTINCT {quoted(name)} FROM (SELECT {quoted(name)} FROM given LIMIT {LOOKED_AT})"
        cells = [str(cell) for (cell,) in database.execute(query).fetchall() if cell is not None]
        form, notation = form_of(cells), found_notation({name: cells}, options, None)
        kind = {"number": "number", "iso": "time", "slashed": "time", "worded": "time"}.get(form)
        if kind is None:
            continue
        signs = {"decimal": notation.decimal.strip("."), "thousands": notation.thousands}
        more = "".join(f" and option {key}={sign}" for key, sign in signs.items() if kind == "number" and sign)
        said.append(
            f"Column {name[:60]} is text in the file and holds {kind}s: read as words; for {kind}s say column "
            f"'{name}={kind}'{more}."
        )
    return said


def rule_of_typed(
    database: duckdb.DuckDBPyConnection, source: str, name: str, options: ReaderOptions
) -> LabelRule | None:
    """How a label of a Parquet file is read; floating -1.0 and words alike."""
    column = quoted(name)
    number = f"try_cast({column}::VARCHAR AS DOUBLE)"  # true is a word, not 1
    return label_rule(database, source, f"({column}::VARCHAR)", name, options.column(name), number, options.null_words)


def sql_of_typed(name: str, type_: str, role: str, options: ReaderOptions) -> str:
    """SQL: a column of a Parquet file as its role needs it."""
    column, choice = quoted(name), options.column(name)
    if role in TEXT_ROLES - {"sparse"} or choice.kind == "text":
        if type_ in ("FLOAT", "DOUBLE"):  # ids with missing values, as a data frame keeps them
            return f"CASE WHEN {column} = floor({column}) THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
        return f"{column}::VARCHAR"
    if choice.kind == "number" and type_ == "VARCHAR":
        return number_sql(column, Notation(options.decimal or ".", options.thousands or ""))
    if choice.kind == "time" and type_ == "VARCHAR":
        return time_sql(column, options.date_order)
    if type_.startswith("TIMESTAMP") and ("ZONE" in type_ or "TZ" in type_):  # the same moment in UTC
        return f"make_timestamp(epoch_us({column}::TIMESTAMPTZ))"
    return column


def kind_of_type(type_: str) -> str:
    """What cells of a DuckDB type are."""
    if type_.endswith("[]"):
        return "list"
    if type_.startswith(("DATE", "TIMESTAMP")):
        return "time"
    numbers = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
               "FLOAT", "DOUBLE")  # fmt: skip
    return "number" if type_ in numbers or type_.startswith("DECIMAL") else "text"
