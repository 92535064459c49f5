"""Workbooks as plain CSV, so that one reader reads everything: cells as they are written."""

from __future__ import annotations

import csv
import datetime
import zipfile
from pathlib import Path
from typing import Any

from core.data.reading.container import DAMAGED, MOST_WORKBOOK, Plain
from core.errors import PrecedenceError

LOOKED_AT = 30  # rows of a sheet


def workbook_to_csv(plain: Plain, sheet: str | None, target: Path) -> tuple[str, str]:
    """Writes a sheet as CSV and returns its name, and what should be known of the others; numbers and times as they
    are shown without any format."""
    import python_calamine as calamine

    if zipfile.is_zipfile(plain.path):
        try:
            with zipfile.ZipFile(plain.path) as archive:
                size = sum(member.file_size for member in archive.infolist())
        except DAMAGED as error:
            raise PrecedenceError(
                f"The file {plain.name} cannot be read as a workbook ({str(error)[:120]}); save it again or as CSV."
            ) from error
        if size > MOST_WORKBOOK:
            raise PrecedenceError(
                f"The workbook {plain.name} holds {size >> 20} MB of sheets; save it as CSV, which is read row by row."
            )
    try:
        book = calamine.CalamineWorkbook.from_path(str(plain.path))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise PrecedenceError(f"{plain.name} has no sheet {sheet[:40]!r}; its sheets are {', '.join(names)[:200]}.")
        rows: list[list[Any]] = []
        chosen = sheet or ""
        for name in [sheet] if sheet is not None else names:  # the first that holds a table, else anything
            found = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
            if found and (not rows or _is_table(found)):
                rows, chosen = found, name
            if _is_table(rows):
                break
    except (calamine.CalamineError, OSError, ValueError, BaseException) as error:
        if isinstance(error, (PrecedenceError, KeyboardInterrupt, SystemExit)):
            raise
        raise PrecedenceError(
            f"The file {plain.name} cannot be read as a workbook ({str(error).splitlines()[0][:120]}); save it again "
            "or as CSV."
        ) from error
    if not rows:
        raise PrecedenceError(f"The workbook {plain.name} has no filled sheet; give a table with a header and rows.")
    with target.open("w", encoding="utf-8", errors="replace", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([[_cell(value) for value in row] for row in rows])
    others = [name for name in names if name != chosen]
    if sheet is not None or not others:
        return chosen, ""
    return chosen, (
        f"{plain.name} has {len(names)} sheets; {chosen[:40]!r} is read: for another one say option sheet=…, "
        f"e.g. {others[0][:40]!r}."
    )


def _is_table(rows: list[list[Any]]) -> bool:
    return len(rows) > 1 and any(sum(cell not in ("", None) for cell in row) > 1 for row in rows[:LOOKED_AT])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e22:
        return str(int(value))  # a workbook knows no whole numbers
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")
