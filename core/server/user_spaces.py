"""Makes spaces of users beside the server: one process a space, started when a page first asks, and its progress."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import core
from core.home import home
from core.users.progress import Progress
from core.users.spaces import SpaceChoice, progress_file

_lock = threading.Lock()
_children: dict[str, subprocess.Popen[bytes]] = {}


def ensure(choice: SpaceChoice) -> Progress | None:
    """How far the making of a space is; starts it where nobody is at it. `problem` says why it failed.

    A failed one is not tried again by itself: `again` does that.
    """
    name, said = choice.name(), Progress.read(progress_file(choice))
    with _lock:
        child = _children.get(name)
        if child is not None and child.poll() is None:
            return said or Progress(process=child.pid, stage="starting")
        if said is not None and said.problem is not None:
            return said
        if said is not None and said.alive():
            return said  # another server's, or a person's at the command line
        if child is not None and child.returncode:
            return Progress(process=child.pid, stage="failed", problem=_last_words(name))
        _children[name] = _start(choice, name)
        return Progress(process=_children[name].pid, stage="starting")


def again(choice: SpaceChoice) -> None:
    """Forgets that it failed."""
    with _lock:
        _children.pop(choice.name(), None)
        progress_file(choice).unlink(missing_ok=True)


def close() -> None:
    """Ends what is still being made; what it had finished stays."""
    with _lock:
        for child in _children.values():
            if child.poll() is None:
                child.terminate()
        _children.clear()


def _start(choice: SpaceChoice, name: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, (str(Path(core.__file__).parents[1]), os.environ.get("PYTHONPATH"))))
    whose = ["--events", choice.path] if choice.path else ["--dataset", choice.source]
    with _log(name).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core", "users", "embed", *whose, "--model", choice.model],
            # one thread: the cores belong to the workers
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _log(name: str) -> Path:
    folder = home() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.txt"


def _last_words(name: str) -> str:
    return f"The process that embeds the users ended without a word; {_log(name)} may say why."
