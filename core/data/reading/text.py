"""Text files: decoded, cut into cells by one dialect, every cell as it is written; rows that do not fit are named."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from core.data.reading.container import Plain
from core.data.reading.dialect import NO_DELIMITER, SAMPLE, Dialect, found_dialect, records
from core.data.reading.encoding import MIXED, found_encoding
from core.data.reading.head import completed, readable_names, without_odd_rows
from core.data.reading.odd_forms import (
    SAID,
    OddForm,
    escapes_quotes,
    odd_form,
    refuse_other_things,
    write_doubled,
    write_with_tabs,
)
from core.data.reading.options import ReaderOptions
from core.errors import PrecedenceError

ROW = "precedence_row"  # 1-based row number of the file, header not counted
BLOCK = 1 << 22
MOST_COLUMNS = 5000
LONGEST_ROW = 16 << 20  # bytes, read at a time
SHOWN = 60  # characters of a value in a sentence
MOST_AGAIN = 20  # times that a name may stand in a header
NAMED = 3  # rows named in a sentence


@dataclass
class RawTable:
    """A table of texts in DuckDB: columns c0, c1 … and ROW; `names` are the file's own."""

    names: list[str]
    options: ReaderOptions  # with what was found
    notes: list[str] = field(default_factory=list)  # what a person should know of it


@dataclass
class _Bad:
    row: int  # 1-based, header not counted
    cells: int
    text: str


