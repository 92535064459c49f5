"""What a sweep has come to: its points, its settings over seeds, its front, and what follows in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from core.errors import PrecedenceError
from core.events.events import TaskResult
from core.insight.frontier import Box, Promise, dominated, hypervolume
from core.methods.registry import METHODS
from core.runs.folder.run_folder import RunFolder
from core.settings.run import RunConfig
from core.statistics import mean_and_half
from core.sweeps.folder import PointState, SweepFolder
from core.task_kinds.kinds import KINDS, error_names

Measure = Literal["loss", "error", "validation"]
MEASURES: dict[Measure, str] = {
    "loss": "Loss on the test rows",
    "error": f"{error_names()}, on the test rows",
    "validation": "Loss on the validation rows, where promises are kept",
}


@dataclass(frozen=True)
class PointOutcome:
    """One point: what it is, and what it reached once it is finished."""

    number: int
    setting: int
    config: RunConfig
    state: PointState
    run_id: str | None
    seconds: float
    problem: str
    results: dict[str, TaskResult] = field(default_factory=dict)  # task → result; empty before the end

    @property
    def feasible(self) -> bool | None:
        """Whether it keeps its own bounds on the validation rows; None where it has none or is not finished."""
        violations = [result.violation for result in self.results.values() if result.violation is not None]
        return all(violation <= 0 for violation in violations) if violations else None


@dataclass(frozen=True)
class Setting:
    """Points that differ in their seed alone; values by task, lower is better on every axis."""

    number: int
    config: RunConfig  # of its first seed
    points: tuple[PointOutcome, ...]  # the finished ones
    mean: dict[str, float]
    half: dict[str, float | None]  # of the 95 % interval over seeds
    dominated: bool = False

    @property
    def kind(self) -> str:
        return self.config.method.kind

    @property
    def feasible(self) -> bool:
        """Whether every seed kept its bounds; a method without bounds breaks none."""
        return all(point.feasible is not False for point in self.points)


@dataclass(frozen=True)
class Outcome:
    """A sweep so far; `tasks` are those that every finished point trained: the axes of the front."""

    measure: Measure
    tasks: tuple[str, ...]
    points: tuple[PointOutcome, ...]
    settings: tuple[Setting, ...]
    hypervolume: float | None
    hypervolumes: dict[str, float]  # of each method's settings, in the same box
    seconds: float


def value_of(result: TaskResult, measure: Measure) -> float | None:
    """One task's place on its axis, lower is better; None where it has no such measure."""
    if measure == "loss":
        return result.loss
    if measure == "validation":
        return result.validation_loss
    return None if result.metric is None else KINDS[result.kind].metric.error(result.metric)


def outcome_of(folder: SweepFolder, measure: Measure = "loss") -> Outcome:
    """What the sweep's files say now."""
    grid, records = folder.grid(), folder.records()
    points = []
    for point, record in zip(grid.points, records, strict=True):
        results = _results(folder.home, record.run_id) if record.state == "finished" and record.run_id else {}
        points.append(
            PointOutcome(
                number=point.number,
                setting=point.setting,
                config=point.config,
                state=record.state,
                run_id=record.run_id,
                seconds=record.seconds,
                problem=record.problem,
                results=results,
            )
        )
    return summed_up(points, grid.tasks, measure)


def summed_up(points: Sequence[PointOutcome], all_tasks: tuple[str, ...], measure: Measure) -> Outcome:
    """Settings, dominance and hypervolume of points, wherever they come from."""
    done = [point for point in points if point.results]
    tasks = tuple(
        task
        for task in all_tasks
        if done and all(task in point.results and value_of(point.results[task], measure) is not None for point in done)
    )
    settings = [
        _setting(number, [point for point in done if point.setting == number], tasks, measure)
        for number in dict.fromkeys(point.setting for point in done)
    ]
    volume, volumes = None, {}
    if settings and tasks:
        values = np.array([[setting.mean[task] for task in tasks] for setting in settings])
        beaten = dominated(values)
        settings = [replace(one, dominated=bool(is_)) for one, is_ in zip(settings, beaten, strict=True)]
        box = Box.around(values)
        volume = hypervolume(values, box)
        for kind in dict.fromkeys(setting.kind for setting in settings):
            volumes[kind] = hypervolume(values[[setting.kind == kind for setting in settings]], box)
    return Outcome(
        measure=measure,
        tasks=tasks,
        points=tuple(points),
        settings=tuple(settings),
        hypervolume=volume,
        hypervolumes=volumes,
        seconds=sum(point.seconds for point in points),
    )


