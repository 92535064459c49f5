"""Two families of runs compared seed by seed: what one does better than the other, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.runs.listing.overview import RunRow
from core.statistics import mean_and_half


@dataclass(frozen=True)
class PairedDifference:
    """Metric of one family minus that of the baseline's over the seeds that both have."""

    task: str
    metric_name: str
    mean: float
    half: float | None  # of the 95 % interval by Student's t; None of one seed
    seeds: int
    higher_is_better: bool

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.half is None:
            return "one seed: no interval"
        if abs(self.mean) <= self.half:
            return "no difference shown"
        return "better" if (self.mean > 0) == self.higher_is_better else "worse"


def paired(baseline: RunRow, other: RunRow, rows: Sequence[RunRow]) -> list[PairedDifference]:
    """By task, over all finished runs of both families with equal seeds; none where they share no seed."""
    first, second = (_by_seed(one, rows) for one in (baseline, other))
    seeds = sorted(first.keys() & second.keys())
    found = []
    for at, task in enumerate(baseline.tasks):
        pairs = [
            (mine.metric, theirs.metric)
            for seed in seeds
            for mine in first[seed].tasks[at : at + 1]
            for theirs in second[seed].tasks
            if theirs.task == task.task and theirs.kind == mine.kind
        ]
        known = [theirs - mine for mine, theirs in pairs if mine is not None and theirs is not None]
        if known:
            mean, half = mean_and_half(known)
            name, better = task.metric_name, task.higher_is_better
            found.append(PairedDifference(task.task, name, mean, half, len(known), better))
    return found


def _by_seed(like: RunRow, rows: Sequence[RunRow]) -> dict[int, RunRow]:
    return {row.seed: row for row in reversed(rows) if row.family == like.family and row.tasks}
