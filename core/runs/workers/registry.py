"""Who the workers are: one folder a worker, read by the server and kept fresh by the worker itself.

workers/<id>/status.json: process and heartbeat · workers/<id>/claimed/<run>: runs it holds · workers/<id>/retire:
present when it should take no more runs
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
from pydantic import BaseModel, ConfigDict

import core
from core.errors import PrecedenceError
from core.processes import boot, process_mark
from core.records import read_record, write_record
from core.runs.folder.names import is_run_id
from core.runs.folder.status import RunStatus
from core.runs.paths import queue_folder, runs_folder, server_file, workers_folder

Status = TypeVar("Status", bound="Heartbeat")

SILENT_AFTER = 10.0
"""Seconds without a heartbeat after which a worker counts as crashed."""

FAR_SILENT_AFTER = 30.0
"""The same for a worker on another machine, after which it counts as gone for good."""

LENT = "lent-"
"""How the name of a worker begins that was handed its run and takes none from the queue."""

CODE_VARIABLE = "PRECEDENCE_WORKER_CODE"
"""Environment variable by which a worker learns the `code_state` of the server that starts it."""

SERVER_SILENT_AFTER = 15.0
"""Seconds without a heartbeat after which a server counts as gone."""


COUNTED_FOR = 1.0  # seconds that a count of who trains holds


_heard: dict[tuple[str, int, float], tuple[float | None, float]] = {}
"""Processes on other machines → their last heartbeat and when it was first seen here, by the monotonic clock."""


class Heartbeat(BaseModel):
    """One process that says it lives. A process number alone may be given to another, hence the mark of its start.

    On one machine neither is read off the clock on the wall, which may be set forward while nobody did anything.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    pid: int
    created: float
    heartbeat: float  # seconds since 1970
    host: str = ""  # of another machine only the heartbeat can be judged; empty: this one
    mark: str = ""  # see `process_mark`
    beat: float = 0.0  # the same moment by the clock of `mark`'s boot

    @classmethod
    def now(cls, pid: int | None = None, **fields: Any) -> Self:
        """Of this process, or of a child that has not spoken yet."""
        pid = pid or os.getpid()
        mark, beat = process_mark(pid), time.monotonic()
        return cls(pid=pid, created=created_time(pid), heartbeat=time.time(), mark=mark, beat=beat, **fields)

    def quiet(self) -> float:
        """Seconds since it spoke."""
        is_here = self.host in ("", platform.node()) and self.mark and self.mark.split(":")[0] == boot()
        return time.monotonic() - self.beat if is_here else self._unheard()

    def _unheard(self) -> float:
        """Seconds, by this machine's clock that nobody sets, in which no other heartbeat of that process came. Two
        machines' clocks on the wall may differ; one that is seen for the first time counts as just heard."""
        now, who = time.monotonic(), (self.host, self.pid, self.created)
        value, since = _heard.get(who, (None, now))
        if value != self.heartbeat:
            since = now
            _heard[who] = self.heartbeat, now
        return now - since

    def process_exists(self) -> bool:
        if self.host not in ("", platform.node()):
            return self._unheard() < FAR_SILENT_AFTER
        if self.mark:
            return process_mark(self.pid) == self.mark
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


class WorkerStatus(Heartbeat):
    """A worker: alive when its process exists and spoke within `SILENT_AFTER`."""

    ready: bool = False  # torch is imported and warm
    runs: int = 0
    turn: str = ""  # the run whose turn it is
    turn_began: float = 0.0  # by the clock of `beat`; 0: no turn goes on
    code: str = ""  # which state of the program the server that started it had

    def alive(self) -> bool:
        return self.quiet() < SILENT_AFTER and self.process_exists()

    def turn_lasts(self) -> float:
        """Seconds since the present turn began, as of the last heartbeat; 0 between two turns."""
        return max(0.0, self.beat - self.turn_began) if self.turn_began else 0.0


