"""What is wrong with a table, each thing in one sentence that names the column and the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from core.data.parquet import quoted
from core.data.reading.labels import MOST_CLASSES
from core.data.reading.parquet_columns import kind_of_type
from core.data.reading.reader import Reading
from core.data.reading.text import ROW
from core.data.reading.typed import aggregated
from core.task_kinds.kinds import KINDS, TABLE_KINDS

FEWEST_ROWS = 50
LARGEST = 3.4e38  # of a 32-bit number, in which a network calculates
SHOWN = 3  # rows named in a sentence


@dataclass
class TaskReport:
    """A label column: what it was taken for, and how many rows know it."""

    kind: str
    known: int
    missing: int
    mean: float | None  # share of 1 for a binary label
    classes: int = 0  # where the kind has such, all up to the highest class number


@dataclass
class Report:
    """The result of a check; a table can be used when `problems` is empty."""

    rows: int
    tasks: dict[str, TaskReport] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # what was done, and what should be looked at


def is_number(kind: str) -> bool:
    """Whether a DuckDB type is a number, decimals included."""
    return kind_of_type(kind) == "number"


def known(name: str) -> str:
    """SQL: the column as a number, NULL where it is missing or not a number."""
    return f"CASE WHEN isnan({quoted(name)}::DOUBLE) THEN NULL ELSE {quoted(name)}::DOUBLE END"


def check(
    database: duckdb.DuckDBPyConnection,
    reading: Reading,
    labels: Mapping[str, str | None],
    features: Sequence[str],
    time_column: str | None = None,
) -> Report:
    """Checks the table `given` (see `core.data.reading`); a label's kind is guessed where it is None."""
    types = reading.types
    report = Report(rows=_one(database, "SELECT count(*) FROM given"))
    if report.rows == 0:
        report.problems.append("The table has a header but 0 rows; give at least one row for each class.")
        return report
    if report.rows < FEWEST_ROWS:
        report.problems.append(
            f"The table has {report.rows} row{'s' * (report.rows != 1)}; at least {FEWEST_ROWS} are needed to train, "
            "to hold out and to test."
        )
    for name, kind in labels.items():
        _check_label(database, types, name, kind, report)
    suspects = _suspects(database, types, features)
    for name in features:
        if name in suspects:
            _check_feature(database, name, types[name], report)
    if not features:
        report.problems.append(
            f"No column is left to predict from without the labels {', '.join(labels)}; add feature columns."
        )
    if time_column is not None:
        _check_time(database, reading, time_column, report)
    report.problems += reading.asks
    report.warnings += reading.warnings
    return report


def _check_label(
    database: duckdb.DuckDBPyConnection, types: Mapping[str, str], name: str, kind: str | None, report: Report
) -> None:
    problems = report.problems
    if name not in types:
        column, _, after = name.rpartition(":")
        kinds = ", ".join(TABLE_KINDS)
        no_kind = f" ({after[:40]!r} is no kind of label: {kinds})" if column in types else ""
        problems.append(f"Column {name} is not in the table{no_kind}; its columns are {', '.join(types)}.")
        return
    if types[name] != "BOOLEAN" and not is_number(types[name]):
        bad = f"{quoted(name)} IS NOT NULL AND try_cast({quoted(name)}::VARCHAR AS DOUBLE) IS NULL"
        example = rows_where(database, bad)
        if example is None and _one(database, f"SELECT count({quoted(name)}) FROM given") == 0:
            problems.append(_all_missing(name, report.rows))
            return
        text = f"SELECT left({quoted(name)}::VARCHAR, 60) FROM given WHERE {bad} ORDER BY {ROW} LIMIT 1"
        value = "" if example is None else f", for example {_one(database, text)!r} in {example}"
        problems.append(
            f"Column {name} is of type {types[name]}{value}; a label is 0 / 1, a number, or one of at most "
            f"{MOST_CLASSES} words."
        )
        return
    value = known(name)
    infinite = _too_large(database, name)
    problems += infinite
    count = _one(database, f"SELECT count({value}) FROM given")
    if count == 0:
        problems.append(_all_missing(name, report.rows))
        return
    if infinite:
        return
    taken, strange = _taken_for(database, value, kind)
    label = KINDS[taken].table
    assert label is not None  # else it could not be named
    mean, highest = _row(database, f"SELECT avg({value}), max({value}) FROM given")
    classes = int(highest) + 1 if KINDS[taken].has_classes and not strange else 0
    report.tasks[name] = TaskReport(taken, count, report.rows - count, float(mean), classes)
    if strange:
        found = _value(database, name, _strange(value, taken))
        shown = f"{found:g}" if isinstance(found, float) else found
        problems.append(f"Column {name} holds {shown} in {strange}; {label.expects}.")
    elif _one(database, f"SELECT count(DISTINCT {value}) FROM given") == 1:
        only = _one(database, f"SELECT any_value({value}) FROM given")
        problems.append(f"Column {name} holds only {only:g} in all of its {count} known rows; {label.needs}.")


