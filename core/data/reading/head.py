"""The first rows of a table of texts: names that are missing or stand twice, a second header, rows of nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from core.data.parquet import literal
from core.data.reading.options import NULL_WORDS

INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
LOOKED_AT = 50  # rows below the header


def readable_names(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """The header's names, and what was done to them: signs that nobody sees are left out, a cell without a name is
    called by its place, and a name that stands again gets a number."""
    names: list[str] = []
    notes: list[str] = []
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for at, cell in enumerate(cells, 1):
        bare = INVISIBLE.sub("", cell).replace("\u00a0", " ").strip() or f"column_{at}"
        name = bare
        while name.lower() in taken:
            numbers[bare.lower()] = numbers.get(bare.lower(), 1) + 1
            name = f"{bare}_{numbers[bare.lower()]}"
        if name != bare:
            notes.append(
                f"Column {bare[:60]} stands more than once in the header (capitals do not count): column {at} is "
                f"called {name[:60]}."
            )
        names.append(name)
        taken.add(name.lower())
    return names, notes[:3] + [f"{len(notes) - 3} more names stand again."] * (len(notes) > 3)


def completed(header: list[str], below: Sequence[list[str]]) -> tuple[list[str], str]:
    """A header that is one cell shorter than every row below, with the cell that it lacks; and what that was."""
    if len(below) < 2 or any(len(row) != len(header) + 1 for row in below):
        return header, ""
    if not any(row[-1].strip() for row in below):
        return [*header, ""], "Rows end with a delimiter and the header does not: the cell behind it is left out."
    return ["", *header], (
        "The header has one name fewer than rows have cells, so the first column has none (R writes names of rows so); "
        "if the last one lacks its name, mend the header."
    )


def without_odd_rows(
    database: duckdb.DuckDBPyConnection, table: str, row: str, names: list[str], header: bool
) -> tuple[list[str], list[str]]:
    """Deletes rows of blanks and rows that repeat the header, and takes a second header into the names."""
    columns, notes = [f"c{at}" for at in range(len(names))], []
    blank = f"trim(concat({', '.join(columns)})) = ''"
    if gone := _deleted(database, table, blank) if len(names) > 1 else 0:
        notes.append(f"{gone:,} row{'s' * (gone > 1)} of empty cells {'are' if gone > 1 else 'is'} left out.")
    if not header:
        return names, notes
    cells = zip(columns, names, strict=True)
    again = " AND ".join(f"trim({column}) = {literal(name)}" for column, name in cells)
    if gone := _deleted(database, table, again):
        notes.append(f"The header stands {gone:,} time{'s' * (gone > 1)} more among the rows: left out there.")
    query = f"SELECT {row}, * EXCLUDE {row} FROM {table} WHERE {row} < (SELECT min({row}) FROM {table}) + {LOOKED_AT}"
    rows = [list(map(str, cells)) for _, *cells in sorted(database.execute(query).fetchall())]
    second = rows[0] if _is_second_header(rows) else None
    if second is None:
        return names, notes
    _deleted(database, table, f"{row} = (SELECT min({row}) FROM {table})")
    shown = ", ".join(cell.strip() for cell in second if cell.strip())[:80]
    merged = any(re.fullmatch(r"column_\d+", name) for name in names)
    if not merged:
        notes.append(f"The row below the header ({shown}) holds no values, only words such as units: left out.")
        return names, notes
    notes.append(f"The header has two rows, whose words are put together ({shown} are the second).")
    above, joined = "", []
    for name, cell in zip(names, second, strict=True):
        above = above if re.fullmatch(r"column_\d+", name) and cell.strip() else name
        joined.append(f"{above} {cell.strip()}".strip())
    return joined, notes


def _is_second_header(rows: list[list[str]]) -> bool:
    """Whether the first row holds words over columns of numbers, and no number anywhere."""
    if len(rows) < 4:
        return False
    first, rest = rows[0], rows[1:]
    numeric = [at for at in range(len(first)) if sum(map(_is_number, (row[at] for row in rest))) > 0.9 * len(rest)]
    words = [at for at in numeric if first[at].strip() and first[at].strip() not in NULL_WORDS]
    return len(words) >= 2 and len(words) >= 0.5 * len(numeric) and not any(map(_is_number, first))


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d.,' ]*\d[\d.,' ]*([eE][-+]?\d+)?%?", cell.strip()))


def _deleted(database: duckdb.DuckDBPyConnection, table: str, which: str) -> int:
    """How many rows of a table were deleted."""
    return int(database.execute(f"DELETE FROM {table} WHERE {which}").fetchall()[0][0])
