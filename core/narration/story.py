"""The events of a run, gathered by what a person asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt
from statistics import stdev

from core.events import events as ev
from core.methods.interface import ToleranceKind
from core.training.schedule import BOUND_STEPS

_LAST = 0.25  # of a stage's records: the part that is averaged


@dataclass
class Story:
    """Where the run stands: its start, the stage that is open, the latest of each kind of event."""

    started: ev.Started | None = None
    stage: ev.StageStarted | None = None  # the latest of the run itself
    steps: list[ev.Step] = field(default_factory=list)  # of that stage
    evaluated: ev.Evaluated | None = None  # latest of that stage
    probed: ev.Probed | None = None  # latest of that stage
    stages_done: list[ev.StageFinished] = field(default_factory=list)  # main stages, one a task
    changes: list[ev.Changed] = field(default_factory=list)
    tightened: list[tuple[int, ev.Numbers, ev.Numbers]] = field(default_factory=list)  # in that stage: step, from, to
    finished: ev.Finished | None = None
    in_reference: bool = False
    began_together: bool = False  # all tasks were, or are, trained together before the first one's stage
    bound_at_once: bool = False  # after that start the first task's stage only took its bound
    titles: dict[str, str] = field(default_factory=dict)
    unit: ToleranceKind = "relative"  # of tolerances and violations

    def say(self, name: str) -> str:
        """A task as it stands inside a sentence: `Price level` → `price level`; `AUC` and `iPhone` stay."""
        title = self.titles.get(name) or name.replace("_", " ")
        first, rest = title[:1], title[1:2]
        return first.lower() + title[1:] if not rest.isupper() else title

    def name(self, task: int) -> str:
        assert self.started is not None
        return self.say(self.started.tasks[task])

    def tolerance(self, task: int) -> float:
        """What the task may lose now, in the unit of its loss or metric, after any edit in the open stage."""
        assert self.started is not None
        assert self.stage is not None
        reference = self.stage.reference_loss[task] or 0.0
        name = f"tolerances.{self.started.tasks[task]}"
        edits = [float(change.new) for change in self.changes if change.what == name and change.step >= self.stage.step]
        if not edits:
            return self.stage.tolerance[task] or 0.0
        return edits[-1] * reference if self.unit == "relative" else edits[-1]

    def constrained(self) -> list[int]:
        """Positions of the tasks that the open stage holds in bounds."""
        if self.stage is None or self.started is None:
            return []
        return [self.started.tasks.index(name) for name in self.stage.constraints]


def tell(events: Iterable[ev.Event]) -> Story:
    story = Story()
    for event in events:
        match event:
            case ev.Started():
                story = Story(started=event)
            case ev.StageStarted() if event.phase != "reference":
                story.began_together = event.phase == "together" or (story.began_together and event.stage > 0)
                story.tightened = []
                story.stage, story.steps, story.evaluated, story.probed = event, [], None, None
            case ev.StageStarted():
                story.in_reference = True
            case ev.Step() if not story.in_reference:
                story.steps.append(event)
            case ev.Evaluated() if event.phase != "reference":
                story.evaluated = event
            case ev.Probed():
                story.probed = event
            case ev.StageFinished(phase="main"):
                if event.stage == 1 and story.began_together and story.stage is not None:
                    story.bound_at_once = event.step - story.stage.step <= BOUND_STEPS
                story.stages_done = [done for done in story.stages_done if done.stage < event.stage] + [event]
            case ev.BoundMoved() if story.stage is not None:
                story.tightened = [*story.tightened, (event.step, story.stage.bound, event.bound)]
                moved = event.model_dump(include={"reference_loss", "bound", "bound_train", "tolerance"})
                story.stage = story.stage.model_copy(update=moved)
            case ev.Changed():
                story.changes.append(event)
            case ev.Finished():
                story.finished = event
    return story


def mean_of_last(steps: Sequence[ev.Step], of: str, task: int) -> float | None:
    """Mean of a task's number over the last quarter of the stage's records."""
    last = _last(steps, of, task)
    return sum(last) / len(last) if last else None


def error_of_last(steps: Sequence[ev.Step], of: str, task: int) -> float:
    """Standard error of that mean; without end where there is only one record."""
    last = _last(steps, of, task)
    return stdev(last) / sqrt(len(last)) if len(last) > 1 else inf


def _last(steps: Sequence[ev.Step], of: str, task: int) -> list[float]:
    values = [numbers[task] for numbers in (getattr(step, of) for step in steps)]
    known = [value for value in values if value is not None]
    return known[-max(1, round(len(known) * _LAST)) :]