def _too_large(database: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """A sentence where a column holds what no 32-bit number can."""
    value = known(name)
    if infinite := rows_where(database, f"isinf({value})"):
        return [f"Column {name} holds an infinite value in {infinite}; leave the cell empty or give a number."]
    if large := rows_where(database, f"abs({value}) > {LARGEST}"):
        found = _value(database, name, f"abs({value}) > {LARGEST}")
        return [f"Column {name} holds {found:g} in {large}, more than a network can calculate with ({LARGEST:g}); "
                "leave the cell empty, or give smaller units or a logarithm."]  # fmt: skip
    return []


def _taken_for(database: duckdb.DuckDBPyConnection, value: str, kind: str | None) -> tuple[str, str | None]:
    """The kind that is named, else the first that is guessed and allows every value; and the rows it does not allow."""
    if kind is not None:
        return kind, rows_where(database, _strange(value, kind))
    guessed = [one.name for one in KINDS.values() if one.table is not None and one.table.is_guessed]
    found = ((name, rows_where(database, _strange(value, name))) for name in guessed)
    return next((pair for pair in found if pair[1] is None), (guessed[-1], None))


def _strange(value: str, kind: str) -> str:
    """SQL: true where a known value is no label of the kind."""
    label = KINDS[kind].table
    assert label is not None
    known_value = f"({value})"
    return f"{known_value} IS NOT NULL AND NOT ({label.allowed.format(value=known_value)})"


def _suspects(database: duckdb.DuckDBPyConnection, types: Mapping[str, str], features: Sequence[str]) -> set[str]:
    """The features of which something is to be said, in a few passes: 1,500 queries take minutes."""
    plain = [name for name in features if not _is_nested(types[name])]
    amiss = [
        f"count({quoted(name)}) = 0"
        + f" OR count(*) FILTER (abs({known(name)}) > {LARGEST}) > 0" * is_number(types[name])
        for name in plain
    ]
    found = aggregated(database, amiss, "given")
    return set(features) - {name for name, is_amiss in zip(plain, found, strict=True) if not is_amiss}


def _is_nested(kind: str) -> bool:
    return kind.startswith(("STRUCT", "MAP", "BLOB", "UNION")) or (kind.endswith("[]") and kind.count("[") > 1)


def _check_feature(database: duckdb.DuckDBPyConnection, name: str, kind: str, report: Report) -> None:
    if _is_nested(kind):
        report.problems.append(
            f"Column {name} is of type {kind} in all {report.rows} rows; "
            "a feature is a number, a word, a time or a list of words: drop or convert it."
        )
        return
    if _one(database, f"SELECT count({quoted(name)}) FROM given") == 0:
        report.problems.append(_all_missing(name, report.rows))
    elif is_number(kind):
        report.problems += _too_large(database, name)


def _check_time(database: duckdb.DuckDBPyConnection, reading: Reading, name: str, report: Report) -> None:
    types = reading.types
    if name not in types:
        report.problems.append(f"Time column {name} is not in the table; its columns are {', '.join(types)}.")
        return
    moment = as_time(name, types[name])
    condition = f"({moment}) IS NULL OR NOT isfinite({moment})"
    bad = rows_where(database, condition)
    if reading.asks:
        return  # it cannot be read yet
    if bad:
        first = _one(database, f"SELECT min({ROW}) FROM given WHERE {condition}")
        found = reading.written(database, name, int(first))
        report.problems.append(
            f"Time column {name} holds {found!r} in {bad}, "
            "which is no time; write 2026-03-01, 2026-03-01 12:30:00 or a number."
        )
    elif _one(database, f"SELECT count(DISTINCT {moment}) FROM given") < 3:
        report.problems.append(
            f"Time column {name} has fewer than 3 different times in its {report.rows} rows; "
            "choose a finer one or split at random."
        )


def as_time(name: str, kind: str) -> str:
    """SQL: the time column as a number that grows with time, NULL where it cannot be read."""
    if is_number(kind):
        return known(name)
    return f"epoch(try_cast({quoted(name)}::VARCHAR AS TIMESTAMP))"


def rows_where(database: duckdb.DuckDBPyConnection, condition: str) -> str | None:
    """'row 3', 'rows 3 and 9' or 'rows 3, 9, 12 and 40 more'; None when there is none."""
    count = _one(database, f"SELECT count(*) FROM given WHERE {condition}")
    if count == 0:
        return None
    query = f"SELECT {ROW} FROM given WHERE {condition} ORDER BY {ROW} LIMIT {SHOWN}"
    numbers = [str(row[0]) for row in database.execute(query).fetchall()]
    if count > SHOWN:
        return f"rows {', '.join(numbers)} and {count - SHOWN} more"
    return f"row {numbers[0]}" if count == 1 else f"rows {', '.join(numbers[:-1])} and {numbers[-1]}"


def _all_missing(name: str, rows: int) -> str:
    return f"Column {name} is empty in all {rows} rows; fill it or leave it out."


def _value(database: duckdb.DuckDBPyConnection, name: str, condition: str) -> Any:
    return _one(database, f"SELECT {quoted(name)} FROM given WHERE {condition} ORDER BY {ROW} LIMIT 1")


def _one(database: duckdb.DuckDBPyConnection, query: str) -> Any:
    return _row(database, query)[0]


def _row(database: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return database.execute(query).fetchall()[0]
