"""Reads a file the way another one of its shape was read: nothing is guessed, and every cell stays as it is written.

`open_source` looks at a file's cells to say what its columns are. Who scores new rows must not look: a column without
a letter in it today is no column of numbers. So the kinds of the columns are those of the options alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from core.data.parquet import literal, quoted
from core.data.reading.container import plain_files
from core.data.reading.kinds import Notation
from core.data.reading.options import ReaderOptions
from core.data.reading.parquet_columns import flat_source, sql_of_typed
from core.data.reading.reader import readable, refuse_names, table_of_texts
from core.data.reading.text import ROW
from core.data.reading.typed import plan_of
from core.temporary import temporary_folder

OF_PREPARED = "precedence_split"  # of a prepared table, which may be scored as it is


@dataclass(frozen=True)
class Again:
    """The table `given` has these columns as the file has them, and ROW; `values`: SQL of each as it was read then."""

    names: list[str]
    values: Mapping[str, str]
    types: Mapping[str, str] = field(default_factory=dict)  # DuckDB's, where cells have such


def open_again(
    database: duckdb.DuckDBPyConnection, file: Path, options: ReaderOptions, header: Sequence[str] = ()
) -> Again:
    """Makes the table `given` of a file; `header` names the columns of one that does not name them itself."""
    with temporary_folder() as scratch:
        files = plain_files([file], scratch)
        if len(files) == 1 and files[0].form == "parquet":
            with readable(files[0]):
                plain = f"read_parquet({literal(files[0].path)}, file_row_number = true)"
                source, _ = flat_source(database, plain)
                database.execute(
                    f"CREATE TABLE given AS SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS {ROW} "
                    f"FROM {source}"
                )
            return of_given(database, file.name, options)
        _, raw = table_of_texts(database, files, options, scratch)
    names = list(header) if header and len(header) == len(raw.names) else raw.names
    refuse_names(file.name, [name for name in names if name != OF_PREPARED])
    renamed = ", ".join(f"c{at} AS {quoted(name)}" for at, name in enumerate(names))
    database.execute(f"CREATE VIEW given AS SELECT {renamed}, {ROW} FROM raw")
    notation = Notation(options.decimal or ".", options.thousands or "", options.date_order)
    return Again(names, {name: plan_of(quoted(name), name, options, notation) for name in names})


def of_given(database: duckdb.DuckDBPyConnection, what: str, options: ReaderOptions) -> Again:
    """The same of a table `given` whose columns have types already."""
    types = {str(row[0]): str(row[1]) for row in database.execute("DESCRIBE given").fetchall()}
    types.pop(ROW, None)
    refuse_names(what, [name for name in types if name != OF_PREPARED])
    values = {
        name: sql_of_typed(name, type_, options.column(name).role or "", options) for name, type_ in types.items()
    }
    return Again(list(types), values, types)
