"""The one way to read a record that lies in a shared folder: the record, or one sentence that names the file.

Whatever became of the file (bytes flipped, cut off, emptied, another encoding, a folder in its place, a device that
fails), a reader raises FileNotFoundError where there is none, PrecedenceError where it cannot be read, and nothing
else; so a loop over many entries can leave one out and go on.
"""

from __future__ import annotations

import logging
import os
import zlib
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

from pydantic import BaseModel, TypeAdapter, ValidationError

from core.errors import PrecedenceError, first_problem

Record = TypeVar("Record")
Model = TypeVar("Model", bound=BaseModel)

DAMAGED = ".damaged"
"""Ends the name of a file that was put aside because it could not be read."""

UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error)
"""What readers of arrays raise at a file that is not as it was written."""

_log = logging.getLogger(__name__)


def read_record(model: type[Model], file: Path, advice: str) -> Model:
    """The file as the model; `advice` says what to do where it is damaged, without a full stop."""
    return parsed(TypeAdapter(model), file, advice)


def parsed(reader: TypeAdapter[Record], file: Path, advice: str) -> Record:
    """The same for any type that pydantic reads from JSON."""
    content = read_bytes(file, advice)
    try:
        return reader.validate_json(content)
    except ValidationError as error:
        place, _, problem = first_problem(error)
        raise damaged(file, f"{'.'.join(map(str, place)) or 'the whole file'}: {problem}", advice) from error
    except (ValueError, RecursionError) as error:
        raise damaged(file, type(error).__name__, advice) from error


def read_words(file: Path, advice: str) -> str:
    """A file of one line of printable text, such as a key."""
    try:
        words = read_bytes(file, advice).decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise damaged(file, "it is no UTF-8", advice) from error
    if not words.isprintable() or not words:
        raise damaged(file, "it holds no printable text", advice)
    return words


def read_bytes(file: Path, advice: str) -> bytes:
    """The whole file."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise damaged(file, error.strerror or type(error).__name__, advice) from error


def damaged(file: Path, problem: str, advice: str) -> PrecedenceError:
    """The sentence about a file that cannot be used."""
    return PrecedenceError(f"{file.parent.name}/{file.name} cannot be read ({problem}); {advice}.")


def put_aside(file: Path, error: Any) -> Path | None:
    """Renames a damaged file, so that it no longer stands in the way and can still be looked at; says so in the log.

    None where it cannot be renamed: the home is full or may only be read.
    """
    number = 0
    while (aside := file.with_name(f"{file.name}{DAMAGED}{f'-{number}' if number else ''}")).exists():
        number += 1
    try:
        os.rename(file, aside)
    except OSError as failed:
        _log.error("%s is damaged (%s) and cannot be put aside (%s)", file, error, failed)
        return None
    _log.error("%s is damaged (%s); it is put aside as %s", file, error, aside.name)
    return aside
