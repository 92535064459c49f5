"""Points that are not worth their last steps: a finished one beats them clearly in every task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.events.events import Evaluated, StageStarted
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.tail import Tail
from core.sweeps.description import Point
from core.sweeps.folder import PointRecord
from core.training.schedule import stage_lengths

MARGIN = 0.01  # a loss must be lower by so much of itself to count as clearly better
ENOUGH = 0.5  # of the last stage's steps are done before anything is judged


class Watch:
    """Compares points in their last stage with finished ones of the same seed, on the validation rows.

    Once past half of its last stage, a point is beaten where a finished one is lower by MARGIN in every task that
    both train. A heuristic: what is stopped might still have caught up.
    """

    def __init__(self, home: Path, points: Sequence[Point], tasks: tuple[str, ...]) -> None:
        self._home = home
        self._points = points
        self._tasks = tasks
        self._tails: dict[str, Tail] = {}
        self._stage: dict[str, StageStarted] = {}  # the newest of each run
        self._reading: dict[str, Evaluated] = {}
        self._finished: dict[str, dict[str, float]] = {}  # of finished runs: task → loss on the validation rows

    def is_beaten(self, number: int, run: RunFolder, records: Sequence[PointRecord]) -> bool:
        """Reads on in the run's log, and compares its newest reading with what others ended with."""
        now = self._now(number, run)
        if now is None:
            return False
        for point, record in zip(self._points, records, strict=True):
            if record.state == "finished" and record.run_id and point.config.seed == self._points[number].config.seed:
                others = self._result(record.run_id)
                both = now.keys() & others.keys()
                if both and all(others[task] < now[task] * (1 - MARGIN) for task in both):
                    return True
        return False

    def _now(self, number: int, run: RunFolder) -> dict[str, float] | None:
        """The losses on the validation rows at the newest reading of the last stage; None before it is far enough."""
        tail = self._tails.setdefault(run.run_id, run.tail())
        piece = tail.read()
        for event in piece.events:
            if isinstance(event, StageStarted):
                self._stage[run.run_id] = event
            elif isinstance(event, Evaluated):
                self._reading[run.run_id] = event
        config = self._points[number].config
        order = config.priority or self._tasks
        lengths = stage_lengths(config, len(order))
        last = len(lengths) - 1
        stage, reading = self._stage.get(run.run_id), self._reading.get(run.run_id)
        if stage is None or reading is None or not stage.stage == reading.stage == last:
            return None
        if reading.step - stage.step < ENOUGH * lengths[last]:
            return None
        losses = zip(self._tasks, reading.loss, strict=False)
        return {task: loss for task, loss in losses if task in order and loss is not None}

    def _result(self, run_id: str) -> dict[str, float]:
        if run_id not in self._finished:
            result = RunFolder(self._home, run_id).result()
            tasks = result.tasks if result else {}
            self._finished[run_id] = {
                name: task.validation_loss for name, task in tasks.items() if task.validation_loss is not None
            }
        return self._finished[run_id]
