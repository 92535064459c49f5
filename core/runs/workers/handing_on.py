"""What becomes of a run whose worker is gone: it is marked, its orders are mended, and the next worker may have it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from core.errors import PrecedenceError
from core.processes import process_mark
from core.records import put_aside
from core.runs.folder.control import Control
from core.runs.folder.owner import is_owned, owner_pid
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import ACTIVE, UNDER_WAY, RunStatus
from core.runs.workers.registry import Queue, WorkerFolder, worker_folders

DIES_WITHIN = 15.0  # seconds that a killed process may take, on a busy machine, until its locks are free
LET_GO_WITHIN = 2.0  # seconds between a run's last word and the moment its worker lets go of it, at most

HANDED_ON = "Its worker did not answer any more and was replaced; the run goes on from its last checkpoint."
STUCK = "Its step after {step} did not end and its worker was replaced; resume goes on from the last checkpoint."

_log = logging.getLogger(__name__)


def free(home: Path, run_id: str, queue: Queue, end_silent: bool) -> None:
    """Sees to it that nobody holds the run any more; one that has just ended needs a moment to let go."""
    deadline = time.monotonic() + LET_GO_WITHIN
    while holders := [worker for worker in worker_folders(home) if worker.holds(run_id)]:
        for worker in holders:
            told = worker.status()
            if told is None or not told.alive():
                if told is not None and told.process_exists():
                    if not end_silent:
                        raise PrecedenceError(f"The worker of run {run_id} is silent but there; it may wake.")
                    end_process(worker)
                mark_crashed(home, worker, queue, wait=run_id)
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    folder = RunFolder(home, run_id).path
    while is_owned(folder):
        pid = owner_pid(folder)
        dies = pid is not None and not process_mark(pid)  # its threads let go one after another
        if time.monotonic() < deadline + (DIES_WITHIN if dies else 0):
            time.sleep(0.02)
            continue
        raise PrecedenceError(f"Run {run_id} is still held by a process that lives; stop it there first.")


def orders_of(folder: RunFolder) -> Control:
    """The standing orders; damaged ones are put aside, and the edits in them, which the checkpoint holds, forgotten."""
    try:
        return folder.control()
    except PrecedenceError as error:
        put_aside(folder.path / "control.json", error)
        folder.write_applied(0)
        return Control()


def mark_crashed(home: Path, worker: WorkerFolder, queue: Queue, wait: str | None = None) -> None:
    """Marks what a dead worker held as crashed; what it had not begun goes back into the queue.

    `wait`: it was ended for this run's sake, so its other runs wait for the next worker instead.
    """
    for run_id in worker.claimed():
        folder = RunFolder(home, run_id)
        try:
            status = folder.status()
            if status.state == "queued" and not worker.is_lent():
                queue.put(run_id, folder.about().owner)
            elif status.state in ACTIVE and wait not in (None, run_id):
                folder.write_status(status.model_copy(update={"state": "queued", "worker": None, "worker_pid": None}))
                queue.put(run_id, folder.about().owner)
            elif status.state in ACTIVE:
                folder.write_status(crashed(status))
        except (PrecedenceError, OSError):
            _log.exception("run %s of a dead worker could not be marked", run_id)
    worker.remove()


def replace_frozen(home: Path, worker: WorkerFolder, stuck: str, queue: Queue, again: Callable[[str], bool]) -> None:
    """Ends a worker that does nothing any more; its runs wait for the next one and go on from their checkpoints.

    `stuck`: the run whose own turn did not end, which is left for its owner to resume; so is a run for which `again`
    says no: it was handed on before.
    """
    end_process(worker)
    for run_id in worker.claimed():
        folder = RunFolder(home, run_id)
        try:
            status = folder.status()
            if status.state not in UNDER_WAY:
                continue
            deadline = time.monotonic() + DIES_WITHIN
            while is_owned(folder.path) and time.monotonic() < deadline:
                time.sleep(0.02)
            if run_id == stuck or not again(run_id):
                folder.write_status(crashed(status).model_copy(update={"error": STUCK.format(step=status.step)}))
                continue
            waiting = {"state": "queued", "worker": None, "worker_pid": None, "note": HANDED_ON}
            folder.write_status(status.model_copy(update=waiting))
            queue.put(run_id, folder.about().owner)
        except (PrecedenceError, OSError):
            _log.exception("run %s of a frozen worker could not be handed on", run_id)
    worker.remove()


def crashed(status: RunStatus) -> RunStatus:
    return status.model_copy(
        update={
            "state": "crashed",
            "error": f"The worker process {status.worker_pid} ended or fell silent at step {status.step}; "
            "resume goes on from the last checkpoint.",
            "remaining_seconds": None,
            "note": "",
        }
    )


def end_process(worker: WorkerFolder) -> None:
    status = worker.status()
    if status is not None and status.process_exists():
        try:
            psutil.Process(status.pid).kill()
            psutil.Process(status.pid).wait(timeout=5)
        except (psutil.Error, TimeoutError):
            _log.warning("worker %s could not be ended", worker.worker_id)
