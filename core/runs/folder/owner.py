"""Who writes a run: the one process that holds its folder's lock. The system lets go of it however the process ends,
so neither a clock nor a heartbeat decides whether a log may be written."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import PrecedenceError

LOCK = "owner.lock"
ORDERS = "orders.lock"
PATIENCE = 0.1  # seconds in which somebody who only looks lets go again

_log = logging.getLogger(__name__)


class RunTakenError(PrecedenceError):
    """The run is another's, or over: whoever wanted to train it leaves it alone and writes nothing."""


class Owner:
    """Holds the run in `folder`; raises RunTakenError where another process, or another part of this one, holds it."""

    def __init__(self, folder: Path) -> None:
        self._file: int | None = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + PATIENCE
        while not _locked(self._file, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                holder = owner_pid(folder)
                self.release()
                raise RunTakenError(
                    f"Run {folder.name} is trained by another process already ({holder or 'unknown'}); stop it there "
                    "first."
                )
            time.sleep(0.02)
        with contextlib.suppress(OSError):  # only for a person who looks
            os.truncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Lets go of the run; a second time changes nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def owner_pid(folder: Path) -> int | None:
    """The process that took the run last, whether it still has it or not."""
    try:
        return int((folder / LOCK).read_bytes().strip() or b"0") or None
    except (OSError, ValueError):
        return None


def is_owned(folder: Path) -> bool:
    """Whether some process holds the run now."""
    try:
        file = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _locked(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Who changes what becomes of a run waits for whoever does so at this moment, in whichever process."""
    file = os.open(folder / ORDERS, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks: nobody can be kept off
        _log.warning("runs cannot be locked here (%s)", error)
    return True
