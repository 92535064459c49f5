"""Uploaded judged pairs: query, title and label in one file, or judgements and products in several, joined by ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.data import parquet
from core.data.description import DatasetCard, Split
from core.data.pairs.judged import KEY, Judged, check, divided, first_of, same_query
from core.data.pairs.prepare import grade_tasks, write_pairs
from core.data.parquet import quoted
from core.data.reading import reader
from core.data.reading.options import ReaderOptions
from core.data.reading.reader import Reading
from core.data.reading.text import ROW
from core.data.source import UPLOADED
from core.data.sources.uploaded.click_log import judged_of_clicks
from core.data.sources.uploaded.grades import grades_of, is_unknown
from core.data.sources.uploaded.kept import content_mark_of
from core.data.sources.uploaded.pair_columns import columns_of, needed
from core.data.sources.uploaded.places import pairs_folder
from core.data.sources.uploaded.product_numbers import number_columns, numbers_of
from core.data.text.build import VocabularySizes
from core.data.text.fields import SIGNS
from core.errors import PrecedenceError

SIZES = VocabularySizes(buckets=4096)
"""Of uploaded pairs: many words stand in few texts, and few of them should share a bucket."""

FIRST_FIELD = 5  # of the columns that are read
WANDS = ("query.csv", "product.csv", "label.csv")
Source = Path | Sequence[Path]


@dataclass(frozen=True)
class JudgedFile:
    """Judged pairs of a file. `found` rows were whole, `left_out` were not; `said`: how it was read, in sentences.

    `by`: what made the grades.
    """

    judged: Judged
    found: int
    left_out: int
    said: Sequence[str] = ()
    by: Literal["judges", "clicks"] = "judges"


def prepare_pairs(
    source: Source,
    name: str = "",
    title: str = "",
    columns: Mapping[str, str] | None = None,
    folder: Path | None = None,
    options: ReaderOptions | None = None,
) -> Path:
    """Makes the prepared folder of judged pairs and returns it: `folder`, else one of the file's name and content.

    Refuses what cannot be used.

    Queries are divided 70 / 15 / 15 % by a hash of their text; words are counted from the training queries and all
    titles, which are what will be searched. Rows without a query, a title or a label are left out.
    """
    read = read_judged_file(source, columns, options)
    judged = read.judged
    check(judged)
    files = [source] if isinstance(source, Path) else list(source)
    name = name or files[0].stem
    what = "judged pairs" if read.by == "judges" else "impressions and clicks"
    about = f"{read.found} {what} of {files[0].name}: {len(judged.queries)} queries, {len(judged.products)} titles."
    if read.left_out:
        about += f" {read.left_out} rows without a query, a title or a label are left out."
    card = DatasetCard(
        name=UPLOADED,
        title=title or name,
        about=" ".join([about, *read.said]),
        tasks=grade_tasks(judged.highest),
        split=Split(kind="given", says="70 / 15 / 15 % of the queries"),
    )
    more = [columns, title or name, *([options] if options not in (None, ReaderOptions()) else [])]
    folder = folder or pairs_folder(name, content_mark_of(files, *more))
    write_pairs(folder, card, judged, SIZES, judged.products)
    return folder


def read_pairs(source: Source, columns: Mapping[str, str] | None = None) -> tuple[Judged, int, int]:
    """The judged pairs, how many rows were whole, and how many were left out as incomplete."""
    read = read_judged_file(source, columns)
    return read.judged, read.found, read.left_out


def read_judged_file(
    source: Source, columns: Mapping[str, str] | None = None, options: ReaderOptions | None = None
) -> JudgedFile:
    """The judged pairs of a file.

    `columns` says which is the query, the title, the label, the key and the rater; None: recognised by their names, or
    as the options say. Queries that differ in capitals and blanks alone are one. A product is its key, where there is
    one, else its title. Several judgements of a pair are one, their mean.
    """
    with parquet.connect() as database:
        reading = open_source(database, source, options)
        which = columns_of(reading) if columns is None else dict(columns)
        if columns is None and "title" not in which and "key" in which:
            raise PrecedenceError(
                f"{reading.file} has no column for the title, only ids of documents ({which['key']}); bring the file "
                f"of products too, with a column {which['key']} and their titles: both are joined by it."
            )
        if "label" not in which and "click" in which:
            for what in ("query", "title"):
                needed(reading.file, list(reading.types), which, what)
            return JudgedFile(*judged_of_clicks(database, reading, which), by="clicks")
        names = list(reading.types)
        parts = [needed(reading.file, names, which, what) for what in ("query", "title", "label")]
        key = which.get("key")
        texts = [f"trim(CAST({quoted(part)} AS VARCHAR))" for part in parts]
        texts.append(f"CAST({quoted(key)} AS VARCHAR)" if key in names else "''")
        fields = [name for name in SIGNS if which.get(name) in names]
        said = "".join(f", coalesce(trim(CAST({quoted(which[name])} AS VARCHAR)), '')" for name in fields)
        rows = database.execute(f"SELECT {', '.join(texts)}, {ROW}{said} FROM given ORDER BY {ROW}").fetchall()
        known_by = texts[3] if key in names else texts[1]
        numbers = partial(numbers_of, database, number_columns(reading, which), known_by)
        return _read(reading, which, rows, key in names, fields, numbers)


def _read(
    reading: Reading,
    which: Mapping[str, str],
    rows: Sequence[tuple[str, ...]],
    keyed: bool,
    fields: Sequence[str],
    numbers: Callable[[Sequence[str]], Mapping[str, NDArray[np.float64]]],
) -> JudgedFile:
    """Of a file's rows; `numbers` says those of products by what names them."""
    order = reading.options.column(which["label"]).classes
    whole = [row for row in rows if all(row[:3]) and (not keyed or row[3]) and not is_unknown(row[2])]
    if not whole:
        raise PrecedenceError(
            f"{reading.file} holds no row with a query, a title and a label; give at least a few judged pairs."
        )
    judged, told = _judged(reading.file, whole, keyed, fields, order)
    judged = replace(judged, numbers=numbers(judged.keys or judged.products))
    notes = [one for one in reading.warnings if "label" not in one.lower()]
    return JudgedFile(judged, len(whole), len(rows) - len(whole), (*notes, *told))


