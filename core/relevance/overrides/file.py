"""Overrides from a file: the JSON that an export makes, or a table with a row for each, read as every other file is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from core.data import parquet
from core.data.parquet import quoted
from core.data.reading.options import ReaderOptions
from core.data.reading.reader import open_source
from core.data.reading.roles import recognised
from core.data.reading.text import ROW
from core.errors import PrecedenceError
from core.relevance.overrides.override import MOST_IMPORTED, Override, from_json, problem_of

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "word": ("word", "term", "token"),
    "action": ("action", "what"),
    "value": ("value", "weight", "factor"),
    "scope": ("scope", "where"),
    "target": ("target", "of"),
}
"""What a table of overrides has, by the names that a column may have; without a scope it is the word everywhere."""
JSON = ".json"
_DECIMAL_COMMA = re.compile(r"^(\d*),(\d+)$")  # no value has thousands


def read_overrides(file: Path, options: ReaderOptions | None = None) -> list[Override]:
    """The overrides of a file; all of them or, where one cannot be, none and a sentence with its row and value."""
    if file.suffix.lower() == JSON and file.is_file() and _is_export(file):
        return from_json(file.read_text(encoding="utf-8", errors="replace"))
    with parquet.connect() as database:
        reading = open_source(database, file, options, "catalogue")
        found = recognised(list(reading.types), COLUMNS)
        for needed in ("word", "action"):
            if needed not in found:
                raise PrecedenceError(
                    f"{reading.file} has no column {needed} (its columns: {', '.join(reading.types)[:200]}); a table "
                    f"of overrides has word and action, and may have {', '.join(list(COLUMNS)[2:])}."
                )
        if reading.rows > MOST_IMPORTED:
            raise PrecedenceError(
                f"{reading.file} holds {reading.rows:,} overrides; import at most {MOST_IMPORTED:,} at a time."
            )
        cells = ", ".join(f"trim(coalesce({quoted(name)}::VARCHAR, ''))" for name in found.values())
        rows = database.execute(f"SELECT {ROW}, {cells} FROM given ORDER BY {ROW}").fetchall()
    if not rows:
        raise PrecedenceError(f"{reading.file} has a header but 0 rows; give an override a row.")
    return [_of_row(reading.file, int(number), dict(zip(found, cells, strict=True))) for number, *cells in rows]


def _is_export(file: Path) -> bool:
    """One object, where a table in JSON is a line a row; what an object that is no export lacks, `from_json` says."""
    with file.open(encoding="utf-8", errors="replace") as text:
        begin = text.read(4096).lstrip("\ufeff \t\r\n")
    return begin.startswith("{") and ('"overrides"' in begin or '"format"' in begin)


def _of_row(file: str, number: int, cells: dict[str, str]) -> Override:
    fields: dict[str, object] = {name: value for name, value in cells.items() if value}
    if "action" in fields:
        fields["action"] = str(fields["action"]).lower()
    if "value" in fields:
        fields["value"] = _DECIMAL_COMMA.sub(r"\1.\2", str(fields["value"]))
    try:
        return Override.model_validate({"scope": "term", "word": "", "action": "", **fields})
    except ValidationError as error:
        raise PrecedenceError(f"Row {number} of {file} cannot be used: {problem_of(error)}") from error
