"""What points under bounds pay for not knowing the weights: their distance to the weight grid's envelope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from core.events.events import TaskResult
from core.insight.regret import regret
from core.methods.registry import METHODS
from core.sweeps.outcome import PointOutcome
from core.training.schedule import stage_lengths

Read = Callable[[TaskResult], float | None]


@dataclass(frozen=True)
class PointRegret:
    """Of one point under bounds, as shares of the range of its seed's grid; None where the grid does not cover it."""

    number: int
    task: str  # its last one
    validation: float | None
    test: float | None


@dataclass(frozen=True)
class Regret:
    """All points under bounds that have a weight grid of their seed beside them."""

    title: str  # of their methods
    points: tuple[PointRegret, ...]
    grid: int  # weight settings a seed, of the smallest grid
    compute_ratio: float  # most optimiser steps of one such point over those of its grid, in the mean

    def medians(self) -> dict[str, dict[str, float | None]]:
        """By last task: over the points that the grid covers."""
        tasks = dict.fromkeys(point.task for point in self.points)
        return {
            task: {
                "slice": _median([point.validation for point in self.points if point.task == task]),
                "test": _median([point.test for point in self.points if point.task == task]),
            }
            for task in tasks
        }


def regrets(points: Sequence[PointOutcome]) -> Regret | None:
    """Of finished points; None while there is no point under bounds with a grid of its seed of two points or more."""
    done = [point for point in points if point.results]
    grids: dict[int, list[PointOutcome]] = defaultdict(list)
    for point in done:
        if METHODS[point.config.method.kind].weighted:
            grids[point.config.seed].append(point)
    found, ratios, sizes, titles = [], [], [], set()
    for point in done:
        card, grid = METHODS[point.config.method.kind], grids[point.config.seed]
        order = point.config.priority or tuple(point.results)
        if not card.constrains or len(grid) < 2 or len(order) < 2:
            continue
        validation, test = (_regret(point, grid, order, read) for read in (_validation_loss, _test_loss))
        found.append(PointRegret(point.number, order[-1], validation, test))
        ratios.append(_steps(point) / sum(map(_steps, grid)))
        sizes.append(len(grid))
        titles.add(card.title)
    return Regret(" or ".join(sorted(titles)), tuple(found), min(sizes), fmean(ratios)) if found else None


def _regret(point: PointOutcome, grid: Sequence[PointOutcome], order: Sequence[str], read: Read) -> float | None:
    mine = _losses(point, order, read)
    rows = [row for rival in grid if (row := _losses(rival, order, read)) is not None]
    return None if mine is None or not rows else regret(np.array(mine), np.array(rows))


def _losses(point: PointOutcome, order: Sequence[str], read: Read) -> list[float] | None:
    """In the order of priority, the last task last; None where one is missing."""
    losses = [read(point.results[name]) for name in order if name in point.results]
    known = [loss for loss in losses if loss is not None]
    return known if len(known) == len(order) else None


def _validation_loss(result: TaskResult) -> float | None:
    return result.validation_loss


def _test_loss(result: TaskResult) -> float | None:
    return result.loss


def _steps(point: PointOutcome) -> int:
    return sum(stage_lengths(point.config, len(point.config.priority or point.results)))


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
