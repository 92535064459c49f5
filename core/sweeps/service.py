"""All sweeps of one home: asked for, steered and driven, beside the supervisor that trains their points."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from core.errors import PrecedenceError
from core.runs.estimate import accept
from core.runs.limits import limits
from core.runs.workers.supervisor import Supervisor
from core.sweeps.description import SweepConfig
from core.sweeps.driver import Driver
from core.sweeps.executor import Executor, LocalProcesses
from core.sweeps.folder import Mode, SweepFolder, sweep_ids
from core.sweeps.progress import Progress, progress_of
from core.sweeps.ray_cluster import RayCluster, ray_address

TICK = 0.3  # seconds between two looks
MOST_OPEN = 20  # sweeps that are not over: beyond that something asks without end

RETRY_AFTER = 30.0  # seconds before a sweep that could not be led is tried again
DEFECT = "The sweep cannot be led on because of a defect of this program; the server's console has the full report."

_log = logging.getLogger(__name__)


class Sweeps:
    """Drives every sweep under the supervisor's home that nobody else drives; safe to call from any thread.

    `finished` is called with the name of each finished point's run.
    """

    def __init__(
        self, supervisor: Supervisor, finished: Callable[[str], None] = lambda run_id: None, slots: int | None = None
    ) -> None:
        self.home = supervisor.home
        self._finished = finished
        self._local = LocalProcesses(supervisor, slots)
        self._ray: Executor | None = None
        self._drivers: dict[str, Driver] = {}
        self._locks = contextlib.ExitStack()
        self._trouble: dict[str, tuple[float, str]] = {}  # sweep → when it could not be driven, and why
        self._over: set[str] = set()
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Takes up what an earlier process left, then goes on in a thread."""
        self._thread = threading.Thread(target=self._drive, name="sweeps", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Drives no more; points under way go on, and the next who starts leads the rest."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        with self._lock:
            self._locks.close()
            self._drivers.clear()
            if self._ray is not None:
                self._ray.close()

    def tick(self) -> None:
        """One look at every sweep that is not over."""
        with self._lock:
            for sweep_id in sweep_ids(self.home):
                since, _ = self._trouble.get(sweep_id, (-RETRY_AFTER, ""))
                if sweep_id in self._over or time.monotonic() - since < RETRY_AFTER:
                    continue
                try:
                    self._look(sweep_id)
                    self._trouble.pop(sweep_id, None)
                except PrecedenceError as error:
                    _log.error("sweep %s: %s", sweep_id, error)
                    self._trouble[sweep_id] = time.monotonic(), str(error)
                except Exception:  # the others go on
                    _log.exception("sweep %s cannot be led", sweep_id)
                    self._trouble[sweep_id] = time.monotonic(), DEFECT

    # ------------------------------------------------------------------ what a person asks

    @property
    def slots(self) -> int:
        """Points that are trained side by side on this machine."""
        return self._local.slots

    def submit(self, config: SweepConfig, tasks: tuple[str, ...], owner: str = "") -> str:
        """Asks for a sweep and returns its name; `tasks` are those of its data set, `owner` is whose it is.

        Raises PrecedenceError, with nothing made, where it cannot be run.
        """
        accept(config.base)
        if config.workers == "ray":
            ray_address()
        waiting = list(filter(self._is_waiting, sweep_ids(self.home)))
        if len(waiting) >= MOST_OPEN:
            raise PrecedenceError(f"{len(waiting)} sweeps are waiting already; cancel some before asking for more.")
        most = limits().sweeps_a_person
        if owner and most and sum(SweepFolder(self.home, name).owner() == owner for name in waiting) >= most:
            raise PrecedenceError(
                f"{most} sweeps of yours are not over, as many as one person may have here; cancel one or wait."
            )
        return SweepFolder.create(self.home, config, tasks, owner).sweep_id

    def order(self, sweep_id: str, mode: Mode) -> None:
        """Run, pause or cancel; refused for a sweep that is over."""
        folder = SweepFolder(self.home, sweep_id)
        if folder.is_over():
            raise PrecedenceError(f"Sweep {sweep_id} is over and takes no orders; start a new one.")
        if folder.mode() == "cancel" and mode != "cancel":
            raise PrecedenceError(f"Sweep {sweep_id} is being cancelled; start a new one.")
        folder.order(mode)

    def progress(self, sweep_id: str) -> Progress:
        """How far it is."""
        return progress_of(SweepFolder(self.home, sweep_id))

    def trouble(self, sweep_id: str) -> str:
        """Why the sweep is not led on just now, in a sentence; empty where it is."""
        return self._trouble.get(sweep_id, (0.0, ""))[1]

    # ------------------------------------------------------------------ inside

    def _is_waiting(self, sweep_id: str) -> bool:
        try:
            return not SweepFolder(self.home, sweep_id).is_over()
        except PrecedenceError:  # damaged: it never goes on
            return False

    def _look(self, sweep_id: str) -> None:
        if sweep_id not in self._drivers:
            folder = SweepFolder(self.home, sweep_id)
            if folder.is_over():
                self._over.add(sweep_id)
                return
            with contextlib.ExitStack() as held:
                if not held.enter_context(folder.driven()):
                    return
                executor = self._ray_cluster() if folder.config().workers == "ray" else self._local
                self._drivers[sweep_id] = Driver(folder, executor, self._finished)
                self._locks.push(held.pop_all())
        if self._drivers[sweep_id].tick():
            del self._drivers[sweep_id]
            self._over.add(sweep_id)

    def _ray_cluster(self) -> Executor:
        cluster = self._ray or RayCluster(self.home, ray_address())
        self._ray = cluster
        return cluster

    def _drive(self) -> None:
        while not self._closing.wait(TICK):
            try:
                self.tick()
            except Exception:
                _log.exception("a look at the sweeps failed")
