"""Processes that the server starts beside itself."""

from __future__ import annotations

import os
from pathlib import Path

import core


def environment(**more: str) -> dict[str, str]:
    """Of such a process: it finds this program wherever it begins, and takes one thread, as the cores belong to the
    workers and each of them to one run."""
    path = os.pathsep.join(filter(None, (str(Path(core.__file__).parents[1]), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", **more}