def decode(plain: Plain, encoding: str | None, target: Path) -> str:
    """Writes the file as UTF-8 with plain line ends and returns the encoding it had."""
    if encoding is None:
        with plain.path.open("rb") as source:
            encoding = found_encoding(source)
    done = 0
    try:
        with (
            plain.path.open("rb") as binary,
            _decoded(binary, encoding) as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            while block := source.read(BLOCK):
                if "\0" in block:
                    line = done + block[: block.index("\0")].count("\n") + 1
                    raise PrecedenceError(
                        f"{plain.name} holds a zero byte in line {line}, read as {encoding}: it is no text, or saved "
                        "in another encoding; say which, e.g. option encoding=utf-16, or save it again as CSV."
                    )
                done += block.count("\n")
                out.write(block.removeprefix("\ufeff") if not done else block)
    except UnicodeError as error:
        value = getattr(error, "object", b"")[getattr(error, "start", 0) :][:1]
        raise PrecedenceError(
            f"{plain.name} is not {encoding} after line {done} (byte 0x{value.hex() or '??'}: "
            f"{getattr(error, 'reason', error)}); say which encoding it has, e.g. option encoding=latin-1."
        ) from error
    return encoding


def _decoded(binary: BinaryIO, encoding: str) -> io.TextIOWrapper:
    if encoding == MIXED:
        return io.TextIOWrapper(binary, encoding="utf-8", errors=MIXED, newline=None)
    return io.TextIOWrapper(binary, encoding=encoding, newline=None)


def read_text(
    database: duckdb.DuckDBPyConnection, plain: Plain, options: ReaderOptions, scratch: Path, table: str = "raw"
) -> RawTable:
    """Makes the table `table` of a file of text; raises PrecedenceError with the row and the value that do not fit."""
    file = scratch / f"{table}.utf8"
    encoding = decode(plain, options.encoding, file)
    sample, odd, notes = _cuttable(plain, file, options)
    delimiter = options.delimiter or ("\t" if plain.ending in ("tsv", "tab", "inter") and "\t" in sample else None)
    delimiter = delimiter if odd is None else "\t"
    whole = len(sample) < SAMPLE
    dialect = found_dialect(sample, whole, delimiter, options.quote, options.skip, options.header)
    dialect = _closed(plain, file, dialect, options.quote is None)
    first = records(sample, dialect.delimiter, dialect.quote, dialect.skip + 40)[dialect.skip :]
    if not first:
        raise PrecedenceError(f"The file {plain.name} has no line below the first {dialect.skip}; give fewer to skip.")
    if len(first[0]) > MOST_COLUMNS:
        raise PrecedenceError(
            f"{plain.name} has {len(first[0]):,} columns in its first row; a table has at most {MOST_COLUMNS:,}: is "
            f"{dialect.delimiter!r} really what keeps cells apart? Say option delimiter=…"
        )
    names, said = _names(plain, first, dialect)
    bad = _load(database, plain, file, dialect, len(names), table)
    if bad and options.quote is None and dialect.quote:  # a quote may only be a sign like any other
        plainly = Dialect(dialect.delimiter, "", dialect.skip, dialect.header, dialect.note)
        if not (still := _load(database, plain, file, plainly, len(names), table)):
            bad, dialect = still, plainly
        else:
            bad = _load(database, plain, file, dialect, len(names), table)
    file.unlink(missing_ok=True)
    notes = [*([dialect.note] if dialect.note else []), *said, *notes]
    if encoding == MIXED:
        notes.append(
            f"{plain.name} is UTF-8 in most lines and an older encoding in others: what is no UTF-8 is read as cp1252; "
            "if that is wrong, say option encoding=…"
        )
    notes += _told_bad(plain, bad, len(names), options.bad_rows)
    names, odd_rows = without_odd_rows(database, table, ROW, names, dialect.header)
    return RawTable(names, _known(options, encoding, dialect, odd), [*notes, *odd_rows])


def _cuttable(plain: Plain, file: Path, options: ReaderOptions) -> tuple[str, OddForm | None, list[str]]:
    """The beginning of a text that one sign cuts into cells: what it is not it is written anew as; its odd form, and
    what should be known of it."""
    with file.open(encoding="utf-8", newline="") as source:
        sample = source.read(SAMPLE)
    if not sample.strip():
        raise PrecedenceError(f"The file {plain.name} holds no text but blanks; give a table with a header and rows.")
    refuse_other_things(plain.name, sample)
    odd = odd_form(sample, options.delimiter)
    doubled = odd is None and options.quote in (None, '"') and escapes_quotes(sample)
    if odd is None and not doubled:
        return sample, None, []
    if odd is None:
        write_doubled(file)
    else:
        write_with_tabs(file, odd)
    with file.open(encoding="utf-8", newline="") as source:
        return source.read(SAMPLE), odd, ['Quotes within cells are written \\" in place of "".'] * doubled


def _known(options: ReaderOptions, encoding: str, dialect: Dialect, odd: OddForm | None) -> ReaderOptions:
    """The options with what was found."""
    delimiter: str | None = None if dialect.delimiter == NO_DELIMITER else dialect.delimiter
    if odd is not None:
        delimiter = odd if odd in SAID else None
    found = {"encoding": encoding, "delimiter": delimiter, "quote": dialect.quote, "skip": dialect.skip,
             "header": dialect.header}  # fmt: skip
    return options.model_copy(update=found)


def _names(plain: Plain, first: list[list[str]], dialect: Dialect) -> tuple[list[str], list[str]]:
    """The columns' names by the first records of a text, and what was done to them."""
    if not dialect.header:
        return [f"column_{at}" for at in range(1, len(first[0]) + 1)], []
    cells, note = completed(first[0], first[1:-1] if len(first) > 3 else first[1:])
    word, times = (
        Counter(cell.strip().lower() for cell in cells if cell.strip()).most_common(1)[0]
        if any(map(str.strip, cells))
        else ("", 0)
    )
    if times > MOST_AGAIN:
        raise PrecedenceError(
            f"Column {word[:60]} stands {times} times in the header of {plain.name}; names of columns must "
            "differ (capitals do not count): if the first row is no header, say option header=false."
        )
    names, said = readable_names(cells)
    return names, [note, *said] if note else said


def _closed(plain: Plain, file: Path, dialect: Dialect, may_change: bool) -> Dialect:
    """The dialect, without quotes where one is opened that never closes and no cell needs one; else a refusal."""
    if not dialect.quote:
        return dialect
    count, mark = 0, dialect.quote
    with file.open(encoding="utf-8", newline="") as source:
        while block := source.read(BLOCK):
            count += block.count(mark)
    if count % 2 == 0:
        return dialect
    row, text = _unclosed(file, dialect)
    if not row:
        return dialect
    if may_change:
        with file.open(encoding="utf-8", newline="") as source:
            widths = Counter(line.count(dialect.delimiter) for line in source if line.strip())
        if len(widths) == 1:
            return Dialect(dialect.delimiter, "", dialect.skip, dialect.header, dialect.note)
    place = f"row {row - dialect.skip - dialect.header}" if row > dialect.skip + dialect.header else "the header"
    raise PrecedenceError(
        f"A quote {mark} is opened in {place} of {plain.name} ({text[:SHOWN]!r}) and never closed; close it, double a "
        "quote within a cell, or say option quote=none."
    )


def _unclosed(file: Path, dialect: Dialect) -> tuple[int, str]:
    """The record (from 1) in which a quote stays open until the end of the file, and how it begins; 0 where none."""
    record, last = 0, ""
    limit = csv.field_size_limit(1 << 30)
    try:
        with file.open(encoding="utf-8", newline="") as source:
            reader = csv.reader(source, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
            before = 0
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return 0, last
                except csv.Error as error:
                    if "unexpected end" not in str(error):
                        continue
                    return record + 1, _line(file, before)
                before = reader.line_num
                record += bool(cells)
    finally:
        csv.field_size_limit(limit)


def _line(file: Path, number: int) -> str:
    with file.open(encoding="utf-8", newline="") as source:
        for at, line in enumerate(source):
            if at == number:
                return line.rstrip("\n")
    return ""


def _load(
    database: duckdb.DuckDBPyConnection, plain: Plain, file: Path, dialect: Dialect, width: int, table: str
) -> list[_Bad]:
    """Fills the table; the rows of another width are left out and returned."""
    names = [f"c{at}" for at in range(width)]
    database.execute(f"CREATE OR REPLACE TABLE {table} ({', '.join(f'{n} VARCHAR' for n in names)}, {ROW} BIGINT)")
    above = dialect.skip + dialect.header
    bad: list[_Bad] = []  # those above the rows have numbers below 1

    def note(row: Any) -> str:
        bad.append(_Bad((row.number or 0) - above, row.actual_columns, row.text))
        return "skip"

    read = 1 - above  # number of the next record
    try:
        for batch in arrow_csv.open_csv(
            str(file),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=LONGEST_ROW, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                double_quote=bool(dialect.quote),
                newlines_in_values=bool(dialect.quote),
                invalid_row_handler=note,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=False, null_values=[]
            ),
        ):
            numbers, read = _numbers(read, batch.num_rows, bad)
            first = int(np.searchsorted(numbers, 1))
            part = pa.table([*batch.columns, pa.array(numbers)], [*names, ROW]).slice(first)
            database.register("part", part)
            database.execute(f"INSERT INTO {table} SELECT * FROM part")
            database.unregister("part")
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0][:140]
        if "straddles" in reason or "block size" in reason:
            row = max(1, read)
            raise PrecedenceError(
                f"Row {row} of {plain.name}, or one close after it, is longer than {LONGEST_ROW >> 20} MB; a row holds "
                "numbers, words and titles: is a quote left open? Say option quote=none, or leave long texts out."
            ) from error
        raise PrecedenceError(
            f"The file {plain.name} cannot be read as CSV with {dialect.delimiter!r} between cells ({reason}); say "
            "delimiter=… or option quote=none, or save it again."
        ) from error
    return [one for one in bad if one.row > 0]


