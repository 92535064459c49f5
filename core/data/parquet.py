"""Columns in memory ↔ Parquet, by DuckDB with fixed options, so that the same columns give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.files import write_whole
from core.temporary import named_place

Array = NDArray[Any]
OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 12, ROW_GROUP_SIZE 61440"
QUICK = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880"  # for caches


def quoted(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text or path as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def connect(threads: int = 2, memory: str = "3GB") -> duckdb.DuckDBPyConnection:
    """A private in-memory database that neither installs nor loads extensions.

    What does not fit into memory it writes into a folder of its own, which goes with it. The folder is named at once:
    DuckDB takes no other one after the first use.
    """
    return duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(named_place()),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )


def write(path: Path, columns: Mapping[str, Array]) -> None:
    """One Parquet file of `columns`, replaced at once: a 1-d array a plain column, a 2-d array a list of that width.

    One thread and fixed options: equal columns give equal bytes under the same DuckDB. A NaN and a
    masked value are written as NULL.
    """
    flat: dict[str, Array] = {}
    parts: list[str] = []
    for number, (name, values) in enumerate(columns.items()):
        if values.ndim == 2:
            names = [f"c{number}_{position}" for position in range(values.shape[1])]
            flat |= {each: np.ascontiguousarray(values[:, position]) for position, each in enumerate(names)}
            parts.append(f"[{', '.join(names)}] AS {quoted(name)}")
        elif isinstance(values, np.ma.MaskedArray):
            flat |= {f"c{number}": values.data, f"m{number}": np.ma.getmaskarray(values)}
            parts.append(f"CASE WHEN m{number} THEN NULL ELSE c{number} END AS {quoted(name)}")
        else:
            flat[f"c{number}"] = values
            missing = values.dtype.kind == "f" and bool(np.isnan(values).any())
            value = f"CASE WHEN isnan(c{number}) THEN NULL ELSE c{number} END" if missing else f"c{number}"
            parts.append(f"{value} AS {quoted(name)}")
    with connect(threads=1) as database:
        database.register("given", flat)
        copy(database, f"SELECT {', '.join(parts)} FROM given", path)


def copy(database: duckdb.DuckDBPyConnection, query: str, path: Path, options: str = OPTIONS) -> None:
    """The rows of `query` as one Parquet file; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda unfinished: database.execute(f"COPY ({query}) TO {literal(unfinished)} ({options})"))


def read(path: Path, names: tuple[str, ...] = ()) -> dict[str, Array]:
    """Columns of a Parquet file in file order, all of them when none is named; NULL gives a masked array."""
    what = ", ".join(quoted(name) for name in names) or "*"
    with connect() as database:
        return dict(database.execute(f"SELECT {what} FROM read_parquet({literal(path)})").fetchnumpy())
