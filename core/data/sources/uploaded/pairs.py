"""Uploaded judged pairs: a CSV, TSV or Parquet file with query, title and label, or WANDS' folder of three files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import numpy as np

from core.data import parquet
from core.data.description import DatasetCard, Split
from core.data.pairs.judged import HIGHEST, Judged, check, divided, numbered
from core.data.pairs.prepare import grade_tasks, write_pairs
from core.data.parquet import literal, quoted
from core.data.reading.reader import open_source as open_file
from core.data.source import UPLOADED
from core.data.sources.uploaded.pair_columns import needed, recognised
from core.data.sources.uploaded.places import pairs_folder
from core.data.text.build import VocabularySizes
from core.errors import PrecedenceError
from core.files import content_mark

GRADES = (
    {"exact": 2, "partial": 1, "irrelevant": 0},  # WANDS
    {"e": 3, "s": 2, "c": 1, "i": 0},  # ESCI
    {"good": 1, "bad": 0},
    {"true": 1, "false": 0},
    {"yes": 1, "no": 0},
)
"""Words that labels may be, each with its grade; otherwise labels are whole numbers from 0."""

SIZES = VocabularySizes(buckets=4096)
"""Of uploaded pairs: many words stand in few texts, and few of them should share a bucket."""

WANDS = ("query.csv", "product.csv", "label.csv")


def prepare_pairs(
    source: Path,
    name: str = "",
    title: str = "",
    columns: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Path:
    """Makes the prepared folder of judged pairs and returns it: `folder`, else one of the file's name and content.

    Refuses what cannot be used.

    Queries are divided 70 / 15 / 15 % by a hash of their text; words are counted from the training queries and all
    titles, which are what will be searched. Rows without a query, a title or a label are left out.
    """
    judged, found, left_out = read_pairs(source, columns)
    check(judged)
    name = name or source.stem
    about = f"{found} judged pairs of {source.name}: {len(judged.queries)} queries, {len(judged.products)} titles."
    if left_out:
        about += f" {left_out} rows without a query, a title or a label are left out."
    card = DatasetCard(
        name=UPLOADED,
        title=title or name,
        about=about,
        tasks=grade_tasks(judged.highest),
        split=Split(kind="given", says="70 / 15 / 15 % of the queries"),
    )
    folder = folder or pairs_folder(name, content_mark(source, columns, title or name))
    write_pairs(folder, card, judged, SIZES, judged.products)
    return folder


def read_pairs(source: Path, columns: Mapping[str, str] | None = None) -> tuple[Judged, int, int]:
    """The judged pairs, how many there are, and how many rows were left out as incomplete.

    `columns` says which is the query, the title and the label; None: recognised by their names.
    """
    with parquet.connect() as database:
        names = open_source(database, source)
        which = recognised(names) if columns is None else columns
        query, title, label = (needed(source.name, names, which, what) for what in ("query", "title", "label"))
        texts = ", ".join(f"trim(CAST({quoted(column)} AS VARCHAR))" for column in (query, title, label))
        rows = database.execute(f"SELECT {texts} FROM given").fetchall()
    whole = [row for row in rows if all(row)]
    if not whole:
        raise PrecedenceError(
            f"{source.name} holds no row with a query, a title and a label; give at least a few judged pairs."
        )
    queries, query_of = numbered([row[0] for row in whole])
    products, product_of = numbered([row[1] for row in whole])
    grades = _grades(source, [row[2] for row in whole])
    split = divided(queries)[query_of]
    return Judged(queries, products, query_of, product_of, grades, split), len(whole), len(rows) - len(whole)


def open_source(database: duckdb.DuckDBPyConnection, source: Path) -> list[str]:
    """Makes the table `given` of a file, or of the folder of WANDS' three files; returns its columns."""
    if not source.is_dir():
        return list(open_file(database, source).types)
    _open_wands(database, source)
    return ["query", "title", "label"]


def _grades(source: Path, labels: list[str]) -> np.ndarray:
    distinct = {label.lower() for label in labels}
    for words in GRADES:
        if distinct <= set(words):
            return np.array([words[label.lower()] for label in labels], dtype=np.float32)
    for label in sorted(distinct):
        try:
            value = float(label)
        except ValueError:
            value = -1.0
        if not (value.is_integer() and 0 <= value <= HIGHEST):
            raise PrecedenceError(
                f"The label {label[:40]!r} of {source.name} is no grade; give whole numbers 0 … {HIGHEST} (more is "
                "better), or the words of WANDS (Exact, Partial, Irrelevant) or ESCI (E, S, C, I)."
            )
    return np.array([float(label) for label in labels], dtype=np.float32)


def _open_wands(database: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """WANDS as it is published: tab-separated query.csv, product.csv and label.csv, joined by their ids."""
    if missing := [name for name in WANDS if not (folder / name).is_file()]:
        raise PrecedenceError(
            f"The folder {folder.name} has no {missing[0]}; give a file of pairs, or WANDS' folder with "
            f"{', '.join(WANDS)}."
        )
    query, product, label = (
        f"read_csv({literal(folder / name)}, delim='\\t', header=true, all_varchar=true, quote='')" for name in WANDS
    )
    try:
        database.execute(
            "CREATE TABLE given AS SELECT q.query, p.product_name AS title, l.label "
            f"FROM {label} l JOIN {query} q USING (query_id) JOIN {product} p USING (product_id) ORDER BY l.id"
        )
    except duckdb.Error as error:
        raise PrecedenceError(
            f"The folder {folder.name} cannot be read as WANDS ({str(error).splitlines()[0]}); fetch its files again."
        ) from error
