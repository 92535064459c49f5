"""An uploaded table: checked, split, turned into ids and numbers, and kept as a prepared folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from core.data import parquet
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
from core.data.source import UPLOADED
from core.data.sources.uploaded.checks import Report, as_time, check, is_number, known
from core.data.sources.uploaded.places import table_folder
from core.data.sources.uploaded.table_file import ROW, distinct, open_table
from core.errors import PrecedenceError
from core.task_kinds.kinds import KINDS

FEW_VALUES = 200  # whole numbers with at most so many different values are categories
LARGEST_VOCABULARY = 50_000  # more words than this share so many ids by hashing
LONGEST_SEQUENCE = 50
WORD, ID, PLACE = "precedence_word", "precedence_id", "precedence_place"  # no column of a user begins like these
TRAIN, VALIDATION = 0.70, 0.15  # shares of rows; the rest is the test


def check_file(file: Path, labels: Mapping[str, str | None], time_column: str | None = None) -> Report:
    """Reads a file and lists what is wrong with it; raises only when it cannot be read at all."""
    with parquet.connect() as database:
        types = open_table(database, file)
        return check(database, types, labels, time_column)


def prepare(file: Path, name: str, labels: Mapping[str, str | None], time_column: str | None = None) -> Path:
    """Makes the prepared folder `home()/tables/<name>` and returns it; refuses a table with any problem.

    Strings, booleans, whole numbers of few values and columns called id or *_id become categories, other numbers and
    times become dense, lists become sequences. Vocabularies are those of the training rows. The time column and the
    labels are no features.
    """
    if not labels:
        raise PrecedenceError("No label column is named; name at least one column that is to be predicted.")
    folder = table_folder(name)
    with parquet.connect() as database:
        types = open_table(database, file)
        report = check(database, types, labels, time_column)
        _refuse(report.problems)
        _split(database, types, time_column)
        _refuse(_empty_splits(database, report, time_column))
        features = [column for column in types if column not in labels and column != time_column]
        sparse, dense, sequences, wanted, joins = _features(database, types, features)
        tasks = tuple(
            Task(name=task_name(label), title=label, kind=found.kind, label=label, classes=found.classes)
            for label, found in report.tasks.items()
        )
        says = f"by {time_column}: first 70 %, next 15 %, last 15 %" if time_column else "70 / 15 / 15 % at random"
        card = DatasetCard(
            name=UPLOADED,
            title=name,
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


def task_name(label: str) -> str:
    """A task's name made from its column: no space, comma or = in it, so that it can stand in a command or a URL."""
    return re.sub(r"[^\w-]+", "_", label).strip("_") or "label"


def _refuse(problems: list[str]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more problems: check the table)" if len(problems) > 1 else ""
        raise PrecedenceError(problems[0] + more)


def _split(database: duckdb.DuckDBPyConnection, types: Mapping[str, str], time_column: str | None) -> None:
    """Makes the table `divided`: the rows with their split; rows of one time stay together."""
    if time_column:
        point = as_time(time_column, types[time_column])
        query = f"SELECT quantile_disc({point}, {TRAIN}), quantile_disc({point}, {TRAIN + VALIDATION}) FROM given"
        first, second = (float(end) for end in database.execute(query).fetchall()[0])
        ends = f"{point} <= {first!r}", f"{point} <= {second!r}"
    else:  # a hash of the row's number is a uniform draw that does not depend on threads
        point = f"(md5_number(concat('precedence-', {ROW})) % 10000)::INT"
        ends = f"{point} < {round(1e4 * TRAIN)}", f"{point} < {round(1e4 * (TRAIN + VALIDATION))}"
    division = f"CASE WHEN {ends[0]} THEN 0 WHEN {ends[1]} THEN 1 ELSE 2 END::UTINYINT"
    database.execute(f"CREATE TABLE divided AS SELECT *, {division} AS {SPLIT} FROM given")


