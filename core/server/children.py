"""Long work beside the server: one process a name, started when a page first asks, and how far it is."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from core.home import home
from core.progress import Progress
from core.runs.workers.environment import environment


class Children:
    """Commands of this program as processes, each with a file in which it tells its progress."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def ensure(self, name: str, file: Path, command: Sequence[str]) -> Progress:
        """How far the work `name` is; starts it where nobody is at it. `problem` says why it failed.

        Failed work is not tried again by itself: `forget` makes it new.
        """
        with self._lock:
            said = self._said(name, file)
            if said is None:
                self._children[name] = _start(name, command)
                said = Progress(process=self._children[name].pid, stage="starting")
            return said

    def said(self, name: str, file: Path) -> Progress | None:
        """The same, but nothing is started: None where nobody is at it."""
        with self._lock:
            return self._said(name, file)

    def forget(self, name: str, file: Path) -> None:
        """Forgets that it failed, and why."""
        with self._lock:
            self._children.pop(name, None)
            file.unlink(missing_ok=True)
            _log(name).unlink(missing_ok=True)

    def end(self, name: str, file: Path) -> None:
        """Ends the work where this server began it, and forgets it."""
        with self._lock:
            child = self._children.get(name)
        if child is not None and child.poll() is None:
            child.kill()
            child.wait()
        self.forget(name, file)

    def close(self) -> None:
        """Ends what is still being made; what it had finished stays."""
        with self._lock:
            for child in self._children.values():
                if child.poll() is None:
                    child.terminate()
            self._children.clear()

    def _said(self, name: str, file: Path) -> Progress | None:
        said, child = Progress.read(file), self._children.get(name)
        if child is not None and child.poll() is None:
            return said or Progress(process=child.pid, stage="starting")
        if said is not None and (said.problem is not None or said.alive()):
            return said  # alive: another server's, or a person's at the command line
        if child is not None and child.returncode:
            sentence = f"The process ended without a word; {_log(name)} may say why."
            return Progress(process=child.pid, stage="failed", problem=sentence)
        return None


def _start(name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
    with _log(name).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core", *command],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _log(name: str) -> Path:
    folder = home() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.txt"
