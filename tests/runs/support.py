"""Small words that the tests of runs and of the server share."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import psutil

from core.runs.workers.registry import worker_folders
from core.settings.run import RunConfig
from tests.conftest import MOST_SECONDS

MOST_RUNS = 6  # that a worker with the double holds at once
DOUBLE = Path(__file__).with_name("double.py")


def wait_until(true, seconds=MOST_SECONDS):
    """Asks again and again; generous, because other work may share the machine."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def quick(steps=40, microseconds=1000, **fields) -> RunConfig:
    """A run of the double: so many steps of so many microseconds, every step recorded."""
    return RunConfig(stage_steps=steps, batch_size=microseconds, record_every=1, **fields)


def end_workers(home) -> None:
    """No process outlives its test."""
    for folder in worker_folders(home):
        status = folder.status()
        if status is not None and status.process_exists():
            process = psutil.Process(status.pid)
            process.kill()
            process.wait(MOST_SECONDS)


def parts_of(bundle):
    """The files of a zip by name."""
    with zipfile.ZipFile(bundle) as file:
        return {name: file.read(name) for name in file.namelist()}
