"""How the cells of a file of text are kept apart: delimiter, quote, lines above the header, header or none."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

SAMPLE = 1 << 18  # characters that are looked at
LINES = 300
CANDIDATES = (",", ";", "\t", "|", "^", "~", ":", " ")
"""Delimiters, the likelier first; the last four only where nothing else cuts every line alike."""
RARE = CANDIDATES[4:]
NO_DELIMITER = "\x1f"  # stands in no text: a line is one cell
_SINGLE = re.compile(r"(^|[,;\t|])'[^'\n]*[,;\t|][^'\n]*'($|[,;\t|])", re.M)  # a cell in single quotes that needs them
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")


@dataclass(frozen=True)
class Dialect:
    """`note`: what of it is a guess that a person should see; empty where it is plain."""

    delimiter: str
    quote: str  # empty: none
    skip: int
    header: bool
    note: str = ""


def records(text: str, delimiter: str, quote: str, most: int = LINES) -> list[list[str]]:
    """The first records of a text, empty lines left out."""
    limit = csv.field_size_limit()
    try:
        csv.field_size_limit(1 << 30)
        source = io.StringIO(text, newline="")
        reader = csv.reader(source, delimiter=delimiter, quotechar=quote) if quote else csv.reader(
            source, delimiter=delimiter, quoting=csv.QUOTE_NONE, quotechar=None
        )  # fmt: skip
        found = []
        for row in reader:
            if row:
                found.append(row)
            if len(found) >= most:
                break
        return found
    except csv.Error:
        return []
    finally:
        csv.field_size_limit(limit)


def found_dialect(
    text: str, whole: bool, delimiter: str | None, quote: str | None, skip: int | None, header: bool | None
) -> Dialect:
    """From the beginning of a text; what is given is kept, the rest guessed. `whole`: the text is all of the file."""
    if not whole and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    quotes = [quote] if quote is not None else ["'"] * bool(_SINGLE.search(text) and '"' not in text) + ['"', ""]
    delimiters = [delimiter] if delimiter is not None else list(CANDIDATES)
    best: tuple[float, float, int, int] | None = None
    chosen = (delimiter or NO_DELIMITER, quotes[0])
    for place, sign in enumerate(delimiters):
        for turn, mark in enumerate(quotes):
            rows = records(text, sign, mark)
            if not rows:
                continue
            if mark and len(quotes) > 1 and not _well_quoted(text, sign, mark):
                continue  # a quote within a cell that is not one of two: 12" pipe
            share, width = _alike(rows)
            fits = len(rows[0]) == width  # the header is cut as the rows are
            if delimiter is None and (width < 2 or (sign in RARE and share < 1.0)):
                continue
            score = (round(share, 2) + 0.5 * fits - 0.3 * (sign in RARE), float(-turn), min(width, 3), -place)
            if best is None or score > best:
                best, chosen = score, (sign, mark)
    if best is None and delimiter is None:
        chosen = (NO_DELIMITER, '"' if quote is None else quote)
    rows = records(text, *chosen)
    lines = _above(rows) if skip is None and header is not False else (skip or 0)
    first = rows[lines:]
    names, note = _is_header(first) if header is None else (header, "")
    if lines and skip is None:
        above = f"{lines} line{'s' * (lines > 1)} above the header"
        note = f"{above} {'are' if lines > 1 else 'is'} left out: {' '.join(rows[0]).strip()[:60]!r}. {note}".strip()
    return Dialect(*chosen, lines, names, note)


def _well_quoted(text: str, delimiter: str, quote: str) -> bool:
    """Whether every cell that opens with a quote ends with one, in the sample."""
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, strict=True):
            pass
    except csv.Error as error:
        return "expected after" not in str(error)
    return True


def _alike(rows: list[list[str]]) -> tuple[float, int]:
    """The share of records of the usual width, and that width."""
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return count / len(rows), width


def _above(rows: list[list[str]]) -> int:
    """How many records stand above the header: those with one filled cell at most before the first one with more."""
    if len(rows) < 4:
        return 0
    share, width = _alike(rows)
    filled = [sum(map(bool, map(str.strip, row))) for row in rows]
    if share < 0.7 or width < 2 or sum(count > 1 for count in filled) < 0.7 * len(rows):
        return 0
    above = next((at for at, row in enumerate(rows) if len(row) in (width, width - 1) and filled[at] > 1), 0)
    return above if above <= 20 and all(count <= 1 for count in filled[:above]) else 0


def _is_header(rows: list[list[str]]) -> tuple[bool, str]:
    """Whether the first record is names: none where a number or a date stands over a column of such."""
    if len(rows) < 2:
        return True, ""
    first, rest = rows[0], rows[1:60]
    over = [
        at
        for at, cell in enumerate(first)
        if _is_value(cell) and sum(_is_value(row[at]) for row in rest if at < len(row)) > 0.5 * len(rest)
    ]
    below = [at for at in range(len(first))
             if sum(_is_value(row[at]) for row in rest if at < len(row)) > 0.5 * len(rest)]  # fmt: skip
    years = all(re.fullmatch(r"(19|20)\d\d", first[at].strip()) for at in over)
    if not over or 2 * len(over) < len(below) or years:
        return True, ""
    return False, (
        f"The first row looks like data ({first[over[0]][:30]!r} stands where names should), so the columns are called "
        "column_1, column_2 …: if it is the header, say option header=true."
    )


def _is_value(cell: str) -> bool:
    cell = cell.strip()
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
