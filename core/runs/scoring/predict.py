"""New rows from a file, their predictions into another: `python -m core predict` and the page. Imports torch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from core.data import parquet
from core.data.new_rows import Encoder, Findings, open_file
from core.data.parquet import literal, quoted
from core.data.reading.options import ReaderOptions
from core.data.reading.text import ROW
from core.data.sources.uploaded.event_file import read_events
from core.errors import PrecedenceError
from core.files import write_whole
from core.runs.scoring.histories import usual_candidates
from core.runs.scoring.open_model import Model, named_columns, score_given
from core.runs.scoring.pairs import open_pairs

ENDINGS = {".csv": "FORMAT csv, HEADER", ".tsv": "FORMAT csv, HEADER, DELIMITER '\t'", ".parquet": parquet.QUICK}


@dataclass(frozen=True)
class Predicted:
    """What was written, and what was met in the rows."""

    file: Path
    columns: list[str]  # that were added
    seconds: float  # reading, scoring and writing
    findings: Findings

    def as_fields(self) -> dict[str, Any]:
        """As the command prints them."""
        found = self.findings
        return {
            "rows": found.rows,
            "seconds": round(self.seconds, 3),
            "file": str(self.file),
            "columns": self.columns,
            "unseen": found.unseen,
            "failed": found.failed,
            "absent": found.absent,
            "sentences": found.sentences(),
        }


def predict_file(
    model: Model,
    source: Path,
    target: Path | None = None,
    fill: bool = False,
    threads: int = 1,
    options: ReaderOptions | None = None,
) -> Predicted:
    """Writes the rows of `source` with their predictions beside them, in the same order, as CSV, TSV or Parquet.

    Of a DeepBoW the rows are pairs of query and title. Of a DUPN `source` holds events, and what is written has a row
    for each user and candidate, see `usual_candidates`. `options`: how such a file is read; a table is read as the
    training table was.

    `target` is by default SOURCE-predicted beside the working folder's other files, of the source's own kind.
    """
    began = time.perf_counter()
    ending = source.suffix.lower() if source.suffix.lower() in ENDINGS else ".csv"
    target = Path(f"{source.stem}-predicted{ending}") if target is None else target
    if target.suffix.lower() not in ENDINGS:
        raise PrecedenceError(f"The file {target.name} is no .csv, .tsv or .parquet file; name one of these in --out.")
    if target.exists() and source.exists() and target.samefile(source):
        raise PrecedenceError(f"{target.name} is the file that is scored; name another one in --out.")
    with parquet.connect(threads=threads) as database:
        names, columns, findings = _SCORED[model.form](database, model, source, fill, options)
        taken = [name for name in columns if name.lower() in {own.lower() for own in names}]
        if taken:
            raise PrecedenceError(
                f"Column {taken[0]} is in {source.name} already; rename it, or the prediction has no place."
            )
        _write(database, names, columns, target)
    return Predicted(target, list(columns), time.perf_counter() - began, findings)


Scored = tuple[list[str], dict[str, Any], Findings]
"""Columns of the table `given` that are written, what is added, what was met."""


def _of_rows(
    database: duckdb.DuckDBPyConnection, model: Model, source: Path, fill: bool, options: ReaderOptions | None
) -> Scored:
    if options is not None and options != ReaderOptions():
        raise PrecedenceError(
            "Rows of a table are read as the training table was, so no option or column can be said of them here."
        )
    given = open_file(database, source, model.preparation)
    columns, findings = score_given(model, Encoder(database, given, model.preparation, fill))
    return given.names, columns, findings


def _of_pairs(
    database: duckdb.DuckDBPyConnection, model: Model, source: Path, fill: bool, options: ReaderOptions | None
) -> Scored:
    names, queries, titles = open_pairs(database, source, options)
    found, findings = model.pairs.score(queries, titles)
    return names, named_columns(found), findings


def _of_histories(
    database: duckdb.DuckDBPyConnection, model: Model, source: Path, fill: bool, options: ReaderOptions | None
) -> Scored:
    histories, repairs = read_events(source, options=options)
    asked = usual_candidates(histories)
    found, findings = model.histories.score(histories, asked)
    findings.said = repairs.sentences()
    told = {"user": histories.users[asked.user].astype(str), "item": histories.items.name[asked.item].astype(str)}
    database.register("precedence_asked", told)
    query = f'SELECT "user", item, row_number() OVER () AS {ROW} FROM precedence_asked'
    database.execute(f"CREATE TABLE given AS {query}")
    return list(told), named_columns(found), findings


_SCORED = {"rows": _of_rows, "pairs": _of_pairs, "histories": _of_histories}


def _write(database: Any, names: list[str], columns: dict[str, Any], target: Path) -> None:
    database.register("precedence_scores", {f"c{n}": np.ascontiguousarray(v) for n, v in enumerate(columns.values())})
    own = [f"given.{quoted(name)}" for name in names]
    added = [f"precedence_scores.c{n} AS {quoted(name)}" for n, name in enumerate(columns)]
    query = f"SELECT {', '.join([*own, *added])} FROM given POSITIONAL JOIN precedence_scores ORDER BY given.{ROW}"
    options = ENDINGS[target.suffix.lower()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, lambda unfinished: database.execute(f"COPY ({query}) TO {literal(unfinished)} ({options})"))
    except OSError as error:
        raise PrecedenceError(f"{target} cannot be written ({error.strerror}); name another file in --out.") from error
