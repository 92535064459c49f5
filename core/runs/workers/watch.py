"""The server's look at its workers, twice a second: who is alive, what the dead have left, which runs have ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import PrecedenceError
from core.files import write_text
from core.records import put_aside
from core.runs.folder.run_folder import RunFolder, mended_status, run_ids
from core.runs.folder.status import UNDER_WAY
from core.runs.paths import server_file
from core.runs.workers.handing_on import mark_crashed
from core.runs.workers.pool import Pool
from core.runs.workers.registry import Heartbeat, Queue, worker_folders

TICK = 0.5  # seconds between two looks at the workers

_log = logging.getLogger(__name__)


class Watch:
    """Looks again and again in a thread of its own; `lock` is that of the supervisor whose queue and pool these are.

    `finished` is called once for every run that ends well meanwhile.
    """

    def __init__(
        self, home: Path, pool: Pool, queue: Queue, lock: threading.RLock, finished: Callable[[str], None]
    ) -> None:
        self.home = home
        self.pool = pool
        self.open: set[str] = set()  # runs that have not ended, as far as this process knows
        self._queue = queue
        self._lock = lock
        self._finished = finished
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._troubles: dict[str, str] = {}  # part of a look → a sentence while it cannot write

    def start(self) -> None:
        """Takes up what an earlier server left, then looks in a thread."""
        self._look(self._take_up)
        self.tick()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        with suppress(OSError):
            server_file(self.home).unlink(missing_ok=True)

    def tick(self) -> None:
        """One look: own heartbeat, dead workers removed, missing workers started, finished runs reported."""
        for part in (self._say_alive, self._mark_crashed, self.pool.fill, self._report_finished):
            self._look(part)

    @property
    def trouble(self) -> str:
        """A sentence while the home cannot be written; empty where it can."""
        return next(filter(None, self._troubles.values()), "")

    def _watch(self) -> None:
        while not self._closing.wait(TICK):
            self.tick()

    def _say_alive(self) -> None:
        try:
            write_text(server_file(self.home), Heartbeat.now().model_dump_json())
        except IsADirectoryError as error:
            put_aside(server_file(self.home), error)

    def _mark_crashed(self) -> None:
        for folder in self.pool.dead():
            with self._lock:
                mark_crashed(self.home, folder, self._queue)

    def _look(self, look: Callable[[], None]) -> None:
        """Whatever goes wrong, the server goes on: with a sentence where the home cannot be written, else a report."""
        trouble = ""
        try:
            look()
        except OSError as error:
            trouble = f"The folder {self.home} cannot be written ({error.strerror}); make room or give leave to write."
            if trouble != self._troubles.get(look.__name__):
                _log.error("%s", trouble)
        except Exception:
            _log.exception("a look at the workers failed")
        self._troubles[look.__name__] = trouble

    def _take_up(self) -> None:
        """Runs that an earlier server was killed over: made, but neither waiting nor claimed."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        claimed = {run_id for worker in worker_folders(self.home) for run_id in worker.claimed()}
        waiting = set(self._queue.waiting())
        for run_id in run_ids(self.home):
            try:
                state = mended_status(RunFolder(self.home, run_id)).state
                if state in UNDER_WAY:
                    self.open.add(run_id)
                if state != "queued" or run_id in claimed | waiting:
                    continue
                if not RunFolder(self.home, run_id).about().sweep:  # a sweep's driver looks after its own points
                    self._queue.put(run_id)
            except (PrecedenceError, OSError) as error:  # damaged: the others are taken up all the same
                _log.warning("%s", error)

    def _report_finished(self) -> None:
        with self._lock:
            looked_at = list(self.open)
        for run_id in looked_at:
            try:
                state = RunFolder(self.home, run_id).status().state
            except PrecedenceError:  # deleted
                state = "stopped"
            if state in UNDER_WAY:
                continue
            with self._lock:
                self.open.discard(run_id)
            if state == "finished":
                try:
                    self._finished(run_id)
                except (PrecedenceError, OSError) as error:  # damaged: the others are reported all the same
                    _log.warning("the end of run %s could not be told: %s", run_id, error)
