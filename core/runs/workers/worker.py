"""python -m core.runs.workers.worker HOME WORKER_ID: a process that holds runs and lets each go on in turn.

It is warm (torch imported, default data read, one forward and backward done) before any run is asked for. Runs wait
in the queue folder and a worker takes them itself, so it needs no server; it ends when nobody is left to ask.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from core.errors import PrecedenceError
from core.logs import set_up
from core.runs.folder.owner import RunTakenError
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.runs.limits import limits
from core.runs.workers.datasets import Datasets
from core.runs.workers.engine import Engine
from core.runs.workers.memory import MemoryLimit
from core.runs.workers.registry import (
    CODE_VARIABLE,
    SERVER_SILENT_AFTER,
    Queue,
    WorkerFolder,
    WorkerStatus,
    read_server,
)
from core.runs.workers.run_driver import RunDriver, cannot_write, sentence_of
from core.runs.workers.turns import Turns

SLICE = 0.03  # seconds a run goes on before the next has its turn
MOST_RUNS = 32  # held at once, a class and a teacher: each moves about once a second; more wait in the queue
BUSY_PATIENCE = 0.02  # seconds a waiting run is left to other workers, for each run already held
IDLE_PAUSE = 0.02  # seconds between two looks when nothing moves
TAKEN_PAUSE = 1.0  # seconds before the next run is taken where the last was still another's
PERSON_PAUSE = 0.2  # seconds before the queue is looked at again where all who wait have a run under way
NO_ROOM_PAUSE = 5.0  # seconds before the next run is taken where the last could not be written
LOOK_ROUND_EVERY = 2.0  # seconds between two looks whether anybody still wants this worker
TOO_LARGE = "The run took more memory than a worker may have here; take a smaller batch_size or a smaller network."
LONG_ENOUGH = (
    "It has trained for {} minutes, as long as a run may here at once, so it is suspended; Resume goes on from here."
)
LINGER_MINUTES = float(os.environ.get("PRECEDENCE_WORKER_MINUTES", "5"))  # without a server and without a run

_log = logging.getLogger(__name__)


class Worker:
    """Holds up to `MOST_RUNS` runs and gives each a slice of time in turn."""

    def __init__(self, home: Path, worker_id: str, engine: Engine) -> None:
        self._home = home
        self._engine = engine
        self._folder = WorkerFolder(home, worker_id)
        self._queue = Queue(home)
        self._datasets = Datasets(engine.load)
        self._runs = Turns()
        self._limits = limits()
        self._memory: MemoryLimit | None = None
        self._turn = ("", 0.0)  # the run whose turn it is, and since when
        self._ready = False
        self._leave = threading.Event()
        self._code = os.environ.get(CODE_VARIABLE, "")
        self._alone_since: float | None = None
        self._looked_round = 0.0
        self._not_before = 0.0

    def work(self) -> None:
        """Until asked to end, or until nobody is left who could ask for a run."""
        self._folder.make()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        try:
            self._engine.warm(lambda choice: self._datasets.get(choice).result())
            gc.collect()
            gc.freeze()
            self._memory = MemoryLimit(self._limits.worker_memory)
            self._ready = True
            self._write_status()
            still = 0  # turns in a row that moved nothing
            while not self._leave.is_set():
                self._claim()
                still = 0 if self._turn_next() else still + 1
                self._look_round()
                if still >= len(self._runs):
                    self._leave.wait(IDLE_PAUSE)
                    still = 0
        finally:
            for run in self._runs:
                run.suspend("The worker was asked to end; the run goes on from here when it is resumed.")
                self._folder.release(run.folder.run_id)
            self._datasets.close()
            self._leave.set()
            self._folder.remove()
            gc.unfreeze()  # else what is frozen counts as leaked when the interpreter ends

    def leave(self) -> None:
        """Asks the worker to end after the current turn; its runs are saved."""
        self._leave.set()

    def _claim(self) -> None:
        if len(self._runs) >= MOST_RUNS or self._folder.retiring() or time.monotonic() < self._not_before:
            return
        most, patience = self._limits.runs_a_person, BUSY_PATIENCE * len(self._runs)
        run_id = self._queue.claim(self._folder, patience, most)
        if run_id is None:
            if self._queue.waiting():
                self._not_before = time.monotonic() + (PERSON_PAUSE if most else 0)
            return
        folder = RunFolder(self._home, run_id)
        try:
            data = self._datasets.get(folder.config().dataset)
            self._runs.add(RunDriver(folder, self._engine, data, self._folder.worker_id))
        except RunTakenError as error:  # another goes on with it, and says so itself
            _log.info("%s", error)
            self._leave_to_its_owner(folder)
        except Exception as error:  # whatever it is, the other runs go on
            if cannot_write(error) and folder.exists():  # it waits until there is room again
                _log.warning("run %s cannot be taken (%s)", run_id, error)
                self._not_before = time.monotonic() + NO_ROOM_PAUSE
                with suppress(OSError):
                    self._queue.give_back(self._folder, run_id)
                    return
            _log.exception("run %s cannot be taken", run_id)
            with suppress(OSError):
                if folder.exists():  # else it was deleted while it waited
                    folder.write_status(RunStatus(state="failed", error=sentence_of(error)))
            self._folder.release(run_id)

    def _leave_to_its_owner(self, folder: RunFolder) -> None:
        """Lets go of a run that another process trains; one whose killed process still dies waits for its turn."""
        with suppress(PrecedenceError, OSError):
            if folder.status().state == "queued":
                self._queue.give_back(self._folder, folder.run_id)
                self._not_before = time.monotonic() + TAKEN_PAUSE
                return
        self._folder.release(folder.run_id)

    def _turn_next(self) -> bool:
        """One slice for the run whose turn it is; True when it moved."""
        run = self._runs.next()
        if run is None:
            return False
        began = time.monotonic()
        self._turn = run.folder.run_id, began
        moved = run.turn(SLICE)
        if not run.ended and self._memory is not None and self._memory.is_exceeded():
            run.refuse(TOO_LARGE)
        self._turn = "", 0.0
        minutes = self._limits.run_minutes
        if not run.ended and minutes and self._runs.own(run) > 60 * minutes:
            run.suspend(LONG_ENOUGH.format(minutes))
        if run.ended:
            self._runs.remove(run)
            self._folder.release(run.folder.run_id)
        else:
            self._runs.count(run, time.monotonic() - began, SLICE)
        return moved

    def _look_round(self) -> None:
        """Ends the worker when nobody needs it: at once after a good-bye, after minutes when the server was killed."""
        now = time.monotonic()
        if now - self._looked_round < LOOK_ROUND_EVERY:
            return
        self._looked_round = now
        if not self._folder.exists():
            _log.warning("the home folder is gone; ending")
            self._leave.set()
            return
        busy = any(not run.waits_for_a_person for run in self._runs) or bool(self._queue.waiting())
        server = read_server(self._home)
        if self._folder.retiring() and not self._runs:
            self._leave.set()
        elif busy or (server is not None and server.quiet() < SERVER_SILENT_AFTER):
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > (LOOK_ROUND_EVERY if server is None and not self._runs else LINGER_MINUTES * 60):
            _log.info("no server and nothing to do; ending")
            self._leave.set()

    def _beat(self) -> None:
        while not self._leave.is_set():
            self._write_status()
            self._leave.wait(1.0)

    def _write_status(self) -> None:
        turn, began = self._turn
        status = WorkerStatus.now(ready=self._ready, runs=len(self._runs), code=self._code, turn=turn, turn_began=began)
        try:
            self._folder.write_status(status)
        except OSError:
            _log.warning("the heartbeat could not be written")


def work(home: Path, worker_id: str, engine: Engine) -> None:
    """The whole life of a worker process."""
    set_up()
    worker = Worker(home, worker_id, engine)
    signal.signal(signal.SIGTERM, lambda *_: worker.leave())
    worker.work()


def main(arguments: list[str]) -> int:
    from core.runs.workers.torch_engine import TorchEngine

    home, worker_id = arguments
    work(Path(home), worker_id, TorchEngine())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
