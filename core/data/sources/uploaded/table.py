"""An uploaded table: checked, split, turned into ids and numbers, and kept as a prepared folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from core.data.preparation import FittedColumn, Preparation, in_order
from core.data.prepared import SPLIT, write_query
from core.data.reading.options import ReaderOptions
from core.data.reading.parquet_columns import kind_of_type
from core.data.reading.reader import Reading, open_source
from core.data.reading.roles import guessed_roles
from core.data.reading.text import ROW
from core.data.source import UPLOADED
from core.data.sources.uploaded.checks import Report, TaskReport, as_time, check, known, rows_where
from core.data.sources.uploaded.kept import READING, content_mark_of, kept_reading, refuse_other
from core.data.sources.uploaded.learnable import write_learnable
from core.data.sources.uploaded.lists import LIST, check_lists, gain, list_of
from core.data.sources.uploaded.places import table_folder
from core.data.sources.uploaded.warnings import warnings_of
from core.errors import PrecedenceError
from core.task_kinds.kinds import KINDS

LARGEST_VOCABULARY = 50_000  # more words than this share so many ids by hashing
LONGEST_SEQUENCE = 50
WORD, ID, PLACE = "precedence_word", "precedence_id", "precedence_place"  # no column of a user begins like these
TRAIN, VALIDATION = 0.70, 0.15  # shares of rows; the rest is the test
NOT_USED = ("label", "weight", "id", "ignore", "group", "query")
"""Roles of columns that are no features."""
TASK_KIND = {"binary": "binary", "count": "regression", "number": "regression", "classes": "multiclass"}
"""The kind of task for each kind of label that the reader knows."""
LABEL_KIND = {"binary": "binary", "regression": "number", "multiclass": "classes"}


@dataclass(frozen=True)
class TableChoice:
    """What a table is used for: its file was read, its labels have kinds, and the rest are features or not used."""

    reading: Reading
    labels: dict[str, str | None]
    features: list[str]
    time: str | None
    group: str | None
    query: str | None  # rows of one query are a list, which labels put in order
    weights: dict[str, str]  # label, "" for all → column


def read_table(
    database: duckdb.DuckDBPyConnection,
    file: Path | Sequence[Path],
    labels: Mapping[str, str | None],
    time_column: str | None = None,
    options: ReaderOptions | None = None,
) -> TableChoice:
    """Reads a file as a table of rows; labels, time and group are those that are named, here or in the options."""
    options = options or ReaderOptions()
    said = {
        name: options.column(name).model_copy(
            update={"role": "label", "label": LABEL_KIND.get(kind or "") or options.column(name).label}
        )
        for name, kind in labels.items()
    }
    if time_column is not None:
        said[time_column] = options.column(time_column).model_copy(update={"role": "time"})
    reading = open_source(database, file, options.with_columns(said), "table", strict=False, labels=False)
    by_role = {name: options.column(name).role for name in reading.types}
    every = dict(labels) | {name: None for name, role in by_role.items() if role == "label" and name not in labels}
    kinds = {name: kind or _kind_of(reading, name) for name, kind in every.items()}
    time = time_column or next((name for name, role in by_role.items() if role == "time"), None)
    group, query = (next((name for name, of in by_role.items() if of == role), None) for role in ("group", "query"))
    weights = {options.column(name).of: name for name, role in by_role.items() if role == "weight"}
    left_out = {column.name for column in reading.columns if (column.role in NOT_USED and by_role[column.name])
                or column.role in ("id", "ignore")}  # fmt: skip
    features = [name for name in reading.types if name not in kinds and name != time and name not in left_out]
    return TableChoice(reading, kinds, features, time, group, query, weights)


def _kind_of(reading: Reading, name: str) -> str | None:
    """The task kind of a label as the reader took it; None where it took none."""
    rule = reading.rules.get(name)
    return TASK_KIND[rule.kind] if rule is not None and rule.kind in ("binary", "classes") else None


def check_file(
    file: Path | Sequence[Path],
    labels: Mapping[str, str | None],
    time_column: str | None = None,
    options: ReaderOptions | None = None,
) -> Report:
    """Reads a file and lists what is wrong with it; raises only when it cannot be read at all."""
    with parquet.connect() as database:
        choice = read_table(database, file, labels, time_column, options)
        return _checked(database, choice)


def _checked(database: duckdb.DuckDBPyConnection, choice: TableChoice) -> Report:
    report = check(database, choice.reading, choice.labels, choice.features, choice.time)
    left = [column.name for column in choice.reading.columns if column.role in ("id", "ignore")
            and column.name not in choice.labels and column.name != choice.time]  # fmt: skip
    if left:
        report.warnings.append(f"Not used to predict from: {', '.join(left)}.")
    for label, column in choice.weights.items():
        bad = rows_where(database, f"({known(column)}) < 0")
        if bad:
            report.problems.append(f"Weight column {column} holds a number below 0 in {bad}; a weight is 0 or more.")
        if label and label not in choice.labels:
            report.problems.append(f"Column {column} weighs {label[:60]}, which is no label; name one of the labels.")
    if not report.problems:
        report.warnings += warnings_of(database, choice.reading, choice.labels, choice.features, choice.time)
    return report


def prepare(
    file: Path | Sequence[Path],
    name: str,
    labels: Mapping[str, str | None],
    time_column: str | None = None,
    options: ReaderOptions | None = None,
    replace: bool = False,
) -> Path:
    """Makes the prepared folder `home()/tables/<name>` and returns it; refuses a table with any problem, and the name
    of a table of other content unless it may `replace` that.

    Words, ids and whole numbers of few values become categories, other numbers and times become dense, lists become
    sequences. Vocabularies are those of the training rows. The time column and the labels are no features.
    """
    folder = table_folder(name)
    sources = [file] if isinstance(file, Path) else list(file)
    mark = content_mark_of(sources, sorted(labels.items(), key=str), time_column, options)
    if not replace:
        refuse_other(folder, mark)
    with parquet.connect() as database:
        choice = read_table(database, file, labels, time_column, options)
        if not choice.labels:
            raise PrecedenceError(_no_label(choice.reading))
        report = _checked(database, choice)
        _refuse(report.problems)
        _split(database, choice)
        _refuse(_empty_splits(database, report, choice.time))
        gains = _gains(database, choice, report)
        fitted, wanted, joins = _features(database, choice.reading, choice.features)
        tasks = tuple(_task(choice, label, found) for label, found in report.tasks.items())
        split = choice.time or choice.query or choice.group
        says = "70 / 15 / 15 % at random"
        if split:
            says = f"by {split}: " + (
                "first 70 %, next 15 %, last 15 %" if choice.time else "70 / 15 / 15 % of its values"
            )
        card = DatasetCard(
            name=UPLOADED,
            title=name,
            about=_about(choice, report, gains),
            tasks=tasks,
            split=Split(kind="time" if choice.time else "random", column=choice.time, says=says),
        )
        values = {label: gains[label][0] if choice.query else known(label) for label in report.tasks}
        wanted += [f"({value})::FLOAT AS {quoted(label)}" for label, value in values.items()]
        wanted += [LIST] if choice.query else []
        wanted += [f"coalesce({known(each)}, 0)::FLOAT AS {quoted(each)}" for each in choice.weights.values()]
        query = f"SELECT {', '.join([*wanted, f'g.{SPLIT}'])} FROM divided g {' '.join(joins)} ORDER BY g.{ROW}"
        description = _described(card, fitted, LIST if choice.query else None)
        read_as = choice.reading.options.model_dump(mode="json", exclude_defaults=True)
        columns = in_order({one.name: one for one in fitted}, description)
        preparation = Preparation(columns=columns, file=choice.reading.file, options=read_as)
        beside = {READING: kept_reading(choice.reading, report, mark)}
        write_query(folder, description, database, query, beside, preparation)
    write_learnable(folder)
    return folder


def _gains(database: duckdb.DuckDBPyConnection, choice: TableChoice, report: Report) -> dict[str, tuple[str, str]]:
    """Of a table of lists: each label's gain and how it came to be."""
    if choice.query is None:
        return {}
    check_lists(database, choice.query, report.tasks)
    numbered = f"SELECT *, (dense_rank() OVER (ORDER BY {list_of(choice.query)}) - 1)::INTEGER AS {LIST} FROM divided"
    database.execute(f"CREATE OR REPLACE TABLE divided AS {numbered}")
    return {label: gain(database, label) for label in report.tasks}


