"""Whose a thing is that visitors brought: a table, a file of events, a catalogue, a change by hand.

Kept apart from the things themselves, which are replaced whole, in `owners.json` of the home: path below the home →
mark of the person, and whether it is shared. What is not named there is nobody's: it was brought from the command line
or by an earlier version, and everybody may use it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from core.errors import PrecedenceError
from core.files import write_text
from core.home import home
from core.records import parsed, put_aside, with_schema
from core.server.people import Person
from core.server.rights import may


class Holding(BaseModel):
    """Whose a thing is, and whether others may use it too. Homes of before have the mark alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    owner: str
    shared: bool = False

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, given: Any) -> Any:
        return {"owner": given} if isinstance(given, str) else given


_OWNERS: TypeAdapter[dict[str, Holding]] = TypeAdapter(dict[str, Holding])


def set_owner(thing: Path | str, mark: str) -> None:
    """Makes the thing somebody's; a path below the home, or a name such as `override/12`."""
    with _alone():
        known = _read()
        known[_key(thing)] = Holding(owner=mark)
        _write(known)


def share(thing: Path | str, shared: bool) -> None:
    """Others may use the thing, or no longer; what is nobody's is everybody's already."""
    with _alone():
        known = _read()
        if _key(thing) in known:
            known[_key(thing)] = known[_key(thing)].model_copy(update={"shared": shared})
            _write(known)


def forget_owner(thing: Path | str) -> None:
    """The thing is gone."""
    with _alone():
        known = _read()
        if known.pop(_key(thing), None) is not None:
            _write(known)


def owner_of(thing: Path | str) -> str:
    """Whose it is; empty where it is nobody's."""
    held = _read().get(_key(thing))
    return "" if held is None else held.owner


def is_shared(thing: Path | str) -> bool:
    """Whether its owner shares it with everybody."""
    held = _read().get(_key(thing))
    return held is not None and held.shared


def things_of(mark: str) -> list[Path]:
    """What a person brought, as far as it lies in files of its own."""
    return [home() / name for name, held in _read().items() if held.owner == mark and (home() / name).exists()]


def sees(person: Person, thing: Path | str) -> bool:
    """Whether the thing stands in this person's lists: own, shared, or nobody's."""
    held = _read().get(_key(thing))
    return held is None or held.shared or may(person, "see_all") or may(person, "remove", held.owner)


def _write(known: dict[str, Holding]) -> None:
    write_text(_file(), with_schema(json.dumps({name: held.model_dump() for name, held in known.items()}, indent=0)))


def _file() -> Path:
    return home() / "owners.json"


def _key(thing: Path | str) -> str:
    if isinstance(thing, str):
        return thing
    try:
        return thing.resolve().relative_to(home().resolve()).as_posix()
    except ValueError:
        return str(thing)


def _read() -> dict[str, Holding]:
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
