"""What a page knows of one run: its events so far, read on from where the last reading ended."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from core.data.registry import card
from core.errors import PrecedenceError
from core.events.events import Evaluated, Event, Finished, Numbers, StageFinished, StageStarted, Started, Step
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.tail import Tail
from core.settings.run import RunConfig
from core.training.knobs import turned

Kind = TypeVar("Kind", Started, StageStarted, StageFinished, Step, Evaluated, Finished)


@dataclass(frozen=True)
class Reading:
    """Losses, violations and metrics of the tasks on the validation rows."""

    loss: Numbers
    violation: Numbers
    metric: Numbers
    feasible: bool


def is_kept(violation: Numbers) -> bool:
    """Whether every bound is."""
    return all(value is None or value <= 0 for value in violation)


KEPT_STEPS = 2000
"""Records of steps that are kept, the newest of the stage under way: sentences speak of them alone, and the curves have
a way of their own. Thirty runs of a class are as many records."""


@dataclass
class RunReader:
    """The events of one run; `refresh` adds what is new, or begins anew where the log was cut back.

    One for all who look at the run: thirty viewers of a long log hold it once, and of its steps only the newest.
    """

    folder: RunFolder
    tail: Tail
    events: list[Event] = field(default_factory=list)
    _steps: int = 0  # among the events
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, home: Path, run_id: str) -> RunReader:
        """Raises PrecedenceError where there is no such run."""
        folder = RunFolder(home, run_id)
        folder.config()
        with _opening:
            reader = _open.get(folder.path)
            if reader is None:
                reader = _open[folder.path] = RunReader(folder, folder.tail())
            return reader

    def refresh(self) -> None:
        with self._lock:
            more = True
            while more:
                piece = self.tail.read()
                if piece.restarted:
                    self.events, self._steps = [], 0
                self.events.extend(piece.events)
                self._steps += sum(isinstance(event, Step) for event in piece.events)
                began = any(isinstance(event, StageStarted) for event in piece.events)
                if began or self._steps > 2 * KEPT_STEPS:
                    self.events, self._steps = _of_the_stage(self.events)
                more = piece.more

    def everything(self) -> list[Event]:
        """All that the log holds, of its steps evenly chosen ones."""
        found: list[Event] = []
        tail, every, count, more = self.folder.tail(), 1, 0, True
        while more:
            piece = tail.read()
            if piece.restarted:
                found, every, count = [], 1, 0
            for event in piece.events:
                count += isinstance(event, Step)
                if not isinstance(event, Step) or count % every == 0:
                    found.append(event)
            if sum(isinstance(event, Step) for event in found) > 2 * KEPT_STEPS:
                every *= 2
                steps = [event for event in found if isinstance(event, Step)][::2]
                gone = {id(event) for event in steps}
                found = [event for event in found if id(event) not in gone]
            more = piece.more
        return found

    def last(self, kind: type[Kind]) -> Kind | None:
        """The newest event of a kind; of the readings, the newest that belongs to the run itself."""
        for event in reversed(self.events):
            if isinstance(event, kind) and getattr(event, "phase", "main") != "reference":
                return event
        return None

    def reading(self) -> Reading | None:
        """How the model stands on validation rows: at the last evaluation, or, its stage over, as it was kept."""
        last, ended = self.last(Evaluated), self.last(StageFinished)
        if last is None:
            return None
        if ended is None or ended.step < last.step:
            return Reading(last.loss, last.violation, last.metric, is_kept(last.violation))
        kept = next(
            (event for event in reversed(self.events) if isinstance(event, Evaluated) and _same(event, ended)), None
        )
        metric: Numbers = kept.metric if kept else [None] * len(ended.loss)
        return Reading(ended.loss, ended.violation, metric, is_kept(ended.violation))

    def config_now(self) -> RunConfig:
        """The run's config with every live edit so far; one that does not fit was refused by the worker too."""
        config, started = self.folder.config(), self.last(Started)
        for edit in self.folder.control().edits:
            tasks = tuple(started.tasks) if started else card(config.dataset).task_names()
            with suppress(PrecedenceError):
                config, _ = turned(config, edit.knobs, tasks)
        return config


def _of_the_stage(events: Sequence[Event]) -> tuple[list[Event], int]:
    """Without the steps of stages that are over or train a task alone, and without old ones; how many steps stay.

    A new list: somebody may be reading the old one.
    """
    starts = [at for at, event in enumerate(events) if isinstance(event, StageStarted) and event.phase != "reference"]
    begin = starts[-1] if starts else 0
    alone = [at for at, event in enumerate(events) if isinstance(event, StageStarted) and at > begin]
    end = alone[0] if alone else len(events)
    steps = [at for at in range(begin, end) if isinstance(events[at], Step)][-KEPT_STEPS:]
    first = steps[0] if steps else len(events)
    kept = [event for at, event in enumerate(events) if not isinstance(event, Step) or first <= at < end]
    return kept, len(steps)


_open: weakref.WeakValueDictionary[Path, RunReader] = weakref.WeakValueDictionary()
_opening = threading.Lock()


def _same(reading: Evaluated, ended: StageFinished) -> bool:
    """True where the reading is of the model that the stage kept: the same losses on the same rows."""
    pairs = zip(reading.loss, ended.loss, strict=True)
    return all(one is None or other is None or abs(one - other) <= 1e-6 * abs(one) for one, other in pairs)
