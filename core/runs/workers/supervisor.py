"""The server's side of runs: asks for them, steers them, keeps enough workers warm and notices when one is gone.

It holds nothing that the files do not say, so a server that was killed and started again goes on where it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from core.errors import PrecedenceError
from core.runs.estimate import accept
from core.runs.folder.control import Control
from core.runs.folder.owner import is_owned, one_at_a_time
from core.runs.folder.run_folder import About, RunFolder, mended_status, run_ids
from core.runs.folder.shared_stages import Start
from core.runs.folder.status import ACTIVE, RESUMABLE, UNDER_WAY, RunStatus
from core.runs.limits import limits
from core.runs.workers.handing_on import crashed, free, orders_of
from core.runs.workers.pool import Pool
from core.runs.workers.registry import Queue, TrainingCounts, WorkerFolder, worker_folders
from core.runs.workers.watch import Watch
from core.settings.run import RunConfig
from core.training.knobs import Knobs

Action = Literal["run", "pause", "stop", "step"]

OWN_RUN_FIRST = "Another of your runs trains; this one begins when that ends, is paused or stopped."
MOST_WAITING = 500  # runs in the queue: beyond that something asks without end


class Tokens:
    """Which run an unguessable word opens; safe to call from any thread."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    def run_of(self, token: str) -> str | None:
        """The run that this word opens; None when it opens none."""
        with self._lock:
            if token not in self._known:  # of a run that was made since the last look, here or elsewhere
                self._read()
            run_id = self._known.get(token)
            if run_id is not None and not RunFolder(self._home, run_id).exists():  # deleted: its word opens nothing
                del self._known[token]
                return None
            return run_id

    def _read(self) -> None:
        known = set(self._known.values())
        for run_id in run_ids(self._home):
            if run_id not in known:
                with suppress(PrecedenceError):  # damaged, or deleted meanwhile
                    self._known[RunFolder(self._home, run_id).token()] = run_id


