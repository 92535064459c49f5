"""A first look at a file that somebody brings: its columns, or why they are too many or too long to be shown."""

from __future__ import annotations

from pathlib import Path

from core.data import parquet
from core.data.reading.reader import open_source as open_file
from core.data.sources.uploaded.pairs import open_source
from core.errors import PrecedenceError

MOST_COLUMNS = 2000
LONGEST_NAME = 200  # characters of a column's name
LONGEST_LINE = 2_000_000  # bytes of a line of text: DuckDB's own limit
MEMORY = "600MB"


def columns_of_table(file: Path) -> list[str]:
    """The columns of a table."""
    refuse_long_lines(file)
    with parquet.connect(threads=1, memory=MEMORY) as database:
        return _few(list(open_file(database, file, purpose="table").types), file)


def columns_of_source(source: Path) -> list[str]:
    """The columns of a file of titles or pairs, or of WANDS' folder."""
    if source.is_file():
        refuse_long_lines(source)
    with parquet.connect(threads=1, memory=MEMORY) as database:
        return _few(list(open_source(database, source).types), source)


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


def _few(names: list[str], file: Path) -> list[str]:
    if len(names) > MOST_COLUMNS:
        raise PrecedenceError(
            f"{file.name} has {len(names):,} columns; at most {MOST_COLUMNS:,} can be chosen from: keep those you need."
        )
    for name in names:
        if len(name) > LONGEST_NAME:
            raise PrecedenceError(f"The column {name[:40]}… of {file.name} has {len(name):,} letters; rename it.")
    return names
