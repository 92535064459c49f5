"""Rows that no model has seen, read as the training rows were: `core.data.preparation` applied to a file or a frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.parquet import Array, literal, quoted
from core.data.preparation import FittedColumn, Preparation
from core.data.reading.again import Again, of_given, open_again
from core.data.reading.options import NULL_WORDS, ReaderOptions, checked_options
from core.data.reading.text import ROW
from core.errors import PrecedenceError

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
NO_NUMBER = ", ".join(literal(word) for word in ("", *NULL_WORDS))
CHUNK = 131_072  # rows in memory as ids and numbers at a time


@dataclass
class Findings:
    """What was met in new rows that training has not seen; cells by column."""

    rows: int = 0
    unseen: dict[str, int] = field(default_factory=dict)  # known cells without an id
    failed: dict[str, int] = field(default_factory=dict)  # cells that are no value of the column's type
    absent: list[str] = field(default_factory=list)  # columns that the file does not have
    said: list[str] = field(default_factory=list)  # what was done with the file as it was read

    def sentences(self) -> list[str]:
        """One for each kind of finding."""
        said = list(self.said)
        if self.absent:
            said.append(f"Taken as missing in every row, as the file has no such column: {', '.join(self.absent)}.")
        if self.unseen:
            said.append(
                f"Values that no training row has, taken as unknown: {_counted(self.unseen)} of {self.rows:,} rows."
            )
        if self.failed:
            said.append(f"Cells that are no number or time, taken as missing: {_counted(self.failed)}.")
        return said


def _counted(cells: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} in {name}" for name, count in cells.items())


@dataclass(frozen=True)
class Encoded:
    """Some of the rows, in order, as a network takes them. R rows."""

    sparse: Array  # [R, F] int32
    dense: Array  # [R, D] float32, standardised
    sequences: tuple[Array, ...]  # S of [R, length] int32


def open_file(database: duckdb.DuckDBPyConnection, file: Path, preparation: Preparation) -> Again:
    """Makes the table `given` of a file, its cells as they are written, by the options of the training file; what may
    differ from file to file without a change of meaning (encoding, delimiter, quote) is found anew."""
    if not file.is_file():
        raise PrecedenceError(f"The file {file} does not exist; give a CSV, TSV or Parquet file of rows to score.")
    free: dict[str, Any] = {"delimiter": None, "quote": None, "encoding": None, "skip": None, "sheet": None}
    options = checked_options(preparation.options).model_copy(update=free)
    options = options.model_copy(update={"header": options.header if options.header is False else None})
    if not preparation.header:
        return open_again(database, file, options)
    first = open_again(database, file, ReaderOptions(delimiter=",", quote="", header=False), preparation.header)
    row = database.execute(f"SELECT * FROM given WHERE {ROW} = 1").fetchone() or ()
    if not {str(cell).strip().lower() for cell in row} & {name.lower() for name in preparation.names}:
        return first
    database.execute("DROP VIEW IF EXISTS given; DROP TABLE IF EXISTS given")
    return open_again(database, file, options)


def put_frame(database: duckdb.DuckDBPyConnection, frame: Any) -> None:
    """Makes a data frame, an Arrow table or a dictionary of columns the table `given`, its rows numbered from 1."""
    try:
        database.register("precedence_frame", frame)
        database.execute(f"CREATE TABLE given AS SELECT *, row_number() OVER () AS {ROW} FROM precedence_frame")
    except (duckdb.Error, TypeError, ValueError) as error:
        raise PrecedenceError(
            f"Rows of the type {type(frame).__name__} cannot be read ({' '.join(str(error).split())[:200]}); give a "
            "pandas frame, an Arrow table, or a dictionary of columns."
        ) from error


def open_frame(database: duckdb.DuckDBPyConnection, frame: Any, preparation: Preparation) -> Again:
    """The same from a data frame, an Arrow table or a dictionary of NumPy columns."""
    put_frame(database, frame)
    return of_given(database, "the frame", checked_options(preparation.options))


class Encoder:
    """The table `given` of a connection as a network's input, by a fitted preparation."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, given: Again, preparation: Preparation, fill: bool = False
    ) -> None:
        """Raises PrecedenceError where columns are absent, unless `fill`: then they are missing in every row."""
        self._database = database
        self._columns = preparation.columns
        self._values, self._types, names = given.values, given.types, given.names
        known = {name.strip().lower(): name for name in names}
        self._own = {one.name: known.get(one.name.strip().lower()) for one in self._columns}
        absent = [name for name, own in self._own.items() if own is None]
        rows = int(database.execute("SELECT count(*) FROM given").fetchall()[0][0])
        self.findings = Findings(rows, absent=absent)
        if absent and (not fill or len(absent) == len(self._columns)):
            raise PrecedenceError(
                f"The rows lack {len(absent)} of the {len(self._columns)} columns that the model was trained on: "
                f"{', '.join(absent[:12])}{' …' if len(absent) > 12 else ''}; they have {', '.join(names[:12])}. "
                "Add the columns, or allow that they are filled as missing."
            )
        self._words = {n: pa.array(one.words, pa.string()) for n, one in enumerate(self._columns) if one.words}

    def chunks(self) -> Iterator[Encoded]:
        """All rows, in order; `findings` are complete after the last."""
        for start in range(0, self.findings.rows, CHUNK):
            yield self._chunk(start + 1, min(start + CHUNK, self.findings.rows))

    def _chunk(self, first: int, last: int) -> Encoded:
        within = f"FROM given WHERE {ROW} BETWEEN {first} AND {last}"
        rows = last - first + 1
        plain = [(n, one) for n, one in enumerate(self._columns) if not one.length]
        wanted = [f"{self._read(one)} AS c{n}" for n, one in plain]
        wanted += [f"{_hash(f'({self._word(one)})', one)} AS h{n}" for n, one in plain if one.kind == "hashed"]
        query = f"SELECT {', '.join([*wanted, ROW])} {within} ORDER BY {ROW}"
        found = self._database.sql(query).to_arrow_table()
        values: dict[int, Array] = {}
        for n, one in plain:
            column = found.column(f"c{n}").combine_chunks()
            if one.size:
                hashes = found.column(f"h{n}").to_numpy() if one.kind == "hashed" else None
                values[n] = self._ids(n, one, column, hashes)
                self._note(self.findings.unseen, one, values[n] == 0, within)
            else:
                number = column.to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
                self._note(self.findings.failed, one, np.isnan(number), within)
                values[n] = _standardised(number, one)
        return Encoded(
            _side_by_side([values[n] for n, one in plain if one.size], rows, np.int32),
            _side_by_side([values[n] for n, one in plain if not one.size], rows, np.float32),
            tuple(self._lists(n, one, within) for n, one in enumerate(self._columns) if one.length),
        )

    def _ids(self, number: int, column: FittedColumn, values: pa.Array, hashes: Array | None) -> Array:
        """[n] the id of each value, 0 where it is unknown or missing."""
        if column.kind == "ids":
            return values.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        if not column.words:
            return np.zeros(len(values), np.int32)
        places = pc.index_in(values.cast(pa.string()), value_set=self._words[number])
        if hashes is None:
            return pc.add(places, 1).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        return np.where(places.is_valid().to_numpy(zero_copy_only=False), hashes, 0).astype(np.int32)

    def _lists(self, number: int, column: FittedColumn, within: str) -> Array:
        cell = f"coalesce({self._cell(column)}, [])"
        last = f"list_slice({cell}, greatest(len({cell}) - {column.length - 1}, 1), len({cell}))"
        one = _within(column) if column.kind == "ids" else _text("x", column)
        hashes = (
            f", list_transform(l, lambda x: {_hash(_text('x', column), column)}) AS h"
            if column.kind == "hashed"
            else ""
        )
        query = (
            f"SELECT list_transform(l, lambda x: {one}) AS w{hashes} FROM (SELECT {last} AS l {within} ORDER BY {ROW})"
        )
        found = self._database.sql(query).to_arrow_table()
        words = found.column("w").combine_chunks()
        hashed = found.column("h").combine_chunks().flatten().to_numpy() if hashes else None
        ids = self._ids(number, column, words.flatten(), hashed)
        lengths = pc.list_value_length(words).fill_null(0).to_numpy(zero_copy_only=False)
        lists = np.zeros((len(lengths), column.length), np.int32)
        lists[np.arange(column.length) < lengths[:, None]] = ids
        if column.kind != "ids":  # where 0 is also what fills a list up
            _add(self.findings.unseen, column.name, ((lists > 0).sum(1) < lengths).sum())
        return lists

    def _note(self, where: dict[str, int], column: FittedColumn, absent: Array, within: str) -> None:
        """Counts the cells that hold something, but nothing that training knows."""
        own = self._own[column.name]
        if own is None or not absent.any():
            return
        text = f"trim({quoted(own)}::VARCHAR)"
        empty = "'', '0'" if column.kind == "ids" else "''" if column.size else NO_NUMBER
        known = f"{text} NOT IN ({empty}) AND ({self._values[own] if column.size else text}) IS NOT NULL"
        told = f"SELECT coalesce({known}, false) AS told {within} ORDER BY {ROW}"
        _add(where, column.name, (absent & self._database.execute(told).fetchnumpy()["told"]).sum())

    # ------------------------------------------------------------------ SQL of one column

    def _cell(self, column: FittedColumn) -> str:
        """The cell as a value of the type that it had in training; NULL where it is none."""
        own = self._own[column.name]
        if own is None:
            return f"NULL::{column.type}"
        value = self._values[own]
        if column.words and self._types.get(own) == "BOOLEAN":
            return _yes_or_no(quoted(own), column.words)
        if column.kind == "number":
            return f"try_cast({value} AS DOUBLE)"
        if column.size and column.type in WHOLE:  # 2.5 is no 2
            number = f"try_cast({value} AS DOUBLE)"
            return f"CASE WHEN {number} = floor({number}) THEN try_cast({value} AS {column.type}) END"
        return f"try_cast({value} AS {column.type})"

    def _word(self, column: FittedColumn) -> str:
        return _text(self._cell(column), column)

    def _read(self, column: FittedColumn) -> str:
        """What the chunk's query asks for: an id, a word or a number."""
        if not column.size:
            return self._number(column)
        if column.kind != "ids":
            return self._word(column)
        cell = self._cell(column)
        return f"CASE WHEN {cell} BETWEEN 0 AND {column.size - 1} THEN {cell}::INTEGER END"

    def _number(self, column: FittedColumn) -> str:
        cell = self._cell(column)
        if column.kind == "time":
            return f"try_cast(epoch({cell}::TIMESTAMP) / 86400 AS FLOAT)"
        value = f"({cell})::DOUBLE"
        if column.logarithm:
            value = f"CASE WHEN {value} > -1 THEN ln(1 + {value}) END"
        number = f"try_cast({value} AS FLOAT)"
        return f"CASE WHEN isnan({number}) OR isinf({number}) THEN NULL ELSE {number} END"


