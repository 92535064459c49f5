"""A user's own table: checked, split, turned into ids and numbers, and kept as a prepared folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from core.data import parquet
from core.data.checks import Kind, Report, as_time, check, is_number, known, rows_where
from core.data.description import (
    DatasetCard,
    DatasetDescription,
    DenseFeature,
    SequenceFeature,
    SparseFeature,
    Split,
    Task,
)
from core.data.parquet import quoted
from core.data.prepared import SPLIT, write_query
from core.data.source import ROW, distinct, open_table
from core.errors import PrecedenceError
from core.home import home

FEW_VALUES = 200  # whole numbers with at most so many different values are categories
LARGEST_VOCABULARY = 50_000  # more words than this share so many ids by hashing
LONGEST_SEQUENCE = 50
TRAIN, SLICE = 0.70, 0.15  # shares of rows; the rest is the test


def check_file(file: Path, labels: Mapping[str, Kind | None], time_column: str | None = None) -> Report:
    """Reads a file and lists what is wrong with it; raises only when it cannot be read at all."""
    with parquet.connect() as database:
        types = open_table(database, file)
        return check(database, types, labels, time_column)


def prepare(
    file: Path, name: str, labels: Mapping[str, Kind | None], time_column: str | None = None, title: str = ""
) -> Path:
    """Makes the prepared folder `home()/tables/<name>` and returns it; refuses a table with any problem.

    Strings, booleans, whole numbers of few values and columns called id or *_id become categories, other numbers and
    times become dense, lists become sequences. Vocabularies are those of the training rows. The time column and the
    labels are no features.
    """
    if not labels:
        raise PrecedenceError("No label column is named; name at least one column that is to be predicted.")
    folder = home() / "tables" / safe_name(name)
    with parquet.connect() as database:
        types = open_table(database, file)
        report = check(database, types, labels, time_column)
        _refuse(report.problems)
        _split(database, types, time_column)
        _refuse(_empty_splits(database, report, time_column))
        features = [column for column in types if column not in labels and column != time_column]
        sparse, dense, sequences, wanted, joins = _features(database, types, features)
        tasks = tuple(
            Task(name=task_name(label), title=label, kind=found.kind, label=label)
            for label, found in report.tasks.items()
        )
        says = f"by {time_column}: first 70 %, next 15 %, last 15 %" if time_column else "70 / 15 / 15 % at random"
        card = DatasetCard(
            name="own",
            title=title or name,
            about=f"{report.rows} rows of {file.name}; labels {', '.join(report.tasks)}.",
            tasks=tasks,
            split=Split(kind="time" if time_column else "random", column=time_column, says=says),
        )
        wanted += [f"({known(label)})::FLOAT AS {quoted(label)}" for label in report.tasks]
        query = f"SELECT {', '.join([*wanted, f'g.{SPLIT}'])} FROM divided g {' '.join(joins)} ORDER BY g.{ROW}"
        write_query(
            folder, DatasetDescription(card=card, sparse=sparse, dense=dense, sequences=sequences), database, query
        )
    return folder


def safe_name(name: str) -> str:
    """A folder name of small letters, digits, - and _ made from what the user typed."""
    safe = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:64]
    if not safe:
        raise PrecedenceError(f"The name {name!r} has no letter or digit in it; give one such as my-shop.")
    return safe


def task_name(label: str) -> str:
    """A task's name made from its column: no space, comma or = in it, so that it can stand in a command or a URL."""
    return re.sub(r"[^\w-]+", "_", label).strip("_") or "label"


def _refuse(problems: list[str]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more problems: check the table)" if len(problems) > 1 else ""
        raise PrecedenceError(problems[0] + more)


def _split(database: duckdb.DuckDBPyConnection, types: Mapping[str, str], time_column: str | None) -> None:
    if time_column:
        moment = as_time(time_column, types[time_column])
        ends = f"SELECT quantile_disc({moment}, {TRAIN}) AS a, quantile_disc({moment}, {TRAIN + SLICE}) AS b FROM given"
        division = f"CASE WHEN {moment} <= a THEN 0 WHEN {moment} <= b THEN 1 ELSE 2 END"
        source = f"given, ({ends})"
        exclude = "EXCLUDE (a, b)"
    else:
        draw = f"(md5_number(concat('precedence-', {ROW})) % 10000)::INT"
        division = f"CASE WHEN {draw} < {round(1e4 * TRAIN)} THEN 0 WHEN {draw} < {round(1e4 * (TRAIN + SLICE))} THEN 1 ELSE 2 END"
        source, exclude = "given", ""
    del exclude
    database.execute(f"CREATE TABLE divided AS SELECT given.*, ({division})::UTINYINT AS {SPLIT} FROM {source}")


