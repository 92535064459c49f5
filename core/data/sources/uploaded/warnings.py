"""What may be wrong with a table that can be read: leakage, rows on both sides of the split, labels that say the same.

Each is a sentence, never a refusal. How much a feature tells of a label is the share of the label's entropy that it
takes away: I(label; feature) / H(label), with numbers cut into equal parts. 1: the feature settles the label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log2

import duckdb

from core.data.parquet import quoted
from core.data.reading.parquet_columns import kind_of_type
from core.data.reading.reader import Reading
from core.data.reading.roles import names_an_id
from core.data.reading.text import ROW

SAMPLE = 100_000  # rows that are looked at
PARTS = 32  # equal parts of a number's range
FEWEST_EACH = 4  # rows a value must have on average, or it settles any label by being alone
LEAKS, SAME = 0.9, 0.999  # shares of the label's entropy
MOST_TWICE = 0.01  # share of rows that may stand twice without a word
MOST_FEATURES = 300


def warnings_of(
    database: duckdb.DuckDBPyConnection,
    reading: Reading,
    labels: Mapping[str, str | None],
    features: Sequence[str],
    time: str | None,
) -> list[str]:
    """The sentences, of a sample of at most SAMPLE rows of the table `given`."""
    every = max(1, reading.rows // SAMPLE)
    database.execute(f"CREATE OR REPLACE TEMP TABLE looked AS SELECT * FROM given WHERE {ROW} % {every} = 0")
    names = [name for name in features if kind_of_type(reading.types[name]) != "list"][:MOST_FEATURES]
    coded = [f"{_code(reading, name)} AS f{at}" for at, name in enumerate(names)]
    coded += [f"{_code(reading, name)} AS l{at}" for at, name in enumerate(labels)]
    database.execute(f"CREATE OR REPLACE TEMP TABLE coded AS SELECT {', '.join(coded)} FROM looked")
    said = _leaks(database, names, list(labels)) + _same_labels(database, list(labels))
    said += _twice(database, names, list(labels)) + _ids(reading, names) + _times(reading, time)
    database.execute("DROP TABLE coded; DROP TABLE looked")
    return said


def _code(reading: Reading, name: str) -> str:
    """SQL: a column as few enough different values."""
    column = quoted(name)
    if reading.column(name).distinct * FEWEST_EACH > reading.rows and kind_of_type(reading.types[name]) == "text":
        return f"CASE WHEN {column} IS NOT NULL THEN 'something' END"  # each value alone: only whether there is one
    if kind_of_type(reading.types[name]) == "text" or reading.column(name).distinct <= 2 * PARTS:
        return f"{column}::VARCHAR"
    return f"CASE WHEN {column} IS NOT NULL THEN floor({PARTS} * percent_rank() OVER (ORDER BY {column}))::VARCHAR END"


def _counts(database: duckdb.DuckDBPyConnection, feature: str, label: str) -> list[tuple[object, object, int]]:
    """How often each value of a feature meets each value of a label, in rows that know the label."""
    query = f"SELECT {feature}, {label}, count(*) FROM coded WHERE {label} IS NOT NULL GROUP BY ALL"
    return database.execute(query).fetchall()


def _told(counts: Iterable[tuple[object, object, int]]) -> float:
    """I(label; feature) / H(label); 0 where the feature's values are nearly all alone."""
    both, of_feature, of_label = Counter[object](), Counter[object](), Counter[object]()
    for feature, label, count in counts:
        both[feature, label] += count
        of_feature[feature] += count
        of_label[label] += count
    rows = sum(of_label.values())
    if not rows or len(of_feature) * FEWEST_EACH > rows or len(of_label) < 2:
        return 0.0
    parts = [-sum(n / rows * log2(n / rows) for n in each.values()) for each in (of_label, of_feature, both)]
    return (parts[0] + parts[1] - parts[2]) / parts[0]


def _leaks(database: duckdb.DuckDBPyConnection, names: Sequence[str], labels: Sequence[str]) -> list[str]:
    said = []
    for at, label in enumerate(labels):
        for number, name in enumerate(names):
            counts = _counts(database, f"f{number}", f"l{at}")
            if _told((feature is None, value, count) for feature, value, count in counts) > LEAKS:
                said.append(
                    f"Column {name} is filled or empty as {label} says: it may be known only afterwards; leave it out "
                    f"with column '{name}=ignore' unless it is known before."
                )
            elif (share := _told(counts)) > LEAKS:
                said.append(
                    f"Column {name} nearly equals {label} (it settles {100 * share:.0f} % of it): it may be known only "
                    f"afterwards; leave it out with column '{name}=ignore' unless it is known before."
                )
    return said


def _same_labels(database: duckdb.DuckDBPyConnection, labels: Sequence[str]) -> list[str]:
    said = []
    for at, label in enumerate(labels):
        for number, other in enumerate(labels):
            known = [one for one in _counts(database, f"l{number}", f"l{at}") if one[0] is not None]
            if at == number or _told(known) <= SAME:
                continue
            back = _told((value, feature, count) for feature, value, count in known)
            if number < at or back <= SAME:  # once where both do
                said.append(
                    f"Label {label} follows from label {other} in every row: the two tell much of the same, "
                    "and may hardly pull apart."
                )
    return said


def _twice(database: duckdb.DuckDBPyConnection, features: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Rows that are alike in all features and labels, and so stand on both sides of any split."""
    if not features:
        return []
    names = [*features, *labels]
    rows, different = database.execute(
        f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {', '.join(map(quoted, names))} FROM looked)) "
        "FROM looked"
    ).fetchall()[0]
    if len(features) < 3 or rows - different <= MOST_TWICE * rows:
        return []
    return [
        f"{100 * (rows - different) / rows:.0f} % of the rows repeat another one in every feature and label: such rows "
        "stand in training and in the test, which then looks better than it is; leave repeats out, or name a "
        "column that keeps them together (role group)."
    ]


def _ids(reading: Reading, names: Sequence[str]) -> list[str]:
    return [
        f"Column {name} is read as a number, but its name says that it holds ids: as a category with "
        f"column '{name}=sparse'."
        for name in names
        if names_an_id(name) and reading.column(name).role == "number"
    ]


def _times(reading: Reading, time: str | None) -> list[str]:
    if time is not None:
        return []
    times = [column.name for column in reading.columns if column.kind == "time" and column.role != "ignore"]
    return [
        f"Rows are split at random although {times[0]} is a time: split by it, so that the test is the newest, as in "
        "use."
    ] if times else []  # fmt: skip
