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
from pages.shared.kept_events import FOR_A_REPORT, FOR_SENTENCES, KeptEvents

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


@dataclass
class RunReader:
    """The events of one run; `refresh` adds what is new, or begins anew where the log was cut back.

    One for all who look at the run: thirty viewers of a long log hold it once, and of its steps few.
    """

    folder: RunFolder
    tail: Tail
    events: Sequence[Event] = ()
    _kept: KeptEvents = field(default_factory=lambda: KeptEvents(True, FOR_SENTENCES))
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
            self._kept = _read(self.tail, self._kept)
            self.events = self._kept.events

    def everything(self) -> Sequence[Event]:
        """All that the log holds, of its steps evenly chosen ones."""
        return _read(self.folder.tail(), KeptEvents(False, FOR_A_REPORT)).events

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


def _read(tail: Tail, kept: KeptEvents) -> KeptEvents:
    """What the log holds beyond what is kept, or all of it where it was cut back."""
    more = True
    while more:
        piece = tail.read()
        if piece.restarted:
            kept = KeptEvents(kept.of_the_stage, kept.most)
        if piece.events:
            kept.add(piece.events)
        more = piece.more
    return kept


_open: weakref.WeakValueDictionary[Path, RunReader] = weakref.WeakValueDictionary()
_opening = threading.Lock()


def _same(reading: Evaluated, ended: StageFinished) -> bool:
    """True where the reading is of the model that the stage kept: the same losses on the same rows."""
    pairs = zip(reading.loss, ended.loss, strict=True)
    return all(one is None or other is None or abs(one - other) <= 1e-6 * abs(one) for one, other in pairs)
