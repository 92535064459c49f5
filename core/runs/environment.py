"""Processes that the server starts beside itself: what they find, and that they give way to it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from core.home import PROGRAM

NICER = 5
"""Than the server: it gets three times the share of such a process where both want the same core."""
_NICEST = 19


def environment(**more: str) -> dict[str, str]:
    """Of such a process: it finds this program wherever it begins, and takes one thread, as the cores belong to the
    workers and each of them to one run.

    PYTHONSAFEPATH: a folder named `core` where somebody happens to start the app must not stand before this one.
    """
    path = os.pathsep.join(filter(None, (str(PROGRAM), os.environ.get("PYTHONPATH"))))
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **one_thread, **more}


def give_way(process_id: int) -> None:
    """Lowers the priority of a process that has just begun: a page never waits for a step of training.

    Called before it has other threads, which begin with the priority of the first. Linux may share out the cores by
    session (sched_autogroup); then a process' own priority counts within its session alone, and the session has one.
    """
    nice = min(_NICEST, os.getpriority(os.PRIO_PROCESS, 0) + NICER)
    with suppress(OSError):  # it has ended, or the system does not let it: then all are equal
        os.setpriority(os.PRIO_PROCESS, process_id, nice)
    with suppress(OSError):
        Path(f"/proc/{process_id}/autogroup").write_text(str(nice), encoding="ascii")
