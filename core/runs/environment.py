"""Processes that the server starts beside itself."""

from __future__ import annotations

import os

from core.home import PROGRAM


def environment(**more: str) -> dict[str, str]:
    """Of such a process: it finds this program wherever it begins, and takes one thread, as the cores belong to the
    workers and each of them to one run.

    PYTHONSAFEPATH: a folder named `core` where somebody happens to start the app must not stand before this one.
    """
    path = os.pathsep.join(filter(None, (str(PROGRAM), os.environ.get("PYTHONPATH"))))
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **one_thread, **more}