def _empty_splits(database: duckdb.DuckDBPyConnection, report: Report, time_column: str | None) -> list[str]:
    """A sentence for each split where a label has no known row, or one class only."""
    advice = "split at random" if time_column else "add rows"
    problems = []
    for label, found in report.tasks.items():
        for number, split in enumerate(("training rows", "validation rows", "test rows")):
            value = known(label)
            query = f"SELECT count({value}), count(DISTINCT {value}) FROM divided WHERE {SPLIT} = {number}"
            count, values = database.execute(query).fetchall()[0]
            rule = KINDS[found.kind].table
            if count == 0 or (rule is not None and rule.varies_in_each_split and values < 2):
                what = "no known value" if count == 0 else "one class only"
                problems.append(f"Column {label} has {what} in the {count} known {split}; {advice}.")
    return problems


def _features(
    database: duckdb.DuckDBPyConnection, types: Mapping[str, str], names: list[str]
) -> tuple[tuple[SparseFeature, ...], tuple[DenseFeature, ...], tuple[SequenceFeature, ...], list[str], list[str]]:
    sparse, dense, sequences, wanted, joins = [], [], [], [], []
    for number, name in enumerate(names):
        kind, column = types[name], quoted(name)
        if kind.endswith("[]"):
            size = _vocabulary(database, number, f"SELECT unnest({column})::VARCHAR AS {WORD}, {SPLIT} FROM divided")
            longest = database.execute(f"SELECT max(len({column})) FROM divided").fetchall()[0][0] or 1
            length = max(1, min(int(longest), LONGEST_SEQUENCE))
            sequences.append(SequenceFeature(name=name, size=size, length=length))
            wanted.append(f"coalesce(q{number}.{ID}, []) AS {column}")
            joins.append(f"LEFT JOIN ({_sequence(column, number, length)}) q{number} ON q{number}.r = g.{ROW}")
        elif _is_category(database, name, kind):
            size = _vocabulary(database, number, f"SELECT {column}::VARCHAR AS {WORD}, {SPLIT} FROM divided")
            sparse.append(SparseFeature(name=name, size=size))
            wanted.append(f"coalesce(v{number}.{ID}, 0)::INTEGER AS {column}")
            joins.append(f"LEFT JOIN words{number} v{number} ON v{number}.{WORD} = g.{column}::VARCHAR")
        else:
            dense.append(DenseFeature(name=name))
            value = known(name) if is_number(kind) else f"epoch({column}::TIMESTAMP) / 86400"
            wanted.append(f"({value})::FLOAT AS {column}")
    return tuple(sparse), tuple(dense), tuple(sequences), wanted, joins


def _sequence(column: str, number: int, length: int) -> str:
    """SQL: the ids of each row's list by row; the newest are last, so the end of a long list is kept."""
    last = f"list_slice({column}, greatest(len({column}) - {length - 1}, 1), len({column}))"
    words = (
        f"SELECT {ROW} AS r, unnest({last})::VARCHAR AS {WORD}, generate_subscripts({last}, 1) AS {PLACE} FROM divided"
    )
    return (
        f"SELECT w.r, list(coalesce(v.{ID}, 0) ORDER BY w.{PLACE}) AS {ID} FROM ({words}) w "
        f"LEFT JOIN words{number} v ON v.{WORD} = w.{WORD} GROUP BY w.r"
    )


def _is_category(database: duckdb.DuckDBPyConnection, name: str, kind: str) -> bool:
    if is_number(kind):
        whole = kind not in ("FLOAT", "DOUBLE") and not kind.startswith("DECIMAL")
        called_id = name.lower() == "id" or name.lower().endswith("_id")
        return whole and (called_id or distinct(database, name) <= FEW_VALUES)
    return not kind.startswith(("DATE", "TIMESTAMP"))


def _vocabulary(database: duckdb.DuckDBPyConnection, number: int, words: str) -> int:
    """Makes the table words<number> of word and id from the training rows' words; returns the size, 0 included."""
    known_words = f"SELECT DISTINCT {WORD} FROM ({words}) WHERE {SPLIT} = 0 AND {WORD} IS NOT NULL"
    count = int(database.execute(f"SELECT count(*) FROM ({known_words})").fetchall()[0][0])
    hashed = f"(md5_number({WORD}) % {LARGEST_VOCABULARY})::INTEGER + 1"
    ids = hashed if count > LARGEST_VOCABULARY else f"(row_number() OVER (ORDER BY {WORD}))::INTEGER"
    database.execute(f"CREATE TABLE words{number} AS SELECT {WORD}, {ids} AS {ID} FROM ({known_words})")
    return max(2, min(count, LARGEST_VOCABULARY) + 1)
