"""The server's look at its workers, twice a second: who is alive, what the dead have left, which runs have ended."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import PrecedenceError
from core.records import put_aside, write_record
from core.runs.folder.run_folder import RunFolder, mended_status, run_ids
from core.runs.folder.status import ACTIVE, UNDER_WAY
from core.runs.limits import limits
from core.runs.paths import server_file
from core.runs.workers.handing_on import mark_crashed, replace_frozen
from core.runs.workers.pool import Pool
from core.runs.workers.registry import Heartbeat, Queue, worker_folders

TICK = 0.5  # seconds between two looks at the workers
LOOK_UNWATCHED_EVERY = 5.0  # seconds between two looks for runs that nobody watches
MOST_HANDED_ON = 2  # frozen workers that a run may be taken from
UNWATCHED = "Nobody watched it for {} minutes, so it was suspended; Resume goes on from here."

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
        self._limits = limits()
        self._seen: dict[str, float] = {}  # run → when somebody looked at it last
        self._looked_unwatched = 0.0
        self._handed_on: dict[str, int] = {}  # run → frozen workers it was taken from
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
        parts = (self._say_alive, self._mark_crashed, self._replace_frozen, self.pool.fill, self._report_finished)
        for part in (*parts, self._suspend_unwatched):
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
            write_record(server_file(self.home), Heartbeat.now())
        except IsADirectoryError as error:
            put_aside(server_file(self.home), error)

    def _mark_crashed(self) -> None:
        for folder in self.pool.dead():
            with self._lock:
                mark_crashed(self.home, folder, self._queue)

    def _replace_frozen(self) -> None:
        for folder, stuck in self.pool.frozen():
            _log.warning("worker %s does nothing any more; it is replaced", folder.worker_id)
            self.pool.replaced = folder.worker_id
            try:
                with self._lock:
                    replace_frozen(self.home, folder, stuck, self._queue, self._may_go_on)
            finally:
                self.pool.replaced = ""

    def _may_go_on(self, run_id: str) -> bool:
        """A run that freezes one worker after another is not handed on for ever."""
        self._handed_on[run_id] = self._handed_on.get(run_id, 0) + 1
        return self._handed_on[run_id] <= MOST_HANDED_ON

    def saw(self, run_id: str) -> None:
        """Somebody looks at the run now."""
        self._seen[run_id] = time.monotonic()

    def _suspend_unwatched(self) -> None:
        """Runs that a visitor started and nobody has looked at for long; they can be resumed."""
        minutes, now = self._limits.unwatched_minutes, time.monotonic()
        if not minutes or now - self._looked_unwatched < LOOK_UNWATCHED_EVERY:
            return
        self._looked_unwatched = now
        with self._lock:
            looked_at = list(self.open)
        self._seen = {run_id: self._seen.get(run_id, now) for run_id in looked_at}
        for run_id, seen in list(self._seen.items()):
            if now - seen <= 60 * minutes:
                continue
            folder = RunFolder(self.home, run_id)
            try:
                about = folder.about()
                if about.sweep or not about.owner or folder.status().state not in ACTIVE:
                    continue
                with self._lock:
                    folder.write_control(folder.control().changed(mode="stop", reason=UNWATCHED.format(minutes)))
            except PrecedenceError as error:
                _log.warning("%s", error)

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
                about = RunFolder(self.home, run_id).about()
                if not about.sweep:  # a sweep's driver looks after its own points
                    self._queue.put(run_id, about.owner)
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
