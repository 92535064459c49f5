"""Long work beside the server: commands of this program, each in a process of its own, and how far each is.

Together with the calculator (`process`) this is the one place that starts work outside the server, training apart.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import PrecedenceError
from core.home import home
from core.progress import Progress
from core.runs.environment import environment, give_way


class Jobs:
    """Commands of this program as processes, each with a file in which it tells its progress."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def ensure(self, name: str, file: Path, command: Sequence[str]) -> Progress:
        """How far the work `name` is; starts it where nobody is at it. `problem` says why it failed.

        Failed work is not tried again by itself: `forget` makes it new.
        """
        with self._lock:
            said = self._status(name, file)
            if said is None:
                self._processes[name] = _start(name, command)
                said = Progress(process=self._processes[name].pid, stage="starting")
            return said

    def status(self, name: str, file: Path) -> Progress | None:
        """The same, but nothing is started: None where nobody is at it."""
        with self._lock:
            return self._status(name, file)

    def forget(self, name: str, file: Path) -> None:
        """Forgets that it failed, and why."""
        with self._lock:
            self._processes.pop(name, None)
            file.unlink(missing_ok=True)
            _log(name).unlink(missing_ok=True)

    def end(self, name: str, file: Path) -> None:
        """Ends the work where this server began it, and forgets it."""
        with self._lock:
            process = self._processes.get(name)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        self.forget(name, file)

    def close(self) -> None:
        """Ends what is still being made; what it had finished stays."""
        with self._lock:
            for process in self._processes.values():
                if process.poll() is None:
                    process.terminate()
            self._processes.clear()

    def _status(self, name: str, file: Path) -> Progress | None:
        said, process = Progress.read(file), self._processes.get(name)
        if process is not None and process.poll() is None:
            return said or Progress(process=process.pid, stage="starting")
        if said is not None and (said.problem is not None or said.alive()):
            return said  # alive: another server's, or a person's at the command line
        if process is not None and process.returncode:
            sentence = f"The process ended without a word; {_log(name)} may say why."
            return Progress(process=process.pid, stage="failed", problem=sentence)
        return None


def run_job(command: Sequence[str], seconds: float) -> str:
    """Runs a command of this program to its end and returns what it printed; raises PrecedenceError where it failed or
    took longer."""
    done = None
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            [sys.executable, "-m", "core", *command],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            timeout=seconds,
            start_new_session=True,
        )
    if done is None or done.returncode:
        raise PrecedenceError(f"The command '{' '.join(command[:2])}' failed; the server's console says why.")
    return done.stdout


def _start(name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
    with _log(name).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "core", *command],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    give_way(process.pid)
    return process


def _log(name: str) -> Path:
    folder = home() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.txt"


def _environment() -> dict[str, str]:
    """The home folder as this process means it, whatever the folder it was started in."""
    return environment(PRECEDENCE_HOME=str(home().resolve()))