def _yes_or_no(cell: str, words: tuple[str, ...]) -> str:
    """SQL: a truth value as the training file spelt it."""
    spelt = {word.lower(): word for word in words}
    pairs = [("true", "false"), ("1", "0"), ("yes", "no"), ("y", "n"), ("t", "f")]
    yes, no = next((pair for pair in pairs if set(pair) & spelt.keys()), pairs[0])
    return f"CASE {cell} WHEN true THEN {literal(spelt.get(yes, yes))} WHEN false THEN {literal(spelt.get(no, no))} END"


def _add(where: dict[str, int], name: str, count: int) -> None:
    if count:
        where[name] = where.get(name, 0) + int(count)


def _text(cell: str, column: FittedColumn) -> str:
    return f"trim(({cell})::VARCHAR)" if column.trimmed else f"({cell})::VARCHAR"


def _hash(word: str, column: FittedColumn) -> str:
    """SQL: the id that a word of many shares with others."""
    return f"coalesce((md5_number({word}) % {column.size - 1})::INTEGER + 1, 0)"


def _within(column: FittedColumn) -> str:
    return f"CASE WHEN x BETWEEN 0 AND {column.size - 1} THEN x::INTEGER ELSE 0 END"


def _standardised(values: Array, column: FittedColumn) -> Array:
    """The arithmetic of `core.data.prepared.standardised`, to the bit."""
    given = values.astype(np.float32, copy=False)
    scaled = (given - np.float32(column.mean)) / np.float32(column.deviation)
    return np.where(np.isnan(given), np.float32(0), scaled)


def _side_by_side(columns: list[Array], rows: int, kind: Any) -> Array:
    return np.stack(columns, 1) if columns else np.empty((rows, 0), kind)
