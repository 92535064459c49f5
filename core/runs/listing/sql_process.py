"""python -m core.runs.listing.sql_process: answers one question in SQL and ends; tables come as JSON on standard input.

Three fences, each enough for most of what somebody may try: one statement, which must be a SELECT; a DuckDB without
files, network, extensions or variables of this program, whose configuration is locked; and a process with limits of
time and memory that can write no file and has no environment to tell of.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

MEMORY = "256MB"  # of DuckDB
ADDRESS_SPACE = 4 << 30  # bytes, of the process: libraries are mapped into it too
MORE = 512 << 20  # bytes that a question may take beside the tables: functions of DuckDB do not keep to its own limit
GRACE = 1.0  # seconds after which a question that heeds no interruption ends with its process
LONGEST_CELL = 500  # characters
TYPES = {
    "seed": pa.int64(), "steps": pa.int64(), "seconds": pa.float64(), "created": pa.float64(), "pinned": pa.bool_(),
    "metric": pa.float64(), "loss": pa.float64(), "violation": pa.float64(), "multiplier": pa.float64(),
    "single_task_metric": pa.float64(), "better": pa.int32(),
}  # fmt: skip
"""Of columns that hold no text."""


def open_tables(tables: dict[str, dict[str, list[Any]]]) -> duckdb.DuckDBPyConnection:
    """A database in memory with these tables and nothing else, locked."""
    database = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": MEMORY,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    for name, columns in tables.items():
        table = pa.table({key: pa.array(values, TYPES.get(key, pa.string())) for key, values in columns.items()})
        database.register("given", table)
        changed = "* REPLACE (to_timestamp(created)::TIMESTAMP AS created)" if "created" in columns else "*"
        database.execute(f"CREATE TABLE {name} AS SELECT {changed} FROM given")
        database.unregister("given")
    for setting in (
        "temp_directory = ''",
        "secret_directory = '/nonexistent'",
        "allow_persistent_secrets = false",
        "python_enable_replacements = false",
        "python_scan_all_frames = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        database.execute(f"SET {setting}")
    return database


def answer(database: duckdb.DuckDBPyConnection, question: str, seconds: float, most: int) -> dict[str, Any]:
    """Columns and rows as plain JSON, or the problem in a sentence."""
    timer = threading.Timer(seconds, database.interrupt)
    timer.start()
    try:
        statements = database.extract_statements(question)
        if len(statements) != 1 or not _is_select(statements[0]) or "\0" in question:
            return {
                "problem": "One SELECT is answered, nothing else; begin with SELECT, FROM or WITH and write no ';'."
            }
        result = database.execute(statements[0])
        columns = [str(column[0]) for column in result.description or ()]
        found = result.fetchmany(most + 1)
    except duckdb.InterruptException:
        return {"timeout": True}
    except (duckdb.Error, MemoryError, RuntimeError) as error:
        reason = " ".join((str(error) or "too large").split())[:300]
        return {"problem": f"DuckDB cannot answer this: {reason}"}
    finally:
        timer.cancel()
    return {
        "columns": columns,
        "rows": [[_plain(cell) for cell in row] for row in found[:most]],
        "truncated": len(found) > most,
    }


def _is_select(statement: duckdb.Statement) -> bool:
    try:
        return bool(statement.type == duckdb.StatementType.SELECT)
    except ValueError:  # a kind of statement for which Python has no name
        return False


def _plain(cell: Any) -> Any:
    if cell is None or isinstance(cell, bool | int):
        return cell if cell is None or abs(cell) < 1 << 53 else str(cell)[:LONGEST_CELL]
    if isinstance(cell, float):
        return cell if cell == cell and abs(cell) != float("inf") else str(cell)
    return str(cell)[:LONGEST_CELL]


def _held() -> int:
    """Bytes of data that this process holds."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) << 10
    return ADDRESS_SPACE


def main() -> None:
    """One question, one answer."""
    given = json.loads(sys.stdin.buffer.read())
    seconds = float(given["seconds"])
    with contextlib.suppress(ValueError, OSError):  # before DuckDB lays memory by
        resource.setrlimit(resource.RLIMIT_DATA, (_held() + MORE, _held() + MORE))
    database = open_tables(given["tables"])
    processor = int(seconds) + int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 2
    for what, most in (
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_AS, ADDRESS_SPACE),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    end = threading.Timer(seconds + GRACE, os._exit, [1])
    end.daemon = True
    end.start()
    said = answer(database, str(given["question"]), seconds, int(given["most"]))
    sys.stdout.write(json.dumps(said, allow_nan=False))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