def _judged(
    file: str, rows: Sequence[tuple[str, ...]], keyed: bool, fields: Sequence[str], order: Sequence[str]
) -> tuple[Judged, list[str]]:
    grades, said = grades_of(file, [row[2] for row in rows], [int(row[4]) for row in rows], order)
    queries, query_of = first_of([same_query(row[0]) for row in rows], [row[0] for row in rows])
    known = [row[3] if keyed else row[1] for row in rows]
    products, product_of = first_of(known, [row[1] for row in rows])
    texts = {name: first_of(known, [row[at] for row in rows])[0] for at, name in enumerate(fields, FIRST_FIELD)}
    spellings = len({row[0] for row in rows}) - len(queries)
    if spellings:
        said.append(f"Queries that differ from another one in capitals or blanks alone, and are one: {spellings:,}.")
    query_of, product_of, grades, told = _once(query_of, product_of, grades)
    keys = list(dict.fromkeys(row[3] for row in rows))
    split = divided(queries)[query_of]
    return Judged(
        queries, products, query_of, product_of, grades, split, texts | ({KEY: keys} if keyed else {})
    ), said + told


def _once(
    query_of: NDArray[np.int32], product_of: NDArray[np.int32], grades: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32], list[str]]:
    """One judgement a query and product, the mean of all, in the order of the first; and what there was of others."""
    pair = query_of.astype(np.int64) * (int(product_of.max()) + 1) + product_of
    _, first, place, count = np.unique(pair, return_index=True, return_inverse=True, return_counts=True)
    if len(first) == len(pair):
        return query_of, product_of, grades, []
    mean = np.bincount(place, weights=grades.astype(np.float64)) / count
    lowest, highest = np.full(len(first), np.inf), np.full(len(first), -np.inf)
    np.minimum.at(lowest, place, grades)
    np.maximum.at(highest, place, grades)
    order = np.argsort(first, kind="stable")
    differ = int((highest > lowest).sum())
    said = [f"Rows that judge a pair which another row has judged: {len(pair) - len(first):,}; a pair counts once."]
    if differ:
        apart = float((highest - lowest)[highest > lowest].mean())
        said.append(
            f"Pairs on which judgements differ: {differ:,} of {int((count > 1).sum()):,} judged more than once, by "
            f"{apart:.2g} grades on average; the mean is taken."
        )
    kept = first[order]
    return query_of[kept], product_of[kept], mean[order].astype(np.float32), said


def open_source(database: duckdb.DuckDBPyConnection, source: Source, options: ReaderOptions | None = None) -> Reading:
    """Makes the table `given` of a file, of several, or of the folder of WANDS' three files."""
    if isinstance(source, Path) and source.is_dir():
        missing = [name for name in WANDS if not (source / name).is_file()]
        if missing and len(missing) < len(WANDS):
            raise PrecedenceError(
                f"The folder {source.name} has no {missing[0]}; give a file of pairs, or WANDS' folder with "
                f"{', '.join(WANDS)}."
            )
    reading = reader.open_source(database, source, options)
    if reading.purpose in ("pairs", "catalogue"):
        return reading
    return reader.open_source(database, source, options, "pairs")