def created_time(pid: int) -> float:
    """When this process began, in seconds since 1970; now, if it is gone already."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return time.time()


@functools.cache
def program_state() -> str:
    """`code_state` as this process found it first: another state of the program may train other bits."""
    return code_state()


def code_state() -> str:
    """Changes when a module that a worker uses changes, so that a new server does not go on with old workers."""
    room = Path(core.__file__).parent
    apart = {"server", "charts", "commands", "bench"}
    times = [path.stat().st_mtime_ns for path in room.rglob("*.py") if path.relative_to(room).parts[0] not in apart]
    return f"{max(times)}-{len(times)}"


class WorkerFolder:
    """The files of one worker under `home`."""

    def __init__(self, home: Path, worker_id: str) -> None:
        self.worker_id = worker_id
        self.path = workers_folder(home) / worker_id

    def is_lent(self) -> bool:
        """True for a process that was handed one run, see `core.runs.workers.run_to_completion`."""
        return self.worker_id.startswith(LENT)

    def make(self) -> None:
        (self.path / "claimed").mkdir(parents=True, exist_ok=True)

    def exists(self) -> bool:
        return self.path.is_dir()

    def age(self) -> float:
        """Seconds since something was made or removed in the folder."""
        try:
            return time.time() - self.path.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def status(self) -> WorkerStatus | None:
        return _read(WorkerStatus, self.path / "status.json")

    def write_status(self, status: WorkerStatus) -> None:
        write_record(self.path / "status.json", status)

    def claimed(self) -> list[str]:
        """Names of the runs that this worker holds."""
        try:
            return [path.name for path in (self.path / "claimed").iterdir() if is_run_id(path.name)]
        except OSError:
            return []

    def holds(self, run_id: str) -> bool:
        return (self.path / "claimed" / run_id).exists()

    def release(self, run_id: str) -> None:
        (self.path / "claimed" / run_id).unlink(missing_ok=True)

    def retire(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # it ended by itself
            (self.path / "retire").touch()

    def retiring(self) -> bool:
        return (self.path / "retire").exists()

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def worker_folders(home: Path) -> list[WorkerFolder]:
    try:
        # Whatever else lies there, nobody has made for a worker: it is left alone.
        return [WorkerFolder(home, path.name) for path in workers_folder(home).iterdir() if (path / "claimed").is_dir()]
    except OSError:
        return []


_WAITING = re.compile(r"\d{1,20}-[a-z0-9][a-z0-9-]{0,63}")  # other files that lie there are no waiting runs


class Queue:
    """Waiting runs as files whose names sort by arrival and that hold whose run it is; a worker takes one by renaming
    it into its folder.

    Renaming is atomic, so a run is never taken twice, and nobody has to hand runs out: they move on while the server
    is down.
    """

    def __init__(self, home: Path) -> None:
        self.path = queue_folder(home)

    def put(self, run_id: str, person: str = "") -> None:
        """Once: a run that waits already keeps its place. `person`: whose it is, where persons have limits."""
        if run_id not in self.waiting():
            self.path.mkdir(parents=True, exist_ok=True)
            with (self.path / f"{time.time_ns():020d}-{run_id}").open("a", encoding="utf-8") as file:
                file.write(person)

    def give_back(self, folder: WorkerFolder, run_id: str) -> None:
        """Puts a claimed run at the end of the queue."""
        (folder.path / "claimed" / run_id).rename(self.path / f"{time.time_ns():020d}-{run_id}")

    def waiting(self) -> list[str]:
        """Run names, the next one first."""
        return [name.split("-", 1)[1] for name in self._names()]

    def remove(self, run_id: str) -> bool:
        """Takes a run out; False when a worker was faster or it never waited."""
        found = False
        for name in self._names():
            if name.split("-", 1)[1] == run_id:
                with contextlib.suppress(FileNotFoundError):
                    (self.path / name).unlink()
                    found = True
        return found

    def claim(self, folder: WorkerFolder, patience: float, most: int = 0) -> str | None:
        """Moves the next run that has waited `patience` seconds into the worker's folder; None when there is none.

        `most`: runs of one person that train at once, further ones wait; 0: any number.
        """
        names = self._names()
        if not names:
            return None
        with self._one_at_a_time() if most else contextlib.nullcontext():
            return self._claim(names, folder, patience, most)

    def _claim(self, names: list[str], folder: WorkerFolder, patience: float, most: int) -> str | None:
        training = training_by_person(self.path.parent) if most else {}
        for name in names:
            arrived, run_id = name.split("-", 1)
            if 0 <= time.time() - int(arrived) / 1e9 < patience:  # below 0: the clock was set back
                return None
            person = self._person(name) if most else ""
            if person and training.get(person, 0) >= most:
                continue
            try:
                (self.path / name).rename(folder.path / "claimed" / run_id)
                return run_id
            except OSError:  # another was faster, or the file cannot be moved: the next may
                continue
        return None

    def _person(self, name: str) -> str:
        return _read_person(self.path / name)

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Two workers never count one person's runs at the same moment."""
        try:
            lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # a full disk: runs are taken all the same
            yield
            return
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.path) as entries:
                return sorted(entry.name for entry in entries if _WAITING.fullmatch(entry.name) and entry.is_file())
        except OSError:
            return []


def training_by_person(home: Path) -> dict[str, int]:
    """How many runs each person trains now; paused ones take no turn and do not count."""
    found: dict[str, int] = {}
    for worker in worker_folders(home):
        for run_id in worker.claimed():
            person = _read_person(worker.path / "claimed" / run_id)
            if person and not _is_paused(home, run_id):
                found[person] = found.get(person, 0) + 1
    return found


class TrainingCounts:
    """The same, counted at most once a second for all who look at runs that wait."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._counted: tuple[float, dict[str, int]] = -COUNTED_FOR, {}

    def of(self, person: str) -> int:
        at, training = self._counted
        if time.monotonic() - at > COUNTED_FOR:
            training = training_by_person(self._home)
            self._counted = time.monotonic(), training
        return training.get(person, 0)


def _read_person(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def _is_paused(home: Path, run_id: str) -> bool:
    try:
        return (
            read_record(RunStatus, runs_folder(home) / run_id / "status.json", "it is written again").state == "paused"
        )
    except (OSError, PrecedenceError):
        return False


def read_server(home: Path) -> Heartbeat | None:
    """The server that last used this home; None when it closed in good order."""
    return _read(Heartbeat, server_file(home))


def _read(model: type[Status], path: Path) -> Status | None:
    try:
        return read_record(model, path, "it is written again every second")
    except (FileNotFoundError, NotADirectoryError, PrecedenceError):
        return None
