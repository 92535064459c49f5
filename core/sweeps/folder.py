"""One sweep as files: sweeps/<id>/ with sweep.json · grid.json · orders.json · points.json · driver.lock.

The results of a point are those of its run folder; points.json only says which run is which point and how it ended.
Only the driver that holds driver.lock writes points.json.
"""

from __future__ import annotations

import contextlib
import fcntl
import secrets
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from core.errors import PrecedenceError
from core.files import write_text
from core.records import Record, damaged, parsed, read_record, read_words, record_text, write_record
from core.runs.folder.names import checked_run_id, is_run_id, new_run_id
from core.runs.folder.run_folder import TOKEN_BYTES
from core.runs.folder.secrets import write_secret
from core.runs.paths import sweeps_folder
from core.sweeps.description import Point, SweepConfig

_ADVICE = "start the sweep again"

Mode = Literal["run", "pause", "cancel"]
PointState = Literal["waiting", "training", "finished", "dominated", "failed", "cancelled"]
"""waiting → training → finished | dominated (ended early, on purpose) | failed (with a sentence) | cancelled."""
OVER: frozenset[PointState] = frozenset({"finished", "dominated", "failed", "cancelled"})


class PointRecord(BaseModel):
    """How one point stands; times in seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    state: PointState = "waiting"
    run_id: str | None = None
    tries: int = 0  # how often a worker took it up
    begun: float = 0.0  # since 1970
    ended: float = 0.0
    seconds: float = 0.0  # of training that this point itself needed, shared stages left out
    steps: int = 0  # likewise
    beaten: bool = False  # was told to stop, because a finished point is better in every task
    problem: str = ""


class Orders(BaseModel):
    """What a person asks of the sweep."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    mode: Mode = "run"


class Grid(BaseModel):
    """What a sweep's config came to on its data set."""

    model_config = ConfigDict(frozen=True)
    tasks: tuple[str, ...]  # of the data set, in its order
    points: tuple[Point, ...]


class _Points(BaseModel):
    """points.json; a sweep of before has the list alone."""

    points: list[PointRecord]


_RECORDS: TypeAdapter[_Points | list[PointRecord]] = TypeAdapter(_Points | list[PointRecord])


class SweepFolder:
    """The files of one sweep under `home`; raises PrecedenceError where there is none or one cannot be read."""

    def __init__(self, home: Path, sweep_id: str) -> None:
        self.sweep_id = checked_run_id(sweep_id)
        self.home = home
        self.path = sweeps_folder(home) / sweep_id

    @classmethod
    def create(cls, home: Path, config: SweepConfig, tasks: tuple[str, ...], owner: str = "") -> SweepFolder:
        """A new sweep whose points all wait; `tasks` are those of the data set. Nothing is made where it is refused."""
        points = config.points(tasks)
        folder = cls(home, new_run_id())
        folder.path.mkdir(parents=True, mode=0o700)
        write_secret(folder.path / "control.key", secrets.token_urlsafe(TOKEN_BYTES))
        folder.write_records([PointRecord()] * len(points))
        write_record(folder.path / "grid.json", Grid(tasks=tasks, points=tuple(points)))
        folder.order("run")
        folder.give(owner)
        # Last: a folder without it is half made, and nobody takes it for a sweep.
        write_text(folder.path / "sweep.json", record_text(config, indent=1))
        return folder

    def exists(self) -> bool:
        return (self.path / "sweep.json").is_file()

    def config(self) -> SweepConfig:
        return self._record(TypeAdapter(SweepConfig), "sweep.json")

    def created(self) -> float:
        """When it was asked for, in seconds since 1970."""
        try:
            return (self.path / "sweep.json").stat().st_mtime
        except OSError:
            return 0.0

    def grid(self) -> Grid:
        """All points as they were when the sweep was asked for."""
        try:
            return _grid(self.path / "grid.json")
        except FileNotFoundError as error:
            raise self._absent("grid.json") from error

    def records(self) -> list[PointRecord]:
        """How each point stands, in the points' order."""
        found, points = self._record(_RECORDS, "points.json"), len(self.grid().points)
        records = found if isinstance(found, list) else found.points
        if len(records) != points:
            raise damaged(self.path / "points.json", f"it has {len(records)} of {points} points", _ADVICE)
        return records

    def write_records(self, records: list[PointRecord]) -> None:
        write_record(self.path / "points.json", _Points(points=records))

    def mode(self) -> Mode:
        return self._record(TypeAdapter(Orders), "orders.json").mode

    def order(self, mode: Mode) -> None:
        write_record(self.path / "orders.json", Orders(mode=mode))

    def owner(self) -> str:
        """Whose it is; empty where it was made from the command line or by an earlier version."""
        try:
            return read_words(self.path / "owner", _ADVICE)
        except (FileNotFoundError, PrecedenceError):
            return ""

    def give(self, owner: str) -> None:
        """Makes the sweep somebody's."""
        if owner:
            write_text(self.path / "owner", owner)

    def control_key(self) -> str:
        """The unguessable word that lets a page pause and cancel this sweep."""
        try:
            return read_words(self.path / "control.key", _ADVICE)
        except FileNotFoundError as error:
            raise self._absent("control.key") from error

    def is_steered_by(self, key: str) -> bool:
        """True where `key` is this sweep's control key; compared in a time that tells nothing of it."""
        try:
            return bool(key) and secrets.compare_digest(self.control_key().encode(), key.encode())
        except PrecedenceError:  # damaged: nobody can be told from another
            return False

    def is_over(self) -> bool:
        return all(record.state in OVER for record in self.records())

    @contextlib.contextmanager
    def driven(self) -> Iterator[bool]:
        """Whether this caller alone may drive the sweep; the system lets go of the lock when its process ends."""
        with (self.path / "driver.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True

    def _record(self, reader: TypeAdapter[Record], name: str) -> Record:
        try:
            return parsed(reader, self.path / name, _ADVICE)
        except FileNotFoundError as error:
            raise self._absent(name) from error

    def _absent(self, name: str) -> PrecedenceError:
        return PrecedenceError(
            f"There is no sweep named {self.sweep_id!r} here (its {name} is missing); pick one from the list."
        )


@lru_cache(maxsize=64)
def _grid(path: Path) -> Grid:
    """Never changes once it is written, and pages ask for it every second."""
    return read_record(Grid, path, _ADVICE)


def sweep_ids(home: Path) -> list[str]:
    """The names of all sweeps, the newest first."""
    try:
        found = [SweepFolder(home, path.name) for path in sweeps_folder(home).iterdir() if is_run_id(path.name)]
    except OSError:
        return []
    return [sweep.sweep_id for sweep in sorted(found, key=lambda sweep: -sweep.created()) if sweep.exists()]