def _empty_splits(database: duckdb.DuckDBPyConnection, report: Report, time_column: str | None) -> list[str]:
    """A sentence for each split where a label has no known row, or one class only."""
    advice = "split at random" if time_column else "add rows"
    problems = []
    for label, found in report.tasks.items():
        for number, split in enumerate(("training rows", "slice", "test rows")):
            value = known(label)
            query = f"SELECT count({value}), count(DISTINCT {value}) FROM divided WHERE {SPLIT} = {number}"
            count, values = database.execute(query).fetchall()[0]
            if count == 0 or (found.kind == "binary" and values < 2):
                what = "no known value" if count == 0 else "one class only"
                problems.append(f"Column {label} has {what} in the {count} known {split}; {advice}.")
    return problems


def _features(
    database: duckdb.DuckDBPyConnection, types: Mapping[str, str], names: list[str]
) -> tuple[tuple[SparseFeature, ...], tuple[DenseFeature, ...], tuple[SequenceFeature, ...], list[str], list[str]]:
    sparse, dense, sequences, wanted, joins = [], [], [], [], []
    for number, name in enumerate(names):
        kind, column = types[name], f"g.{quoted(name)}"
        if kind.endswith("[]"):
            size = _vocabulary(
                database, number, f"SELECT unnest({quoted(name)})::VARCHAR AS word, {SPLIT} FROM divided"
            )
            longest = database.execute(f"SELECT max(len({quoted(name)})) FROM divided").fetchall()[0][0] or 1
            length = max(1, min(int(longest), LONGEST_SEQUENCE))
            sequences.append(SequenceFeature(name=name, size=size, length=length))
            wanted.append(f"coalesce(q{number}.ids, []) AS {quoted(name)}")
            # the newest are last, so the end of the list is kept
            last = f"list_slice({quoted(name)}, greatest(len({quoted(name)}) - {length - 1}, 1), len({quoted(name)}))"
            words = f"SELECT {ROW} AS r, unnest({last})::VARCHAR AS word, generate_subscripts({last}, 1) AS place FROM divided"
            joins.append(
                f"LEFT JOIN (SELECT r, list(coalesce(v.id, 0) ORDER BY place) AS ids FROM ({words}) w "
                f"LEFT JOIN words{number} v ON v.word = w.word GROUP BY r) q{number} ON q{number}.r = g.{ROW}"
            )
        elif _is_category(database, name, kind):
            size = _vocabulary(database, number, f"SELECT {quoted(name)}::VARCHAR AS word, {SPLIT} FROM divided")
            sparse.append(SparseFeature(name=name, size=size))
            wanted.append(f"coalesce(v{number}.id, 0)::INTEGER AS {quoted(name)}")
            joins.append(f"LEFT JOIN words{number} v{number} ON v{number}.word = {column}::VARCHAR")
        else:
            dense.append(DenseFeature(name=name))
            value = known(name) if is_number(kind) else f"epoch({quoted(name)}::TIMESTAMP) / 86400"
            wanted.append(f"({value})::FLOAT AS {quoted(name)}")
    return tuple(sparse), tuple(dense), tuple(sequences), wanted, joins


def _is_category(database: duckdb.DuckDBPyConnection, name: str, kind: str) -> bool:
    if is_number(kind):
        whole = kind not in ("FLOAT", "DOUBLE") and not kind.startswith("DECIMAL")
        called_id = name.lower() == "id" or name.lower().endswith("_id")
        return whole and (called_id or distinct(database, name) <= FEW_VALUES)
    return not kind.startswith(("DATE", "TIMESTAMP"))


def _vocabulary(database: duckdb.DuckDBPyConnection, number: int, words: str) -> int:
    """Makes the table words<number> of (word, id) from the training rows' words; returns the size, 0 included."""
    known_words = f"SELECT DISTINCT word FROM ({words}) WHERE {SPLIT} = 0 AND word IS NOT NULL"
    count = int(database.execute(f"SELECT count(*) FROM ({known_words})").fetchall()[0][0])
    hashed = f"(md5_number(word) % {LARGEST_VOCABULARY})::INTEGER + 1"
    ids = hashed if count > LARGEST_VOCABULARY else "(row_number() OVER (ORDER BY word))::INTEGER"
    database.execute(f"CREATE TABLE words{number} AS SELECT word, {ids} AS id FROM ({known_words})")
    return max(2, min(count, LARGEST_VOCABULARY) + 1)


__all__ = ["check_file", "prepare", "rows_where", "safe_name", "task_name"]
