"""A first look at a file that somebody brings: its columns, or why they are too many or too long to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data import parquet
from core.data.reading.options import ReaderOptions
from core.data.reading.reader import Reading
from core.data.reading.reader import open_source as open_file
from core.data.reading.roles import Purpose
from core.data.sources.uploaded.pairs import open_source
from core.errors import PrecedenceError

MOST_COLUMNS = 2000
LONGEST_NAME = 200  # characters of a column's name
LONGEST_LINE = 2_000_000  # bytes of a line of text: DuckDB's own limit
MEMORY = "600MB"


def look(files: Sequence[Path], options: ReaderOptions, purpose: Purpose | None) -> Reading:
    """What the files hold, column by column; without a purpose they are titles or judged pairs."""
    for file in files:
        if file.is_file():
            refuse_long_lines(file)
    with parquet.connect(threads=1, memory=MEMORY) as database:
        if purpose is None:
            reading = open_source(database, files[0] if len(files) == 1 else files, options)
        else:
            reading = open_file(database, files, options, purpose)
    _few(list(reading.types), reading.file)
    return reading


def columns_of_table(file: Path) -> list[str]:
    """The columns of a table."""
    return list(look([file], ReaderOptions(), "table").types)


def refuse_long_lines(file: Path) -> None:
    """A line of megabytes is no row of a table; found before a reader guesses a dialect from all of it."""
    if file.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return
    length = 0
    with file.open("rb") as content:
        while piece := content.read(1 << 20):
            first, *rest = piece.split(b"\n")
            length += len(first)
            longest = max(length, *map(len, rest[:-1])) if len(rest) > 1 else length
            if longest > LONGEST_LINE:
                raise PrecedenceError(
                    f"A line of {file.name} is longer than {LONGEST_LINE:,} bytes; a table has one line for each row."
                )
            if rest:
                length = len(rest[-1])


def _few(names: list[str], file: str) -> None:
    if len(names) > MOST_COLUMNS:
        raise PrecedenceError(
            f"{file} has {len(names):,} columns; at most {MOST_COLUMNS:,} can be chosen from: keep those you need."
        )
    for name in names:
        if len(name) > LONGEST_NAME:
            raise PrecedenceError(f"The column {name[:40]}… of {file} has {len(name):,} letters; rename it.")
