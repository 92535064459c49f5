"""Overrides and everything that happened to them, in one DuckDB file: who, when, why.

Nothing is deleted while its catalogue is there: an override is kept or undone, and every change leaves a line in the
audit log. Only one process may have the file open: the server, or a command while no server runs.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.records import put_aside
from core.relevance.overrides.override import LONGEST, Override

What = Literal["kept", "undone", "restored", "imported"]
_TABLES = """
CREATE TABLE IF NOT EXISTS overrides (
    id VARCHAR PRIMARY KEY, catalogue VARCHAR NOT NULL, place BIGINT NOT NULL, override JSON NOT NULL, who VARCHAR,
    why VARCHAR, made DOUBLE NOT NULL, undone BOOLEAN NOT NULL);
CREATE TABLE IF NOT EXISTS audit (
    place BIGINT PRIMARY KEY, time DOUBLE NOT NULL, catalogue VARCHAR NOT NULL, what VARCHAR NOT NULL,
    override_id VARCHAR NOT NULL, who VARCHAR, why VARCHAR, said VARCHAR NOT NULL);
"""


class Kept(BaseModel):
    """An override as it was kept; `made` in seconds since 1970."""

    model_config = ConfigDict(frozen=True)
    id: str
    override: Override
    who: str
    why: str
    made: float
    undone: bool


class Entry(BaseModel):
    """One line of the audit log; `said` is the override in words at that time."""

    model_config = ConfigDict(frozen=True)
    time: float
    what: What
    override_id: str
    who: str
    why: str
    said: str


class OverrideLog:
    """The overrides of every catalogue; safe from any thread of its process."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = _opened(file)
        except OSError as error:
            raise PrecedenceError(
                f"The folder {file.parent} cannot be made ({error.strerror}); name a writable one in PRECEDENCE_HOME."
            ) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def keep(self, catalogue: str, overrides: Sequence[Override], who: str, why: str, what: What = "kept") -> list[str]:
        """Keeps overrides, all or none; returns their ids."""
        with self._lock:
            return self._together(lambda: [self._keep(catalogue, one, who, why, what) for one in overrides])

    def undo(self, catalogue: str, override_id: str, who: str, why: str = "") -> Kept:
        """Takes one override back; it stays in the list of undone ones."""
        return self._turn(catalogue, override_id, who, why, undone=True)

    def restore(self, catalogue: str, override_id: str, who: str, why: str = "") -> Kept:
        """Takes an undo back: the override holds again, in its old place in the order."""
        return self._turn(catalogue, override_id, who, why, undone=False)

    def active(self, catalogue: str) -> list[Override]:
        """What holds now, oldest first."""
        return [kept.override for kept in self.all(catalogue) if not kept.undone]

    def all(self, catalogue: str) -> list[Kept]:
        """Every override that ever was, oldest first."""
        rows = self._rows(
            "SELECT id, override, who, why, made, undone FROM overrides WHERE catalogue = $1 ORDER BY place",
            catalogue,
        )
        return [
            Kept(id=id, override=Override.model_validate_json(text), who=who, why=why, made=made, undone=undone)
            for id, text, who, why, made, undone in rows
        ]

    def audit(self, catalogue: str, most: int = 200) -> list[Entry]:
        """What happened, newest first."""
        rows = self._rows(
            "SELECT time, what, override_id, who, why, said FROM audit WHERE catalogue = $1 "
            "ORDER BY place DESC LIMIT $2",
            *(catalogue, most),
        )
        return [Entry(**dict(zip(Entry.model_fields, row, strict=True))) for row in rows]

    def _keep(self, catalogue: str, override: Override, who: str, why: str, what: What) -> str:
        name = uuid.uuid4().hex[:12]
        row = (name, catalogue, self._next("overrides"), override.model_dump_json(), _cut(who), _cut(why), time.time())
        self._db.execute("INSERT INTO overrides VALUES ($1, $2, $3, $4, $5, $6, $7, false)", row)
        self._note(catalogue, what, name, who, why, override)
        return name

    def _turn(self, catalogue: str, override_id: str, who: str, why: str, undone: bool) -> Kept:
        with self._lock:
            kept = next((one for one in self.all(catalogue) if one.id == override_id), None)
            if kept is None:
                raise PrecedenceError(f"There is no override {override_id[:40]!r} here; take its id from the list.")
            if kept.undone == undone:
                raise PrecedenceError(
                    f"The override {override_id} {'is undone already' if undone else 'holds already'}; "
                    "there is nothing to change."
                )

            def turn() -> None:
                self._db.execute("UPDATE overrides SET undone = $1 WHERE id = $2", (undone, override_id))
                self._note(catalogue, "undone" if undone else "restored", override_id, who, why, kept.override)

            self._together(turn)
            return kept.model_copy(update={"undone": undone})

    def forget(self, catalogue: str) -> None:
        """Deletes all there is of a catalogue that is removed, or another of its name would inherit it."""

        def delete() -> None:
            for table in ("overrides", "audit"):
                self._db.execute(f"DELETE FROM {table} WHERE catalogue = $1", [catalogue])

        with self._lock:
            self._together(delete)

    def inherit(self, old: str, new: str) -> None:
        """Copies all there is of the name `old` to `new`, unless something is kept under `new` already."""
        with self._lock:
            if self.audit(new, 1):
                return

            def copy() -> None:
                ids = {
                    id: uuid.uuid4().hex[:12]
                    for (id,) in self._rows("SELECT id FROM overrides WHERE catalogue = $1", old)
                }
                for id, fresh in ids.items():
                    self._db.execute(
                        "INSERT INTO overrides SELECT $2, $3, place, override, who, why, made, undone FROM overrides "
                        "WHERE id = $1",
                        [id, fresh, new],
                    )
                for place, id in self._rows(
                    "SELECT place, override_id FROM audit WHERE catalogue = $1 ORDER BY place", old
                ):
                    self._db.execute(
                        "INSERT INTO audit SELECT $2, time, $3, what, $4, who, why, said FROM audit WHERE place = $1",
                        [place, self._next("audit"), new, ids.get(id, id)],
                    )

            self._together(copy)

    def _note(self, catalogue: str, what: What, name: str, who: str, why: str, override: Override) -> None:
        row = (self._next("audit"), time.time(), catalogue, what, name, _cut(who), _cut(why), override.words())
        self._db.execute("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", row)

    def _next(self, table: Literal["overrides", "audit"]) -> int:
        found = self._db.execute(f"SELECT coalesce(max(place), 0) + 1 FROM {table}").fetchone()
        assert found is not None
        return int(found[0])

    def _together(self, change: Any) -> Any:
        """All of a change or nothing of it."""
        self._db.begin()
        try:
            answer = change()
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        return answer

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, list(values)).fetchall()


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    """The file with its tables, every row read once; a damaged one is put aside, or it would block for ever."""
    try:
        return _read_whole(file)
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        if any(words in said for words in ("Could not set lock", "Permission", "Read-only")):
            raise PrecedenceError(
                f"The overrides in {file.name} are in use by another program or cannot be read; close the server, or "
                "make the change on its Relevance page."
            ) from error
        aside = put_aside(file, said) if file.exists() else None
        wal = file.with_name(f"{file.name}.wal")
        if wal.exists():
            put_aside(wal, said)
        if aside is None:
            raise PrecedenceError(
                f"The overrides in {file.name} cannot be kept ({said}); make room and try again."
            ) from error
    return _read_whole(file)


def _read_whole(file: Path) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(str(file))
    try:
        database.execute(_TABLES)
        for table in ("overrides", "audit"):
            database.execute(f"SELECT * FROM {table}").fetchall()
    except BaseException:
        database.close()
        raise
    return database


def _cut(text: str) -> str:
    return text.strip()[:LONGEST]