def _numbers(read: int, count: int, bad: list[_Bad]) -> tuple[NDArray[np.int64], int]:
    """Numbers of the next `count` records from number `read` on, those of bad rows left out; and the next number."""
    out = [one.row for one in bad if one.row >= read]
    numbers = np.setdiff1d(np.arange(read, read + count + len(out), dtype=np.int64), out)[:count]
    return numbers, int(numbers[-1]) + 1 if count else read


def _told_bad(plain: Plain, bad: list[_Bad], width: int, policy: str) -> list[str]:
    """Refuses rows of another width, or says how many were left out."""
    if not bad:
        return []
    first, many = bad[0], len(bad)
    rows = ", ".join(str(one.row) for one in bad[:NAMED]) + (f" and {many - NAMED:,} more" if many > NAMED else "")
    which = f"Row{'s' * (many > 1)} {rows} of {plain.name}"
    cells = f"{first.cells} cell{'s' * (first.cells != 1)}"
    if policy == "drop":
        return [f"{which} left out: {cells} where the header has {width} ({first.text[:SHOWN]!r})."]
    raise PrecedenceError(
        f"{which} {'have' if many > 1 else 'has'} {cells} where the header has {width} ({first.text[:SHOWN]!r}); mend "
        f"{'them' if many > 1 else 'it'}, or leave {'such rows' if many > 1 else 'this row'} out with option "
        "bad_rows=drop."
    )