def beaten_by(outcome: Outcome, setting: Setting) -> Setting | None:
    """A setting that is nowhere worse in the mean and better somewhere; on the front itself where there is one."""
    better = [
        one
        for one in outcome.settings
        if all(one.mean[task] <= setting.mean[task] for task in outcome.tasks)
        and any(one.mean[task] < setting.mean[task] for task in outcome.tasks)
    ]
    return min(better, key=lambda one: one.dominated, default=None)


def _setting(number: int, points: Sequence[PointOutcome], tasks: tuple[str, ...], measure: Measure) -> Setting:
    mean: dict[str, float] = {}
    half: dict[str, float | None] = {}
    for task in tasks:
        values = [value for point in points if (value := value_of(point.results[task], measure)) is not None]
        mean[task], half[task] = mean_and_half(values)
    return Setting(number, points[0].config, tuple(points), mean, half)


@lru_cache(maxsize=4096)
def _results(home: Path, run_id: str) -> dict[str, TaskResult]:
    """Of a finished run: its result never changes again."""
    try:
        result = RunFolder(home, run_id).result()
    except PrecedenceError:  # damaged
        return {}
    return result.tasks if result else {}


# ------------------------------------------------------------------ tolerances against the grid of weights


@dataclass(frozen=True)
class Contest:
    """How many points of methods with bounds no grid point beats, of those with grid points of their own seed beside
    them."""

    title: str  # of those methods
    points: int
    unbeaten: int
    seeds: int
    unbeaten_seeds: int  # seeds in which not one of them is beaten


def contest(points: Sequence[PointOutcome]) -> Contest | None:
    """Points of methods with bounds against weighted sums of the same seed, on validation rows, where bounds are kept.

    A grid point beats one where it keeps all its bounds and has a lower loss of its last task. None while one of the
    two has no finished point.
    """
    return _contest(points, _promise, lambda point: _losses(point, lambda result: result.validation_loss))


def contest_on_test(points: Sequence[PointOutcome]) -> Contest | None:
    """The same on the test rows, where a grid point beats a point that it is nowhere worse than and better in
    its last task."""
    return _contest(points, _reached, lambda point: _losses(point, lambda result: result.loss))


def _contest(
    points: Sequence[PointOutcome],
    promise: Callable[[PointOutcome], Promise | None],
    losses: Callable[[PointOutcome], dict[str, float]],
) -> Contest | None:
    done = [point for point in points if point.results]
    rivals: dict[int, list[dict[str, float]]] = {}
    for point in done:
        if METHODS[point.config.method.kind].weighted:
            rivals.setdefault(point.config.seed, []).append(losses(point))
    total, unbeaten, seeds, beaten_seeds, titles = 0, 0, set(), set(), set()
    for point in done:
        card = METHODS[point.config.method.kind]
        made = promise(point) if card.constrains else None
        if made is None or point.config.seed not in rivals:
            continue
        total += 1
        titles.add(card.title)
        seeds.add(point.config.seed)
        if any(made.beaten_by(rival) for rival in rivals[point.config.seed]):
            beaten_seeds.add(point.config.seed)
        else:
            unbeaten += 1
    return (
        Contest(" or ".join(sorted(titles)), total, unbeaten, len(seeds), len(seeds - beaten_seeds)) if total else None
    )


def _losses(point: PointOutcome, read: Callable[[TaskResult], float | None]) -> dict[str, float]:
    return {name: value for name, result in point.results.items() if (value := read(result)) is not None}


def _promise(point: PointOutcome) -> Promise | None:
    if point.config.tolerance_kind == "metric":  # its bounds are no losses
        return None
    bounds = {name: result.bound for name, result in point.results.items() if result.bound is not None}
    last = _last(point)
    loss = point.results[last].validation_loss
    return None if loss is None or not bounds else Promise(bounds, last, loss)


def _reached(point: PointOutcome) -> Promise | None:
    losses = _losses(point, lambda result: result.loss)
    last = _last(point)
    loss = losses.pop(last, None)
    return None if loss is None or not losses else Promise(losses, last, loss)


def _last(point: PointOutcome) -> str:
    return (point.config.priority or tuple(point.results))[-1]
