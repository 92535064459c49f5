"""Worker processes: how many there should be, starting them, and telling the living from the dead."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from core.errors import PrecedenceError
from core.runs.environment import environment, give_way
from core.runs.limits import limits
from core.runs.paths import logs_folder
from core.runs.workers.registry import (
    CODE_VARIABLE,
    WorkerFolder,
    WorkerStatus,
    code_state,
    worker_folders,
)

WORKER = (sys.executable, "-m", "core.runs.workers.worker")
MOST_WORKERS = 8
KEPT_LOGS = 20
JUST_MADE = 5.0  # seconds that another server may need to fill a worker's folder
DEATHS_THAT_STOP = 3  # workers that die before they are warm, one after another
PAUSE_AFTER_DEATHS = 30.0  # seconds before the next try then


def wanted_workers() -> int:
    """PRECEDENCE_WORKERS, else one for every core but one (kept for the server), at most MOST_WORKERS."""
    text = os.environ.get("PRECEDENCE_WORKERS", "")
    if not text:
        return max(1, min(MOST_WORKERS, (os.cpu_count() or 1) - 1))
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise PrecedenceError(f"PRECEDENCE_WORKERS is {text!r}; expected a whole number from 1 to 64, or nothing.")
    return int(text)


class Pool:
    """Keeps one warm worker more than are busy, up to a limit; a class's first run never waits for an import."""

    def __init__(self, home: Path, most: int | None = None, command: Sequence[str] | None = None) -> None:
        self.most = most or wanted_workers()
        self.trouble = ""  # a sentence while workers end as soon as they start
        self.replaced = ""  # the worker whose runs are handed on at this moment: they have not crashed
        self._home = home
        self._command = tuple(command or WORKER)
        self._code = code_state()
        self._limits = limits()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._early_deaths = 0
        self._not_before = 0.0
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, bool]] = {}  # worker → when looked at, alive then

    def is_alive(self, worker_id: str) -> bool:
        """As of the last half second, or while its runs are being handed on."""
        now = time.monotonic()
        at, alive = self._seen.get(worker_id, (0.0, False))
        if now - at > 0.5:
            status = WorkerFolder(self._home, worker_id).status()
            alive = status is not None and status.alive()
            self._seen[worker_id] = (now, alive)
        return alive or worker_id == self.replaced

    def dead(self) -> list[WorkerFolder]:
        """Workers whose process is gone; one that is only silent is left alone, it may wake with the machine."""
        gone = []
        with self._lock:
            for child in self._children.values():
                child.poll()  # a child that ended stays in the process table until somebody asks
            self._children = {name: child for name, child in self._children.items() if child.returncode is None}
            for folder in worker_folders(self._home):
                status = folder.status()
                if status is None and folder.age() < JUST_MADE:
                    continue
                if status is None or not status.process_exists():
                    gone.append(folder)
                    self._seen.pop(folder.worker_id, None)
                    if status is not None and not folder.is_lent() and not status.ready and status.code == self._code:
                        self._early_deaths += 1
        return gone

    def frozen(self) -> list[tuple[WorkerFolder, str]]:
        """Workers that are there but do nothing any more, each with the run whose turn lasts too long, if one does.

        A process that was stopped, or that holds the interpreter in foreign code, falls silent; one that is stuck
        outside the interpreter still speaks, but its turn does not end.
        """
        found = []
        for folder in worker_folders(self._home):
            status = folder.status()
            if status is None or folder.is_lent() or not status.process_exists():
                continue
            patience = self._limits.frozen_seconds * (1 if status.ready else 4)
            if status.turn_lasts() > self._limits.turn_seconds:
                found.append((folder, status.turn))
            elif status.quiet() > patience:
                found.append((folder, ""))
        return found

    def fill(self) -> None:
        """Starts workers while the limit allows and all living ones are busy; retires those of an older program."""
        with self._lock:
            living = []
            for folder in worker_folders(self._home):
                status = folder.status()
                if status is None or folder.is_lent() or folder.retiring():
                    continue
                if status.code != self._code:
                    folder.retire()
                    continue
                living.append(status)
                if status.ready:
                    self._early_deaths, self.trouble = 0, ""
            if self._early_deaths >= DEATHS_THAT_STOP:
                self._early_deaths, self._not_before = 0, time.monotonic() + PAUSE_AFTER_DEATHS
                self.trouble = (
                    f"Worker processes end as soon as they start; see the newest file in {logs_folder(self._home)}."
                )
            spare = sum(status.runs == 0 for status in living)
            if len(living) < self.most and spare == 0 and time.monotonic() >= self._not_before:
                self._start()

    def _start(self) -> None:
        worker_id = f"worker-{secrets.token_hex(4)}"
        folder = WorkerFolder(self._home, worker_id)
        folder.make()
        logs = logs_folder(self._home)
        logs.mkdir(parents=True, exist_ok=True)
        for old in sorted(logs.glob("worker-*.log"), key=lambda path: path.stat().st_mtime)[: -KEPT_LOGS + 1]:
            old.unlink(missing_ok=True)
        with (logs / f"{worker_id}.log").open("ab") as log:
            child = subprocess.Popen(
                [*self._command, str(self._home), worker_id],
                env=environment(**{"PRECEDENCE_HOME": str(self._home), CODE_VARIABLE: self._code}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        give_way(child.pid)
        self._children[worker_id] = child
        # Until the worker speaks for itself; from now on it is counted.
        folder.write_status(WorkerStatus.now(child.pid, code=self._code))
