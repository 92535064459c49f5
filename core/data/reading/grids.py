"""Workbooks and JSON lines as plain CSV, so that one reader reads everything: cells as they are written."""

from __future__ import annotations

import csv
import datetime
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.data.reading.container import MOST_WORKBOOK, Plain
from core.errors import PrecedenceError

MOST_FIELDS = 5000


def workbook_to_csv(plain: Plain, sheet: str | None, target: Path) -> str:
    """Writes a sheet as CSV and returns its name; numbers and times as they are shown without any format."""
    import python_calamine as calamine

    if zipfile.is_zipfile(plain.path):
        with zipfile.ZipFile(plain.path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MOST_WORKBOOK:
            raise PrecedenceError(
                f"The workbook {plain.name} holds {size >> 20} MB of sheets; save it as CSV, which is read row by row."
            )
    try:
        book = calamine.CalamineWorkbook.from_path(str(plain.path))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise PrecedenceError(f"{plain.name} has no sheet {sheet[:40]!r}; its sheets are {', '.join(names)[:200]}.")
        rows, chosen = [], sheet or ""
        for name in [sheet] if sheet is not None else names:  # the first that holds anything
            rows, chosen = book.get_sheet_by_name(name).to_python(skip_empty_area=True), name
            if rows:
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
    return chosen


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # a workbook knows no whole numbers
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")


def json_to_csv(plain: Plain, target: Path) -> None:
    """An object a line, or one list of objects; objects within them become columns `outer.inner`, lists stay JSON."""
    names: dict[str, None] = {}
    for row in _objects(plain):
        names.update(dict.fromkeys(row))
        if len(names) > MOST_FIELDS:
            raise PrecedenceError(
                f"{plain.name} has more than {MOST_FIELDS} different fields; a table has the same few in every object."
            )
    if not names:
        raise PrecedenceError(f'{plain.name} holds no object with a field; give lines such as {{"user": "a"}}.')
    with target.open("w", encoding="utf-8", errors="replace", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(names)
        writer.writerows([row.get(name, "") for name in names] for row in _objects(plain))


def _objects(plain: Plain) -> Iterator[dict[str, str]]:
    """Each object with its values as they are written."""
    with plain.path.open("rb") as source:
        if source.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"["):
            if plain.path.stat().st_size > MOST_WORKBOOK:
                raise PrecedenceError(f"{plain.name} is one long JSON list; write an object a line (.jsonl) instead.")
            source.seek(0)
            every = _parsed(plain, source.read(), 0)
            for number, value in enumerate(every, 1):
                yield _flat(plain, value, number)
            return
        source.seek(0)
        for number, line in enumerate(source, 1):
            if line.strip():
                yield _flat(plain, _parsed(plain, line, number), number)


def _parsed(plain: Plain, text: bytes, number: int) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        place = f"line {number}" if number else "the file"
        shown = text[:40].decode("utf-8", "replace").strip()
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:80]
        raise PrecedenceError(
            f"{plain.name} is no JSON in {place}, which begins {shown!r} ({why}); write an object a line."
        ) from error


def _flat(plain: Plain, value: Any, number: int, before: str = "") -> dict[str, str]:
    if not isinstance(value, dict):
        raise PrecedenceError(
            f"{plain.name} holds {str(value)[:40]!r} in line {number}, which is no object; write one such as "
            '{"user": "a", "item": "b"} a line.'
        )
    found: dict[str, str] = {}
    for name, inner in value.items():
        key = f"{before}{name}"
        if isinstance(inner, dict) and before.count(".") < 4:
            found |= _flat(plain, inner, number, f"{key}.")
        elif isinstance(inner, (list, dict)):
            found[key] = json.dumps(inner, ensure_ascii=False)
        else:
            found[key] = "" if inner is None else str(inner).lower() if isinstance(inner, bool) else str(inner)
    return found
