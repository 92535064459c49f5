"""A run in a worker's hands: one turn after another, until it ends or is put down."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from core.errors import PrecedenceError
from core.events.events import Event, Finished, StageFinished, Started
from core.files import Stamp, stamp
from core.records import put_aside
from core.runs.folder.control import Control
from core.runs.folder.made import note_made
from core.runs.folder.owner import Owner, RunTakenError
from core.runs.folder.run_folder import RunFolder, mended_status
from core.runs.folder.shared_stages import (
    Branched,
    SharedStages,
    events_so_far,
    note_alone,
    read_start,
    write_branched,
)
from core.runs.folder.status import State
from core.runs.workers.engine import Engine, TrainerLike
from core.runs.workers.run_records import EventWriter, StatusWriter, check_log
from core.runs.workers.single_tasks import SingleTasks
from core.training.single_task import taken_over

CHECKPOINT_EVERY = 5.0  # seconds of this run's own turns between two checkpoints, at least
CHECKPOINT_SHARE = 0.05  # of those seconds may go into checkpoints, where one takes long

_NO_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)

_log = logging.getLogger(__name__)


def _applied(folder: RunFolder, orders: Control) -> tuple[int, str]:
    """The last edit that the checkpoint holds; where that is damaged all of them, with a note: an edit is saved at
    once, so at most the last few moments are in doubt."""
    try:
        return folder.applied(), ""
    except PrecedenceError as error:
        put_aside(folder.path / "applied.json", error)
        last = orders.edits[-1].version if orders.edits else 0
        return last, f"applied.json was damaged: the run goes on as if all its {len(orders.edits)} edits had been made."


class Orders:
    """What a person asks of the run now: control.json, read again whenever it has changed."""

    def __init__(self, folder: RunFolder) -> None:
        self.now = folder.control()
        self._folder = folder
        self._stamp: Stamp | None = None
        self._singles_done = self.now.steps  # single steps asked for in an earlier life are not made up for
        self._next_step_at = 0.0

    def read(self) -> bool:
        """True where the run is to go on at another pace."""
        found = stamp(self._folder.path / "control.json")
        if found == self._stamp:
            return False
        previous, self.now, self._stamp = self.now, self._folder.control(), found
        if (previous.mode, previous.pace) == (self.now.mode, self.now.pace):
            return False
        self._next_step_at = 0.0
        return True

    @property
    def waits(self) -> bool:
        """True while the run is paused and no single step is owed."""
        return self.now.mode == "pause" and self.now.steps == self._singles_done

    def may_go_on(self) -> bool:
        if self.now.mode == "pause":
            return self.now.steps > self._singles_done
        return self.now.pace is None or time.perf_counter() >= self._next_step_at

    def count(self, steps: int) -> None:
        """So many steps have been done."""
        if steps == 0:
            return
        if self.now.mode == "pause":
            self._singles_done = min(self.now.steps, self._singles_done + steps)
        elif self.now.pace is not None:
            now, apart = time.perf_counter(), 1 / self.now.pace
            late = now - self._next_step_at  # made up for, unless it is a whole step or more
            self._next_step_at = now + apart - (late if 0 < late < apart else 0)


def cannot_write(error: Exception) -> bool:
    """Whether the disk is full, or may not be written."""
    return isinstance(error, OSError) and error.errno in _NO_WRITING


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory was asked for that this process may not have; torch says so in words alone."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or "allocate memory" in said or "out of memory" in said


def sentence_of(error: Exception) -> str:
    """What a run ended by, for a person."""
    if isinstance(error, PrecedenceError):
        return str(error)
    if is_out_of_memory(error):
        return (
            "The run needs more memory than a worker may have here; start it again with a smaller batch_size or a "
            "smaller network."
        )
    if isinstance(error, OSError) and cannot_write(error):
        return (
            f"The run could not be written ({error.strerror}); make room or give leave to write, then resume it: "
            "it goes on from its last checkpoint."
        )
    said = " ".join(str(error).split())[:200]
    return f"The run ended by a defect ({type(error).__name__}: {said}); see the worker's log."


def _report(run_id: str, error: Exception) -> None:
    """A defect with all there is to know of it, a mistake of the input in its sentence."""
    level = logging.INFO if isinstance(error, PrecedenceError) else logging.ERROR
    _log.log(level, "run %s failed: %s", run_id, error, exc_info=level == logging.ERROR)


class Checkpoints:
    """Saves a run when enough has been done since the last time, and whenever it comes to rest."""

    def __init__(self, folder: RunFolder, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        self._busy = 0.0  # seconds of turns since the last one; waiting for others costs nothing to lose
        self._save_seconds = 0.0
        self._unsaved = False

    def count(self, steps: int) -> None:
        """So many steps have been done."""
        self._unsaved = self._unsaved or steps > 0

    def save_if_due(self, trainer: TrainerLike, log: EventWriter, seconds: float, at_rest: bool) -> None:
        """`seconds` of this turn."""
        self._busy += seconds
        due = self._busy > max(CHECKPOINT_EVERY, self._save_seconds / CHECKPOINT_SHARE)
        if self._unsaved and (due or at_rest):
            self.save(trainer, log)

    def save(self, trainer: TrainerLike, log: EventWriter) -> bool:
        """A checkpoint; none before the first step, where a resumed run simply starts anew."""
        log.flush()
        if trainer.progress.step == 0:
            return False
        began = time.perf_counter()
        log.keep_sum()  # first: a checkpoint always finds the sum of the log it stands at
        self._engine.save(self._folder.checkpoint, trainer, log.offset)
        self._save_seconds = time.perf_counter() - began
        self._busy = 0.0
        self._unsaved = False
        return True


class RunDriver:
    """Drives one trainer by the orders in control.json and writes what it says into the run folder.

    `turn` never raises: whatever goes wrong ends this run as failed, with one sentence in its status and the full
    report in the worker's log, and leaves the worker's other runs alone.
    """

    def __init__(self, folder: RunFolder, engine: Engine, data: Future[Any], worker: str) -> None:
        self.folder = folder
        self._owner = Owner(folder.path)
        try:
            self._prepare(engine, data, worker)
        except BaseException:
            self._owner.release()
            raise

    def _prepare(self, engine: Engine, data: Future[Any], worker: str) -> None:
        folder = self.folder
        if mended_status(folder).state == "finished":  # it waited twice, or was handed on while it ended
            raise RunTakenError(f"Run {folder.run_id} is finished; start a new one.")
        self.ended = False
        self._engine = engine
        self._data = data
        self._trainer: TrainerLike | None = None
        self._turns: Iterator[list[Event]] = iter(())
        self._log: EventWriter | None = None
        self._finished: Finished | None = None
        self._status = StatusWriter(folder, worker)
        start = read_start(folder.path)
        self._shared = None if start is None else SharedStages(folder.home, start)
        self._orders = Orders(folder)
        self._applied, note = _applied(folder, self._orders.now)
        self._checkpoints = Checkpoints(folder, engine)
        choice = folder.config().dataset
        reading = f"Reading the data set {choice.name}; the first time can take half a minute."
        self._status.write("starting", None, note=f"{note} {reading}".strip())

    def turn(self, budget: float) -> bool:
        """Goes on for about `budget` seconds; True when something moved."""
        try:
            return self._turn(budget)
        except Exception as error:
            _report(self.folder.run_id, error)
            self._end("failed", error=sentence_of(error))
        return True

    def suspend(self, note: str) -> None:
        """Saves the run where it is and marks it as stopped, so that it can be resumed."""
        try:
            self._stop(note)
        except Exception:
            _log.exception("run %s could not be put down", self.folder.run_id)
            self.ended = True
            self._owner.release()

    @property
    def waits_for_a_person(self) -> bool:
        """True while the run is paused and no single step is owed."""
        return self._trainer is not None and self._orders.waits

    def _turn(self, budget: float) -> bool:
        if self._orders.read():
            self._status.forget_rate()
        if self._orders.now.mode == "stop":
            self._stop(self._orders.now.reason)
            return True
        if self._trainer is None or self._log is None:
            return self._begin()
        trainer, log = self._trainer, self._log
        self._apply_edits(trainer, log)
        moved, began = False, time.perf_counter()
        while self._orders.may_go_on():
            before = trainer.progress.step
            try:
                events = next(self._turns)
            except StopIteration:
                self._finish()
                return True
            self._take(trainer, log, events)
            done = trainer.progress.step - before
            self._orders.count(done)
            self._checkpoints.count(done)
            moved = True
            now = time.perf_counter()
            log.flush_if_due(now)
            if now >= began + budget:
                break
        log.flush()
        self._checkpoints.save_if_due(trainer, log, time.perf_counter() - began, self.waits_for_a_person)
        self._write_status()
        return moved

    def _begin(self) -> bool:
        if not self._data.done():
            self._write_status()
            return False
        trainer = self._engine.make(self.folder.config(), self._data.result())
        resumed = self.folder.checkpoint.exists()
        offset = self._engine.restore(self.folder.checkpoint, trainer) if resumed else 0
        self.folder.cut(offset)
        check_log(self.folder.log, offset)
        self._log = log = EventWriter(self.folder.log, offset)
        if self._shared is not None:
            self._share(self._shared, trainer, log, resumed)
        self._engine.know(trainer, SingleTasks(self.folder.home))
        note_made(self.folder, self._engine.made_with(trainer))
        self._trainer = trainer
        self._turns = trainer.run()
        self._status.write("running", trainer)
        return True

    def _share(self, shared: SharedStages, trainer: TrainerLike, log: EventWriter, resumed: bool) -> None:
        """Begins where another run's stage ended, and knows the models that later stages may begin from."""
        found = None if resumed else shared.deepest()
        if found is not None:
            stages, folder = found
            try:
                started = self._engine.branch(folder / "state.pt", trainer)
                log.add_lines(events_so_far(folder, started))
            except PrecedenceError as error:  # or no run could ever begin there; the next one trains the stage anew
                put_aside(folder, error)
                raise
            log.flush()
            progress = trainer.progress
            write_branched(self.folder.path, Branched(stages=stages, steps=progress.step, seconds=progress.seconds))
            self._status.set(device=started.device)
        _offer(self._engine, trainer, shared)

    def _apply_edits(self, trainer: TrainerLike, log: EventWriter) -> None:
        """Makes good every edit not yet applied, and saves at once: a resumed run never loses or repeats one."""
        due = [edit for edit in self._orders.now.edits if edit.version > self._applied]
        for edit in due:
            note = ""
            try:
                self._take(trainer, log, trainer.change(edit.knobs))
            except PrecedenceError as error:  # a knob that does not fit must not end the run
                note = str(error)
            self._applied = edit.version
            self._status.set(note=note)
        if due:
            self._status.make_due()
            if self._checkpoints.save(trainer, log):
                self.folder.write_applied(self._applied)

    def _take(self, trainer: TrainerLike, log: EventWriter, events: list[Event]) -> None:
        note_alone(self.folder.path, taken_over(events))
        for event in events:
            if isinstance(event, Started):
                self._status.set(device=event.device)
            elif isinstance(event, Finished):
                self._finished = event
                self._checkpoints.save(trainer, log)  # stands before this line, which a resumed run writes again
            log.add([event])
        if self._shared is not None and self._applied == 0:  # a run that was edited has no stage in common
            for event in events:
                if isinstance(event, StageFinished) and event.phase != "reference":
                    log.flush()
                    self._shared.keep(
                        event.stage, self.folder.log, lambda path: self._engine.save(path, trainer, log.offset)
                    )

    def refuse(self, reason: str) -> None:
        """Ends it as failed, for a reason that lies in the run itself."""
        self._end("failed", error=reason)

    def _finish(self) -> None:
        if self._log is not None:
            self._log.check()
        if self._finished is not None and self._trainer is not None:
            self._engine.keep(self.folder.model, self._trainer, self.folder.run_id)  # a finished run has its model
            self.folder.write_result(self._finished)
            SingleTasks(self.folder.home).keep_of(self.folder)
        self._end("finished")

    def _stop(self, note: str = "") -> None:
        if self._trainer is not None and self._log is not None:
            self._checkpoints.save(self._trainer, self._log)
        self._end("stopped", note=note)

    def _end(self, state: State, **fields: Any) -> None:
        """Says it as far as that can be written; what cannot is told by the lock that nobody holds any more."""
        self.ended = True
        try:
            if self._log is not None:
                self._log.close()
        except OSError as error:
            _log.warning("the last lines of run %s could not be written (%s)", self.folder.run_id, error)
            if state in ("finished", "stopped"):
                state, fields = "failed", {"error": sentence_of(error)}
        try:
            self._status.write(state, self._trainer, **{"note": "", **fields})
        except OSError as error:
            _log.warning("run %s could not say that it is %s (%s)", self.folder.run_id, state, error)
        self._trainer, self._turns, self._log = None, iter(()), None
        self._owner.release()

    def _write_status(self) -> None:
        state: State = "starting" if self._trainer is None else "paused" if self.waits_for_a_person else "running"
        self._status.write_if_due(state, self._trainer)


def _offer(engine: Engine, trainer: TrainerLike, shared: SharedStages) -> None:
    """Models of other runs, which later stages may begin from, or the last one may be read off."""
    for stage, paths in shared.offered().items():
        engine.offer(trainer, stage, paths, shared.start.share)
    if shared.start.between:
        engine.read_off(trainer, shared.models())