def _about(choice: TableChoice, report: Report, gains: Mapping[str, tuple[str, str]]) -> str:
    labels = ", ".join(says for _, says in gains.values()) or ", ".join(report.tasks)
    lists = f" in lists by {choice.query}" if choice.query else ""
    return f"{report.rows} rows of {choice.reading.file}{lists}; labels {labels}."


def _task(choice: TableChoice, label: str, found: TaskReport) -> Task:
    rule = choice.reading.rules.get(label)
    words = rule.classes if rule is not None and found.kind == "multiclass" else ()
    classes = max(found.classes, len(words))
    weight = choice.weights.get(label, choice.weights.get(""))
    kind = "ranking" if choice.query else found.kind
    return Task(name=task_name(label), title=label, kind=kind, label=label, classes=classes, words=words,
                weight=weight)  # fmt: skip


def _no_label(reading: Reading) -> str:
    likely = list(guessed_roles(list(reading.types), "table"))
    like = f" ({', '.join(likely)} may be such)" if likely else ""
    return f"No label column is named; name at least one column that is to be predicted{like}."


def task_name(label: str) -> str:
    """A task's name made from its column: no space, comma or = in it, so that it can stand in a command or a URL."""
    return re.sub(r"[^\w-]+", "_", label).strip("_") or "label"


def _refuse(problems: list[str]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more problems: check the table)" if len(problems) > 1 else ""
        raise PrecedenceError(problems[0] + more)


