"""The one way to read a record that lies in a shared folder: the record, or one sentence that names the file.

Whatever became of the file (bytes flipped, cut off, emptied, another encoding, a folder in its place, a device that
fails), a reader raises FileNotFoundError where there is none, PrecedenceError where it cannot be read, and nothing
else; so a loop over many entries can leave one out and go on.

A record begins with its `schema`. One without is of before there were any, and is read like one of schema 1; whatever
is written is of SCHEMA. One of a later program is never read as something it is not, nor put aside as damaged: a
sentence says which version is needed. Settings that people take along (`config.json`, `sweep.json`) begin with it too,
and whoever reads them as plain fields leaves it out by `schema_left_out`. Events and results have a `version` of their
own.
"""

from __future__ import annotations

import logging
import os
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

from pydantic import BaseModel, TypeAdapter, ValidationError

from core.errors import PrecedenceError, first_problem
from core.files import write_text

Record = TypeVar("Record")
Model = TypeVar("Model", bound=BaseModel)

DAMAGED = ".damaged"
"""Ends the name of a file that was put aside because it could not be read."""

SCHEMA = 2
"""Raise it when an earlier program could take a record for something it is not. 2: owners may share what they have."""
_SCHEMA = re.compile(rb'\s*\{\s*"schema":\s*(\d{1,9})\s*,?')

UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error)
"""What readers of arrays raise at a file that is not as it was written."""

_log = logging.getLogger(__name__)


class LaterError(PrecedenceError):
    """A record of a later version of this program: nothing is wrong with it."""


def record_text(record: BaseModel, indent: int | None = None) -> str:
    """A record as it is written: JSON that begins with its schema."""
    return with_schema(record.model_dump_json(indent=indent))


def with_schema(text: str) -> str:
    """The JSON object of a record with its schema first."""
    return f'{{"schema":{SCHEMA}{"}" if text == "{}" else f",{text[1:]}"}'


def write_record(file: Path, record: BaseModel) -> None:
    """Replaces the file by the record in one step."""
    write_text(file, record_text(record))


def without_schema(content: bytes, file: Path) -> bytes:
    """The JSON of a record without its schema. Raises LaterError where an earlier program would not know it."""
    found = _SCHEMA.match(content)
    if found is None:
        return content
    if int(found[1]) > SCHEMA:
        raise LaterError(f"{file.parent.name}/{file.name} {_later(int(found[1]))}.")
    return b"{" + content[found.end() :]


def schema_left_out(fields: Any) -> Any:
    """The fields of a record that is to become a model, without its schema. Raises ValueError, which a model says as
    its own, where an earlier program would not know it; what is no number is left for the model to refuse."""
    schema = fields.get("schema") if isinstance(fields, Mapping) else None
    if not isinstance(schema, int):
        return fields
    if schema > SCHEMA:
        raise ValueError(f"it {_later(schema)}")
    return {name: value for name, value in fields.items() if name != "schema"}


def _later(schema: int) -> str:
    return (
        f"was written by a later version of this program (schema {schema}; this one knows {SCHEMA}); update the "
        "program, or use the version that wrote it"
    )


def read_record(model: type[Model], file: Path, advice: str) -> Model:
    """The file as the model; `advice` says what to do where it is damaged, without a full stop."""
    return parsed(_reader_of(model), file, advice)


@lru_cache(maxsize=256)
def _reader_of(model: type[Model]) -> TypeAdapter[Model]:
    return TypeAdapter(model)


def parsed(reader: TypeAdapter[Record], file: Path, advice: str) -> Record:
    """The same for any type that pydantic reads from JSON."""
    content = without_schema(read_bytes(file, advice), file)
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
    except ValueError as error:  # a zero byte in the name, as an address may have it: no file is called so
        raise FileNotFoundError(str(error)) from error
    except OSError as error:
        raise damaged(file, error.strerror or type(error).__name__, advice) from error


def damaged(file: Path, problem: str, advice: str) -> PrecedenceError:
    """The sentence about a file that cannot be used."""
    return PrecedenceError(f"{file.parent.name}/{file.name} cannot be read ({problem}); {advice}.")


def put_aside(file: Path, error: Any) -> Path | None:
    """Renames a damaged file, so that it no longer stands in the way and can still be looked at; says so in the log.

    None where it cannot be renamed: the home is full or may only be read. A record of a later version is left alone:
    LaterError is raised again.
    """
    if isinstance(error, LaterError):
        raise error
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
