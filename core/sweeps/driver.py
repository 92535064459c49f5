"""Leads one sweep from its first point to its last, a small step a call; whoever is killed, the next one goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from core.errors import PrecedenceError
from core.runs.folder.names import new_run_id
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import prune, read_branched
from core.runs.folder.status import RunStatus
from core.sweeps.dominance import Watch
from core.sweeps.executor import Executor
from core.sweeps.folder import Mode, PointRecord, SweepFolder
from core.sweeps.planner import Planner

MOST_TRIES = 4  # times that a point is taken up: beyond that it is the point's own doing

_log = logging.getLogger(__name__)


class Driver:
    """Starts points while the executor has room, notes how they end, passes orders on.

    Everything it knows is in the files, so that a new driver goes on where the last one was killed: a finished point
    stays finished, one that was under way goes on from its last checkpoint. `finished` is called once a finished point.
    """

    def __init__(
        self, folder: SweepFolder, executor: Executor, finished: Callable[[str], None] = lambda run_id: None
    ) -> None:
        self.folder = folder
        self._executor = executor
        self._finished = finished
        self._config = folder.config()
        grid = folder.grid()
        self._points, tasks = grid.points, grid.tasks
        self._records = folder.records()
        self._planner = Planner(folder.home, self._config, self._points, tasks)
        self._planner.remember(self._records)
        self._watch = Watch(folder.home, self._points, tasks) if self._config.stop_dominated else None
        self._taken_up: set[int] = set()  # by this driver

    def tick(self) -> bool:
        """One look and what follows from it; True when the sweep is over."""
        before = list(self._records)
        mode = self.folder.mode()
        for number, record in enumerate(self._records):
            if record.state == "training":
                self._records[number] = self._look(number, record, mode)
            elif record.state == "waiting" and mode == "cancel":
                self._records[number] = record.model_copy(update={"state": "cancelled"})
        if self._records != before:
            self.folder.write_records(self._records)
        while mode == "run" and self._training() < self._executor.slots and self._start_next():
            pass
        return all(record.state not in ("waiting", "training") for record in self._records)

    def _training(self) -> int:
        return sum(record.state == "training" for record in self._records)

    # ------------------------------------------------------------------ beginning

    def _start_next(self) -> bool:
        number = self._planner.next(self._records)
        if number is None:
            return False
        run_id = new_run_id()
        while RunFolder(self.folder.home, run_id).path.exists():
            run_id = new_run_id()
        begun = PointRecord(state="training", run_id=run_id, tries=1, begun=time.time())
        self._records[number] = begun
        self.folder.write_records(self._records)  # before the run is made: nobody trains what no sweep knows of
        self._begin(number, run_id)
        return True

    def _begin(self, number: int, run_id: str) -> None:
        start = self._planner.start_of(number, self._records)
        name = f"{self._config.name or self.folder.sweep_id}, point {number + 1}"
        config = self._points[number].config.model_copy(update={"name": name})
        RunFolder.create(self.folder.home, config, run_id, self.folder.sweep_id, start)
        self._executor.start(run_id)
        self._taken_up.add(number)

    # ------------------------------------------------------------------ looking

    def _look(self, number: int, record: PointRecord, mode: Mode) -> PointRecord:
        assert record.run_id is not None
        run = RunFolder(self.folder.home, record.run_id)
        if not run.exists():  # the last driver was killed between noting the run and making it
            if mode != "cancel":
                self._begin(number, record.run_id)
            return record if mode != "cancel" else self._ended(record, state="cancelled")
        try:
            status = self._executor.status(record.run_id)
            return self._judge(number, record, run, status, mode)
        except PrecedenceError as error:
            return self._ended(record, state="failed", problem=str(error))

    def _judge(self, number: int, record: PointRecord, run: RunFolder, status: RunStatus, mode: Mode) -> PointRecord:
        if status.state == "finished":
            return self._finish(record, run)
        if status.state == "failed":
            return self._ended(record, state="failed", problem=status.error or "The run failed without a word.")
        if status.state in ("stopped", "crashed"):
            if record.beaten:
                taken = read_branched(run.path)
                spent = {"seconds": status.seconds - taken.seconds, "steps": status.step - taken.taken()}
                return self._ended(record, state="dominated", **spent)
            if mode == "cancel":
                return self._ended(record, state="cancelled")
            return self._again(number, record, status)
        if status.state == "queued" and number not in self._taken_up:
            self._executor.start(run.run_id)  # a driver before this one may have been killed over it
            self._taken_up.add(number)
        beaten = mode == "run" and self._watch is not None and self._watch.is_beaten(number, run, self._records)
        self._pass_on(run, "cancel" if beaten or record.beaten else mode)
        return record.model_copy(update={"beaten": record.beaten or beaten})

    def _finish(self, record: PointRecord, run: RunFolder) -> PointRecord:
        result = run.result()
        assert result is not None
        taken = read_branched(run.path)
        prune(self.folder.home)
        try:
            self._finished(run.run_id)
        except Exception:  # the point is finished all the same
            _log.exception("the end of run %s could not be told", run.run_id)
        return self._ended(
            record, state="finished", seconds=result.seconds - taken.seconds, steps=result.step - taken.taken()
        )

    def _again(self, number: int, record: PointRecord, status: RunStatus) -> PointRecord:
        """Lets a point that lost its process go on from its last checkpoint."""
        assert record.run_id is not None
        if record.tries >= MOST_TRIES:
            problem = status.error or f"It was taken up {MOST_TRIES} times and never ended."
            return self._ended(record, state="failed", problem=problem)
        _log.info("point %d of sweep %s is taken up again", number + 1, self.folder.sweep_id)
        self._executor.start(record.run_id)
        return record.model_copy(update={"tries": record.tries + 1})

    def _pass_on(self, run: RunFolder, mode: Mode) -> None:
        """Lets the run pause, go on or stop as it should."""
        wanted = {"run": "run", "pause": "pause", "cancel": "stop"}[mode]
        orders = run.control()
        if orders.mode != wanted:
            run.write_control(orders.changed(mode=wanted))

    def _ended(self, record: PointRecord, **fields: object) -> PointRecord:
        return PointRecord.model_validate({**record.model_dump(), "ended": time.time(), **fields})
