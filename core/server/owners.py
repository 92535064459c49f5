"""Whose a thing is that visitors brought: a table, a file of events, a catalogue, a change by hand.

Kept apart from the things themselves, which are replaced whole, in `owners.json` of the home: path below the home →
mark of the person. What is not named there is nobody's: it was brought from the command line or by an earlier version.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from core.errors import PrecedenceError
from core.files import write_text
from core.home import home
from core.records import parsed, put_aside

_OWNERS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def set_owner(thing: Path | str, mark: str) -> None:
    """Makes the thing somebody's; a path below the home, or a name such as `override/12`."""
    with _alone():
        known = _read()
        known[_key(thing)] = mark
        write_text(_file(), json.dumps(known, indent=0))


def forget_owner(thing: Path | str) -> None:
    """The thing is gone."""
    with _alone():
        known = _read()
        if known.pop(_key(thing), None) is not None:
            write_text(_file(), json.dumps(known, indent=0))


def owner_of(thing: Path | str) -> str:
    """Whose it is; empty where it is nobody's."""
    return _read().get(_key(thing), "")


def _file() -> Path:
    return home() / "owners.json"


def _key(thing: Path | str) -> str:
    if isinstance(thing, str):
        return thing
    try:
        return thing.resolve().relative_to(home().resolve()).as_posix()
    except ValueError:
        return str(thing)


def _read() -> dict[str, str]:
    try:
        return parsed(_OWNERS, _file(), "what was brought then belongs to nobody")
    except FileNotFoundError:
        return {}
    except PrecedenceError as error:
        put_aside(_file(), error)
        return {}


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    lock = os.open(home() / ".owners.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
