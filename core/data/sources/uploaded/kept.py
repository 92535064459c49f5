"""What is kept beside a table that a person brought: how its file was read, and a mark of its content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.reading.options import ReaderOptions, checked_options
from core.data.reading.reader import Reading
from core.errors import PrecedenceError
from core.files import content_mark

if TYPE_CHECKING:
    from core.data.sources.uploaded.checks import Report

READING = "reading.json"
"""Beside a prepared table: the reader's options with all that was found, and what was said of the file."""


def content_mark_of(sources: Sequence[Path], *more: object) -> str:
    """A mark of what the files hold and of how they are read; "" where one is not there, which reading then says."""
    return "-".join(content_mark(source, *more) for source in sources if source.exists())


def kept_reading(reading: Reading, report: Report, mark: str) -> bytes:
    """The content of the file `READING`."""
    said: dict[str, Any] = {"mark": mark, "file": reading.file, **profile_of(reading), "warnings": report.warnings}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def profile_of(reading: Reading) -> dict[str, Any]:
    """What was found of a file: rows, columns, options and warnings, as the command and the page show it."""
    return {
        "rows": reading.rows,
        "columns": [asdict(column) | {"examples": list(column.examples)} for column in reading.columns],
        "options": reading.options.model_dump(mode="json"),
        "warnings": [*reading.warnings, *reading.asks],
        "purpose": reading.purpose,
        "file": reading.file,
    }


def read_kept(folder: Path) -> dict[str, Any]:
    """What `kept_reading` wrote; empty where it wrote nothing, as for tables of earlier versions."""
    try:
        found: dict[str, Any] = json.loads((folder / READING).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return {}


def options_of_table(folder: Path) -> ReaderOptions:
    """The reader's options with which a prepared table was made: another file of its shape is read alike."""
    return checked_options(read_kept(folder).get("options", {}))


def refuse_other(folder: Path, mark: str) -> None:
    """Refuses the name of a table that is there and was made of other content, or read otherwise."""
    if folder.exists() and read_kept(folder).get("mark") != mark:
        raise PrecedenceError(
            f"There is a table called {folder.name} already, made of other content; give this one another name."
        )
