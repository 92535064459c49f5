"""One run from where it stands to its end, in this process: what a task on another machine does."""

from __future__ import annotations

import platform
import secrets
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import PrecedenceError
from core.runs.folder.owner import is_owned
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RESUMABLE, State
from core.runs.workers.engine import Engine
from core.runs.workers.registry import FAR_SILENT_AFTER, LENT, WorkerFolder, WorkerStatus, worker_folders
from core.runs.workers.run_driver import RunDriver

SLICE = 0.2  # seconds between two looks at the orders
PAUSE = 0.1  # seconds between two looks while nothing moves


def run_to_completion(home: Path, run_id: str, engine: Engine) -> State:
    """Trains the run and returns the state it ended in; begins at its last checkpoint where there is one.

    It counts as a worker while it lasts, so that everybody sees it alive. Raises PrecedenceError where another
    process holds the run and goes on doing so.
    """
    folder = RunFolder(home, run_id)
    state = folder.status().state
    if state == "finished":
        return state
    _wait_for_others(home, run_id)
    if folder.status().state == "finished":
        return "finished"
    worker = WorkerFolder(home, f"{LENT}{secrets.token_hex(4)}")
    worker.make()
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(worker, ended), name="heartbeat", daemon=True)
    _say_alive(worker)
    (worker.path / "claimed" / run_id).touch()
    beating.start()
    run: RunDriver | None = None
    try:
        engine.prepare()
        run = RunDriver(folder, engine, _loaded(engine, folder), worker.worker_id)
        while not run.ended:
            if not run.turn(SLICE):
                time.sleep(PAUSE)
    finally:
        if run is not None and not run.ended:
            run.suspend("The process that trained it was asked to end; the run goes on from here.")
        ended.set()
        beating.join(timeout=5)
        worker.remove()
    return folder.status().state


def _wait_for_others(home: Path, run_id: str) -> None:
    """Two must never write to one log: one that was cut off falls silent first."""
    deadline = time.monotonic() + 2 * FAR_SILENT_AFTER
    while _held(home, run_id):
        if time.monotonic() > deadline:
            raise PrecedenceError(f"Run {run_id} is held by another process that still lives; stop it there first.")
        time.sleep(PAUSE)


def _held(home: Path, run_id: str) -> bool:
    folder = RunFolder(home, run_id)
    if is_owned(folder.path):
        return True
    if folder.status().state in RESUMABLE:
        return False
    for worker in worker_folders(home):
        status = worker.status()
        if run_id in worker.claimed() and status is not None and status.process_exists():
            return True
    return False


def _loaded(engine: Engine, folder: RunFolder) -> Future[Any]:
    data: Future[Any] = Future()
    try:
        data.set_result(engine.load(folder.config().dataset))
    except Exception as error:  # the held run tells it where a person sees it
        data.set_exception(error)
    return data


def _beat(worker: WorkerFolder, ended: threading.Event) -> None:
    while not ended.wait(1.0):
        _say_alive(worker)


def _say_alive(worker: WorkerFolder) -> None:
    with suppress(OSError):  # a full disk: whoever holds the run is known by its lock
        worker.write_status(WorkerStatus.now(host=platform.node(), ready=True, runs=1))