class Supervisor:
    """Submits, steers and watches the runs under one home; safe to call from any thread.

    `finished` is called once for every run that ends well while this supervisor watches.
    """

    def __init__(
        self,
        home: Path,
        workers: int | None = None,
        command: Sequence[str] | None = None,
        finished: Callable[[str], None] = lambda run_id: None,
    ) -> None:
        self.home = home.resolve()
        self.pool = Pool(self.home, workers, command)
        self._queue = Queue(self.home)
        self._lock = threading.RLock()
        self._tokens = Tokens(self.home)
        self._training = TrainingCounts(self.home)
        self._watch = Watch(self.home, self.pool, self._queue, self._lock, finished)

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Takes up what an earlier server left: its workers, its waiting runs; then watches in a thread."""
        self._watch.start()

    def close(self) -> None:
        """Stops watching. Workers with unfinished runs go on; the others end by themselves in a few seconds."""
        self._watch.close()

    def tick(self) -> None:
        """One look: own heartbeat, dead workers removed, missing workers started, finished runs reported."""
        self._watch.tick()

    # ------------------------------------------------------------------ what a person asks

    def submit(self, config: RunConfig, owner: str = "", start: Start | None = None) -> str:
        """Puts a new run into the queue and returns its name; refused where it is larger than the operator allows.

        `owner`: whose it is. Of one owner few runs train at once, the others wait. `start`: where it may begin.
        """
        accept(config)
        waiting = len(self._queue.waiting())
        if waiting >= MOST_WAITING:
            raise PrecedenceError(f"{waiting} runs are waiting already; stop some of them before asking for more.")
        with self._writing():
            folder = RunFolder.create(self.home, config, owner=owner, start=start)
            with self._lock:
                self._watch.open.add(folder.run_id)
            self._queue.put(folder.run_id, owner)
        return folder.run_id

    def take_up(self, run_id: str) -> None:
        """Lets a run whose folder was made elsewhere begin, or go on; one that is under way is left alone."""
        state = self.status(run_id).state
        if state in RESUMABLE:
            self.resume(run_id, end_silent=False)
            return
        with self._lock:
            self._watch.open.add(run_id)
            claimed = any(run_id in worker.claimed() for worker in worker_folders(self.home))
            if state == "queued" and not claimed and run_id not in self._queue.waiting():
                self._queue.put(run_id)

    def command(self, run_id: str, action: Action, steps: int = 1) -> None:
        """Run, pause or stop it, or pause it and do `steps` single steps; takes effect within a few hundredths of a
        second."""
        if action == "stop" and (self._queue.remove(run_id) or self._is_left_waiting(run_id)):
            with self._writing():
                self._folder(run_id).write_status(RunStatus(state="stopped", note="Stopped while it waited."))
            return
        if action == "step":
            if not 1 <= steps <= 100_000:
                raise PrecedenceError(f"{steps} single steps were asked for; expected 1 to 100000.")
            self._steer(run_id, lambda orders: orders.changed(mode="pause", steps=orders.steps + steps))
        else:
            self._steer(run_id, lambda orders: orders.changed(mode=action))

    def pace(self, run_id: str, steps_per_second: float | None) -> None:
        """Slow motion at so many steps a second; None: as fast as it goes."""
        if steps_per_second is not None and not 0.01 <= steps_per_second <= 1e6:
            raise PrecedenceError(f"A pace of {steps_per_second} steps a second was asked for; expected 0.01 to 1e6.")
        self._steer(run_id, lambda orders: orders.changed(pace=steps_per_second))

    def edit(self, run_id: str, knobs: Knobs) -> None:
        """Turns knobs while the run goes on; a knob that does not fit is refused in the status's note."""
        self._steer(run_id, lambda orders: orders.edited(knobs))

    def resume(self, run_id: str, end_silent: bool = True) -> None:
        """Lets a crashed, stopped or failed run go on from its last checkpoint; pressed twice, it is resumed once.

        `end_silent`: a person has seen that its worker fell silent and asks all the same, so that worker is ended, and
        its other runs wait for the next one. Nobody else may end it: it may wake with the machine.
        """
        folder = self._folder(run_id)
        mended_status(folder)
        with self._lock, self._writing(), one_at_a_time(folder.path):
            status = self.status(run_id)
            if status.state not in RESUMABLE:
                raise PrecedenceError(
                    f"Run {run_id} is {status.state}; only a crashed, stopped or failed run can be resumed."
                )
            free(self.home, run_id, self._queue, end_silent)
            folder.write_control(orders_of(folder).changed(mode="run", reason=""))
            waiting = {"state": "queued", "error": None, "note": "", "worker": None, "worker_pid": None}
            folder.write_status(status.model_copy(update=waiting))
            self._watch.open.add(run_id)
            self._watch.saw(run_id)
            self._queue.put(run_id, _owner(folder))

    def waiting(self) -> list[str]:
        """Runs in the queue, the next one first."""
        return self._queue.waiting()

    def trouble(self) -> str:
        """A sentence while the home cannot be written or workers end as soon as they start; empty where all is well."""
        return self._watch.trouble or self.pool.trouble

    def watched(self, run_id: str) -> None:
        """Somebody looks at the run now: it is not suspended."""
        self._watch.saw(run_id)

    def _is_left_waiting(self, run_id: str) -> bool:
        """Whether it says that it waits, but nobody will ever take it: a disk was full at that moment."""
        folder = self._folder(run_id)
        claimed = any(worker.holds(run_id) for worker in worker_folders(self.home))
        return folder.status().state == "queued" and not claimed and not is_owned(folder.path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A home that cannot be written is told in a sentence."""
        try:
            yield
        except OSError as error:
            raise PrecedenceError(
                f"The folder {self.home} cannot be written ({error.strerror}); make room or give leave to write, then "
                "try again."
            ) from error

    def status(self, run_id: str, patient: bool = False) -> RunStatus:
        """What the run says of itself, with the place in the queue, and `crashed` where its worker is gone.

        `patient`: a worker that is there counts, however long it has been silent.
        """
        status = self._folder(run_id).status()
        if status.state == "queued":
            waiting = self._queue.waiting()
            place = waiting.index(run_id) + 1 if run_id in waiting else None
            return status.model_copy(
                update={
                    "queue_position": place,
                    "note": status.note or self.trouble() or _why_it_waits(self._folder(run_id), self._training),
                }
            )
        if status.state in ACTIVE and not self._is_held(run_id, status.worker):
            folder = self._folder(run_id)
            again = folder.status()  # it may have ended properly between the two looks
            return crashed(again) if again.state in ACTIVE and not (patient and is_owned(folder.path)) else again
        return status

    def _is_held(self, run_id: str, worker: str | None) -> bool:
        """A living worker has it; one that could not write how the run ended has let go of it."""
        return worker is not None and self.pool.is_alive(worker) and WorkerFolder(self.home, worker).holds(run_id)

    def runs(self) -> list[str]:
        """The names of all runs, pinned ones first, then the newest.

        Points of sweeps are left out: dozens of them would hide the others.
        """
        alone: dict[str, About] = {}
        for run_id in run_ids(self.home):
            with suppress(PrecedenceError):  # damaged, or deleted between the two looks
                about = self._folder(run_id).about()
                if not about.sweep:
                    alone[run_id] = about
        return sorted(alone, key=lambda run_id: (not alone[run_id].pinned, -alone[run_id].created))

    def token(self, run_id: str) -> str:
        """The unguessable word that lets a browser read this run's events."""
        return self._folder(run_id).token()

    def run_of_token(self, token: str) -> str | None:
        """The run that this word opens; None when it opens none."""
        return self._tokens.run_of(token)

    # ------------------------------------------------------------------ inside

    def _folder(self, run_id: str) -> RunFolder:
        return RunFolder(self.home, run_id)

    def _steer(self, run_id: str, change: Callable[[Control], Control]) -> None:
        status = self.status(run_id)
        if status.state not in UNDER_WAY:
            hint = "resume it first" if status.state in RESUMABLE else "start a new one"
            raise PrecedenceError(f"Run {run_id} is {status.state} and takes no orders; {hint}.")
        folder = self._folder(run_id)
        with self._lock, self._writing():
            folder.write_control(change(folder.control()))


def _owner(folder: RunFolder) -> str:
    """Whose limit a run counts towards; a point of a sweep counts towards none."""
    try:
        about = folder.about()
        return "" if about.sweep else about.owner
    except PrecedenceError:  # damaged: it is nobody's
        return ""


def _why_it_waits(folder: RunFolder, training: TrainingCounts) -> str:
    most = limits().runs_a_person
    owner = _owner(folder) if most else ""
    return OWN_RUN_FIRST if owner and training.of(owner) >= most else ""
