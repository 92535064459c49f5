"""The events of a run, gathered by what a person asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.training import events as ev


@dataclass
class Story:
    """Where the run stands: its start, the stage that is open, the latest of each kind of event."""

    started: ev.Started | None = None
    stage: ev.StageStarted | None = None  # the latest main stage
    steps: list[ev.Step] = field(default_factory=list)  # of that stage
    evaluated: ev.Evaluated | None = None  # latest of that stage
    probed: ev.Probed | None = None  # latest of that stage
    stages_done: list[ev.StageFinished] = field(default_factory=list)  # main stages, one a task
    changes: list[ev.Changed] = field(default_factory=list)
    finished: ev.Finished | None = None
    in_reference: bool = False

    def name(self, task: int) -> str:
        assert self.started is not None
        return self.started.tasks[task].replace("_", " ")

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
            case ev.StageStarted(phase="main"):
                story.stage, story.steps, story.evaluated, story.probed = event, [], None, None
            case ev.StageStarted():
                story.in_reference = True
            case ev.Step():
                story.steps.append(event)
            case ev.Evaluated(phase="main"):
                story.evaluated = event
            case ev.Probed():
                story.probed = event
            case ev.StageFinished(phase="main"):
                story.stages_done = [done for done in story.stages_done if done.stage < event.stage] + [event]
            case ev.Changed():
                story.changes.append(event)
            case ev.Finished():
                story.finished = event
    return story


def mean_of_last(steps: Sequence[ev.Step], of: str, task: int, share: float = 0.25) -> float | None:
    """Mean of a task's number over the last share of the stage's records."""
    values = [numbers[task] for numbers in (getattr(step, of) for step in steps)]
    known = [value for value in values if value is not None]
    last = known[-max(1, round(len(known) * share)) :]
    return sum(last) / len(last) if last else None
