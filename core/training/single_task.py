"""A task trained alone, to compare with.

Runs of equal settings and seed would all train the same model for it, whatever their method, order and tolerances; so
what came of it in one of them can stand in the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from core.events import events as ev
from core.settings.run import RunConfig


class SingleTask(BaseModel):
    """What a run told of a task that it trained alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    loss: float | None  # of its model, on the test rows
    metric: float | None  # the same, that of the task's kind
    events: tuple[ev.Event, ...] = Field(min_length=2)  # from StageStarted to StageFinished

    @property
    def steps(self) -> int:
        """Optimiser steps that were trained."""
        return self.events[-1].step - self.events[0].step

    def told_at(self, step: int, stage: int) -> list[ev.Event]:
        """Its events as a run tells them that trains it as this stage, from this step on."""
        later = step - self.events[0].step
        moved: list[ev.Event] = []
        for event in self.events:
            fields = {"step": event.step + later, "stage": stage}
            if isinstance(event, ev.StageFinished):
                fields["kept_step"] = event.kept_step + later
            moved.append(event.model_copy(update=fields))
        return moved


class KnownSingleTasks(Protocol):
    """Where a trainer looks before it trains a task alone."""

    def find(self, config: RunConfig, task: str, steps: int) -> SingleTask | None:
        """What a run of equal settings told of the task, with at most so many steps; None where none has."""
        ...


def single_tasks_of(events: Iterable[ev.Event]) -> dict[str, SingleTask]:
    """Of a finished run's events: each task that was trained alone as a stage of its own, to compare with."""
    told: dict[int, list[ev.Event]] = {}
    results: Mapping[str, ev.TaskResult] = {}
    for event in events:
        if isinstance(event, ev.StageStarted | ev.Evaluated | ev.StageFinished) and event.phase == "reference":
            told.setdefault(event.stage, []).append(event)
        elif isinstance(event, ev.Finished):
            results = event.tasks
    found = {}
    for stage in told.values():
        name = _task_of(stage)
        if name in results:
            result = results[name]
            found[name] = SingleTask(
                loss=result.single_task_loss, metric=result.single_task_metric, events=tuple(stage)
            )
    return found


def taken_over(events: Sequence[ev.Event]) -> dict[str, int]:
    """Of the events of one turn of the loop: the task alone that begins there, and its steps that were trained in
    another run; 0 where it is trained here.

    A turn trains one step, so that a stage which stands there whole was not trained in it.
    """
    if not events or not isinstance(events[0], ev.StageStarted) or events[0].phase != "reference":
        return {}
    whole = isinstance(events[-1], ev.StageFinished) and events[-1].step > events[0].step + 1
    return {events[0].objective[0]: events[-1].step - events[0].step if whole else 0}


def _task_of(stage: Sequence[ev.Event]) -> str:
    """Empty where the stage is not there from its beginning to its end."""
    first, last = stage[0], stage[-1]
    whole = isinstance(first, ev.StageStarted) and isinstance(last, ev.StageFinished)
    return first.objective[0] if whole and isinstance(first, ev.StageStarted) else ""