def _split(database: duckdb.DuckDBPyConnection, choice: TableChoice) -> None:
    """Makes the table `divided`: rows with their split; those of one time, of one group, of one list stay together."""
    if choice.time:
        point = as_time(choice.time, choice.reading.types[choice.time])
        query = f"SELECT quantile_disc({point}, {TRAIN}), quantile_disc({point}, {TRAIN + VALIDATION}) FROM given"
        first, second = (float(end) for end in database.execute(query).fetchall()[0])
        if choice.query:  # a list stays together, at its first row's time
            point = f"min({point}) OVER (PARTITION BY {list_of(choice.query)})"
        ends = f"{point} <= {first!r}", f"{point} <= {second!r}"
    else:  # a hash of the row's number is a uniform draw that does not depend on threads
        together = choice.query or choice.group
        drawn = f"coalesce({quoted(together)}::VARCHAR, {ROW}::VARCHAR)" if together else ROW
        point = f"(md5_number(concat('precedence-', {drawn})) % 10000)::INT"
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


def _described(card: DatasetCard, fitted: list[FittedColumn], group: str | None) -> DatasetDescription:
    return DatasetDescription(
        card=card,
        group=group,
        sparse=tuple(SparseFeature(name=one.name, size=one.size) for one in fitted if one.size and not one.length),
        dense=tuple(DenseFeature(name=one.name) for one in fitted if not one.size),
        sequences=tuple(
            SequenceFeature(name=one.name, size=one.size, length=one.length) for one in fitted if one.length
        ),
    )


def _features(
    database: duckdb.DuckDBPyConnection, reading: Reading, names: list[str]
) -> tuple[list[FittedColumn], list[str], list[str]]:
    """What each column became, the SQL of its values, and the joins that these need."""
    fitted, wanted, joins = [], [], []
    for number, name in enumerate(names):
        kind, column = reading.types[name], quoted(name)
        if kind.endswith("[]"):
            words = _vocabulary(database, number, f"SELECT unnest({column})::VARCHAR AS {WORD}, {SPLIT} FROM divided")
            longest = database.execute(f"SELECT max(len({column})) FROM divided").fetchall()[0][0] or 1
            length = max(1, min(int(longest), LONGEST_SEQUENCE))
            fitted.append(FittedColumn(name=name, type=kind, length=length, **words))
            wanted.append(f"coalesce(q{number}.{ID}, []) AS {column}")
            joins.append(f"LEFT JOIN ({_sequence(column, number, length)}) q{number} ON q{number}.r = g.{ROW}")
        elif _is_category(reading, name):
            words = _vocabulary(database, number, f"SELECT {column}::VARCHAR AS {WORD}, {SPLIT} FROM divided")
            fitted.append(FittedColumn(name=name, type=kind, **words))
            wanted.append(f"coalesce(v{number}.{ID}, 0)::INTEGER AS {column}")
            ids = f"(SELECT {WORD}, {ID} FROM words{number})"  # a table has a rowid, as a column may be called
            joins.append(f"LEFT JOIN {ids} v{number} ON v{number}.{WORD} = g.{column}::VARCHAR")
        else:
            is_number = kind_of_type(kind) == "number"
            fitted.append(FittedColumn(name=name, type=kind, kind="number" if is_number else "time"))
            value = known(name) if is_number else f"epoch({column}::TIMESTAMP) / 86400"
            wanted.append(f"({value})::FLOAT AS {column}")
    return fitted, wanted, joins


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


def _is_category(reading: Reading, name: str) -> bool:
    kind = kind_of_type(reading.types[name])
    column = reading.column(name)
    if column.role == "label":  # it looked like one, but nobody wants it predicted
        return kind == "text" or column.kind in ("binary", "classes")
    return kind == "text" or (kind == "number" and column.role not in ("number", "price", "time", "quantity", "weight"))


def _vocabulary(database: duckdb.DuckDBPyConnection, number: int, words: str) -> dict[str, Any]:
    """Makes the table words<number> of word and id from the training rows' words; returns what a `FittedColumn` says
    of it."""
    known_words = f"SELECT DISTINCT {WORD} FROM ({words}) WHERE {SPLIT} = 0 AND {WORD} IS NOT NULL"
    count = int(database.execute(f"SELECT count(*) FROM ({known_words})").fetchall()[0][0])
    is_hashed = count > LARGEST_VOCABULARY
    hashed = f"(md5_number({WORD}) % {LARGEST_VOCABULARY})::INTEGER + 1"
    ids = hashed if is_hashed else f"(row_number() OVER (ORDER BY {WORD}))::INTEGER"
    database.execute(f"CREATE TABLE words{number} AS SELECT {WORD}, {ids} AS {ID} FROM ({known_words})")
    found = database.execute(f"SELECT {WORD} FROM words{number} ORDER BY {ID}, {WORD}").fetchall()
    return {
        "kind": "hashed" if is_hashed else "words",
        "size": max(2, min(count, LARGEST_VOCABULARY) + 1),
        "words": tuple(row[0] for row in found),
    }
