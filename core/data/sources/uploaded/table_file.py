"""Opens a user's CSV, TSV or Parquet file as a DuckDB table, or says in one sentence why it cannot be used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from core.data.parquet import literal, quoted
from core.errors import PrecedenceError

ROW = "precedence_row"  # 1-based row number of the file, header not counted
RESERVED = "precedence_"  # how the names of this program's own columns begin


def open_table(database: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    """Makes the table `given` with the file's columns and `precedence_row`; returns type by column."""
    if not file.is_file():
        raise PrecedenceError(f"The file {file} does not exist; give a CSV, TSV or Parquet file.")
    if file.stat().st_size == 0:
        raise PrecedenceError(f"The file {file.name} is empty (0 bytes); give a table with a header and rows.")
    ending = file.suffix.lower().removeprefix(".")
    readers = {
        "csv": f"read_csv({literal(file)}, header=true, sample_size=-1)",
        "tsv": f"read_csv({literal(file)}, header=true, sample_size=-1, delim='\\t')",
        "parquet": f"read_parquet({literal(file)})",
    }
    if ending not in readers:
        raise PrecedenceError(f"The file {file.name} ends in .{ending}; a table is a .csv, .tsv or .parquet file.")
    try:
        _refuse_names(file, _names(database, file, ending))
        database.execute(f"CREATE TABLE given AS SELECT *, row_number() OVER () AS {ROW} FROM {readers[ending]}")
        types = {row[0]: row[1] for row in database.execute("DESCRIBE given").fetchall()}
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise PrecedenceError(
            f"The file {file.name} cannot be read as {ending.upper()} ({reason}); save it again or use Parquet."
        ) from error
    del types[ROW]
    for name in [name for name, kind in types.items() if kind == "VARCHAR" and ending != "parquet"]:
        if _only_numbers(database, name):
            database.execute(f"ALTER TABLE given ALTER {quoted(name)} TYPE DOUBLE")
            types[name] = "DOUBLE"
    return types


def _only_numbers(database: duckdb.DuckDBPyConnection, name: str) -> bool:
    """A column of numbers among which some are inf or nan is read as words; it is numbers all the same."""
    column = quoted(name)
    query = f"SELECT count({column}), count(try_cast({column} AS DOUBLE)) FROM given"
    known, numbers = database.execute(query).fetchall()[0]
    return bool(known > 0 and known == numbers)


def _names(database: duckdb.DuckDBPyConnection, file: Path, ending: str) -> list[str]:
    """Column names as the file has them: readers rename duplicates silently."""
    if ending == "parquet":
        query = f"DESCRIBE SELECT * FROM read_parquet({literal(file)})"
        return [row[0] for row in database.execute(query).fetchall()]
    delimiter = "'\\t'" if ending == "tsv" else "','"
    query = (
        f"SELECT * FROM read_csv({literal(file)}, header=false, all_varchar=true, null_padding=true, "
        f"sample_size=-1{', delim=' + delimiter if ending == 'tsv' else ''}) LIMIT 1"
    )
    rows = database.execute(query).fetchall()
    return [str(name) for name in rows[0] if name is not None] if rows else []


def _refuse_names(file: Path, names: list[str]) -> None:
    for name in names:
        if name.lower().startswith(RESERVED):
            raise PrecedenceError(f"Column {name} of {file.name} begins with {RESERVED}, which is reserved; rename it.")
    for name, count in Counter(name.strip().lower() for name in names).items():
        if count > 1:
            raise PrecedenceError(
                f"Column {name} stands {count} times in the header of {file.name}; column names must differ "
                "(capitals do not count)."
            )


def distinct(database: duckdb.DuckDBPyConnection, name: str) -> int:
    """How many different known values a column of `given` has."""
    return int(database.execute(f"SELECT count(DISTINCT {quoted(name)}) FROM given").fetchall()[0][0])
