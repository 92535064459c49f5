"""A run in a worker's hands: one turn after another, until it ends or is put down."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.secrets import stamp
from core.runs.folder.status import RunStatus, State
from core.runs.workers.engine import Engine, TrainerLike
from core.runs.workers.shared_stages import Branched, SharedStages, events_so_far, read_start, write_branched
from core.training.events import Event, Finished, StageFinished, Started

FLUSH_EVERY = 0.005  # seconds that lines may wait for others to be written with
STATUS_EVERY = 0.5  # seconds between two writings of status.json
CHECKPOINT_EVERY = 5.0  # seconds of this run's own turns between two checkpoints, at least
CHECKPOINT_SHARE = 0.05  # of those seconds may go into checkpoints, where one takes long
RATE_OVER = 5.0  # seconds over which steps a second are measured

_log = logging.getLogger(__name__)


class RunDriver:
    """Drives one trainer by the orders in control.json and writes what it says into the run folder.

    `turn` never raises: whatever goes wrong ends this run as failed, with one sentence in its status and the full
    report in the worker's log, and leaves the worker's other runs alone.
    """

    def __init__(self, folder: RunFolder, engine: Engine, data: Future[Any], worker: str) -> None:
        self.folder = folder
        self.ended = False
        self._engine = engine
        self._data = data
        self._trainer: TrainerLike | None = None
        self._turns: Iterator[list[Event]] = iter(())
        self._file = -1
        self._offset = 0
        self._pending: list[bytes] = []
        self._flushed_at = 0.0
        self._finished: Finished | None = None
        before = folder.status()
        self._status = before.model_copy(
            update={"state": "starting", "worker": worker, "worker_pid": os.getpid(), "error": None, "note": ""}
        )
        start = read_start(folder.path)
        self._shared = None if start is None else SharedStages(folder.home, start)
        self._orders = folder.control()
        self._orders_stamp: tuple[int, int, int] | None = None
        self._singles_done = self._orders.steps  # single steps asked for in an earlier life are not made up for
        self._applied = folder.applied()
        self._next_step_at = 0.0
        self._busy = 0.0  # seconds of turns since the last checkpoint; waiting for others costs nothing to lose
        self._save_seconds = 0.0
        self._unsaved = False
        self._rates: deque[tuple[float, int]] = deque()
        self._status_at = 0.0
        choice = folder.config().dataset
        self._say("starting", note=f"Reading the data set {choice.name}; the first time can take half a minute.")

    def turn(self, budget: float) -> bool:
        """Goes on for about `budget` seconds; True when something moved."""
        try:
            return self._turn(budget)
        except PrecedenceError as error:
            _log.info("run %s failed: %s", self.folder.run_id, error)
            self._end("failed", error=str(error))
        except Exception as error:
            _log.exception("run %s failed", self.folder.run_id)
            said = " ".join(str(error).split())[:200]
            self._end(
                "failed", error=f"The run ended by a defect ({type(error).__name__}: {said}); see the worker's log."
            )
        return True

    def suspend(self, note: str) -> None:
        """Saves the run where it is and marks it as stopped, so that it can be resumed."""
        try:
            self._stop(note)
        except Exception:
            _log.exception("run %s could not be put down", self.folder.run_id)
            self.ended = True

    @property
    def waits_for_a_person(self) -> bool:
        """True while the run is paused and no single step is owed."""
        return self._trainer is not None and self._orders.mode == "pause" and self._singles_owed == 0

    @property
    def _singles_owed(self) -> int:
        return self._orders.steps - self._singles_done

    def _turn(self, budget: float) -> bool:
        self._read_orders()
        if self._orders.mode == "stop":
            self._stop()
            return True
        if self._trainer is None:
            return self._begin()
        trainer = self._trainer
        self._apply_edits(trainer)
        moved = False
        began = time.perf_counter()
        deadline = began + budget
        while self._may_go_on():
            before = trainer.progress.step
            try:
                events = next(self._turns)
            except StopIteration:
                self._finish()
                return True
            self._take(trainer, events)
            self._count(trainer.progress.step - before)
            moved = True
            now = time.perf_counter()
            if now - self._flushed_at >= FLUSH_EVERY:
                self._flush()
            if now >= deadline:
                break
        self._flush()
        self._busy += time.perf_counter() - began
        self._keep(trainer)
        self._say_how_far()
        return moved

    def _begin(self) -> bool:
        if not self._data.done():
            self._say_how_far()
            return False
        config = self.folder.config()
        trainer = self._engine.make(config, self._data.result())
        resumed = self.folder.checkpoint.exists()
        offset = self._engine.restore(self.folder.checkpoint, trainer) if resumed else 0
        self.folder.cut(offset)
        self._file = os.open(self.folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._offset = offset
        if self._shared is not None:
            self._share(self._shared, trainer, resumed)
        self._trainer = trainer
        self._turns = trainer.run()
        self._say("running")
        return True

    def _share(self, shared: SharedStages, trainer: TrainerLike, resumed: bool) -> None:
        """Begins where another run's stage ended, and knows the models that later stages may begin from."""
        found = None if resumed else shared.deepest()
        if found is not None:
            stages, folder = found
            started = self._engine.branch(folder / "state.pt", trainer)
            self._pending.append(events_so_far(folder, started))
            self._flush()
            progress = trainer.progress
            write_branched(self.folder.path, Branched(stages=stages, steps=progress.step, seconds=progress.seconds))
            self._status = self._status.model_copy(update={"device": started.device})
        for stage, paths in shared.offered().items():
            self._engine.offer(trainer, stage, paths, shared.start.share)

    def _read_orders(self) -> None:
        found = stamp(self.folder.path / "control.json")
        if found != self._orders_stamp:
            previous, self._orders = self._orders, self.folder.control()
            self._orders_stamp = found
            if previous.mode != self._orders.mode or previous.pace != self._orders.pace:
                self._next_step_at = 0.0
                self._rates.clear()

    def _apply_edits(self, trainer: TrainerLike) -> None:
        """Makes good every edit not yet applied, and saves at once: a resumed run never loses or repeats one."""
        due = [edit for edit in self._orders.edits if edit.version > self._applied]
        for edit in due:
            note = ""
            try:
                self._take(trainer, trainer.change(edit.knobs))
            except PrecedenceError as error:  # a knob that does not fit must not end the run
                note = str(error)
            self._applied = edit.version
            self._status = self._status.model_copy(update={"note": note})
        if due:
            self._status_at = 0.0
            if self._save(trainer):
                self.folder.write_applied(self._applied)

    def _may_go_on(self) -> bool:
        if self._orders.mode == "pause":
            return self._singles_owed > 0
        return self._orders.pace is None or time.perf_counter() >= self._next_step_at

    def _count(self, steps: int) -> None:
        if steps == 0:
            return
        self._unsaved = True
        if self._orders.mode == "pause":
            self._singles_done = min(self._orders.steps, self._singles_done + steps)
        elif self._orders.pace is not None:
            now, apart = time.perf_counter(), 1 / self._orders.pace
            late = now - self._next_step_at  # made up for, unless it is a whole step or more
            self._next_step_at = now + apart - (late if 0 < late < apart else 0)

    def _take(self, trainer: TrainerLike, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Started):
                self._status = self._status.model_copy(update={"device": event.device})
            elif isinstance(event, Finished):
                self._finished = event
                self._save(trainer)  # stands before this line, which a run resumed from here writes again
            self._pending.append(event.model_dump_json().encode() + b"\n")
        if self._shared is not None and self._applied == 0:  # a run that was edited has no stage in common
            for event in events:
                if isinstance(event, StageFinished) and event.phase == "main":
                    self._flush()
                    self._shared.keep(
                        event.stage, self.folder.log, lambda path: self._engine.save(path, trainer, self._offset)
                    )

    def _flush(self) -> None:
        """One write of whole lines."""
        if not self._pending:
            return
        self._flushed_at = time.perf_counter()
        data = memoryview(b"".join(self._pending))
        self._pending.clear()
        while data:
            written = os.write(self._file, data)
            self._offset += written
            data = data[written:]

    def _keep(self, trainer: TrainerLike) -> None:
        """Saves when enough has been done since the last time, and whenever the run comes to rest."""
        due = self._busy > max(CHECKPOINT_EVERY, self._save_seconds / CHECKPOINT_SHARE)
        if self._unsaved and (due or self.waits_for_a_person):
            self._save(trainer)

    def _save(self, trainer: TrainerLike) -> bool:
        """A checkpoint; none before the first step, where a resumed run simply starts anew."""
        self._flush()
        if trainer.progress.step == 0:
            return False
        began = time.perf_counter()
        self._engine.save(self.folder.checkpoint, trainer, self._offset)
        self._save_seconds = time.perf_counter() - began
        self._busy = 0.0
        self._unsaved = False
        return True

    def _finish(self) -> None:
        self._flush()
        if self._finished is not None:
            self.folder.write_result(self._finished)
        self._end("finished")

    def _stop(self, note: str = "") -> None:
        if self._trainer is not None:
            self._save(self._trainer)
        self._end("stopped", note=note)

    def _end(self, state: State, **fields: Any) -> None:
        self.ended = True
        try:
            if self._file >= 0:
                self._flush()
                os.close(self._file)
            self._say(state, **{"note": "", **fields})
        except OSError:
            _log.exception("run %s could not say that it is %s", self.folder.run_id, state)
        self._trainer, self._turns, self._file = None, iter(()), -1

    def _say_how_far(self) -> None:
        """Writes the status when it changed its state, or twice a second."""
        state: State = "starting" if self._trainer is None else "paused" if self.waits_for_a_person else "running"
        if state != self._status.state or time.perf_counter() - self._status_at >= STATUS_EVERY:
            self._say(state)

    def _say(self, state: State, **fields: Any) -> None:
        if state == "running" and self._status.state == "starting":
            fields = {"note": "", **fields}
        if self._trainer is not None:
            fields |= self._measured(self._trainer, state)
        elif state in ("stopped", "failed"):
            fields |= {"remaining_seconds": None}
        status = {**self._status.model_dump(), **fields, "state": state, "queue_position": None}
        self._status = RunStatus.model_validate(status)
        self._status_at = time.perf_counter()
        self.folder.write_status(self._status)

    def _measured(self, trainer: TrainerLike, state: State) -> dict[str, Any]:
        progress = trainer.progress
        now = time.perf_counter()
        rate = None
        if state == "running":
            self._rates.append((now, progress.step))
            while now - self._rates[0][0] > RATE_OVER and len(self._rates) > 2:
                self._rates.popleft()
            began, first = self._rates[0]
            if now - began >= STATUS_EVERY / 2 and progress.step > first:
                rate = (progress.step - first) / (now - began)
        return {
            "step": progress.step,
            "most_steps": progress.most_steps,
            "stage": progress.stage,
            "stages": progress.stages,
            "phase": progress.phase,
            "seconds": progress.seconds,
            "remaining_seconds": None if rate is None else (progress.most_steps - progress.step) / rate,
        }
