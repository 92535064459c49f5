"""How far a sweep is, and how long it will go on: by the steps to come, at the pace of the last ones and of now."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import read_branched
from core.sweeps.folder import OVER, Mode, PointRecord, PointState, SweepFolder
from core.sweeps.keys import steps_of_each

_TRAINED: frozenset[PointState] = frozenset({"finished", "dominated"})
_LATELY = 8  # points that ended last


class Progress(BaseModel):
    """How far a sweep is; seconds left None while no pace is known."""

    model_config = ConfigDict(frozen=True)
    mode: Mode
    points: int
    done: int
    training: int
    over: bool
    seconds: float  # of training by all points so far
    left: float | None


@dataclass(frozen=True)
class _UnderWay:
    """A point that is being trained: its own steps so far, and how many it makes a second now; 0: not known."""

    steps: int
    rate: float


def progress_of(folder: SweepFolder) -> Progress:
    """The sweep's progress, read off its files; `left` supposes that the machine stays as busy as it is."""
    records = folder.records()
    done = sum(record.state in OVER for record in records)
    left = None
    if done < len(records):
        under_way = [
            _look(folder.home, record.run_id) for record in records if record.state == "training" and record.run_id
        ]
        left = _seconds_left(records, _steps_of_each(folder.home, folder.sweep_id), under_way, time.time())
    return Progress(
        mode=folder.mode(),
        points=len(records),
        done=done,
        training=sum(record.state == "training" for record in records),
        over=done == len(records),
        seconds=sum(record.seconds for record in records),
        left=left,
    )


def _look(home: Path, run_id: str) -> _UnderWay:
    try:
        run = RunFolder(home, run_id)
        status, taken = run.status(), read_branched(run.path).taken()
    except PrecedenceError:  # it is being made, or damaged
        return _UnderWay(0, 0.0)
    to_come = status.most_steps - status.step
    rate = to_come / status.remaining_seconds if status.state == "running" and status.remaining_seconds else 0.0
    return _UnderWay(max(0, status.step - taken), rate)


def _seconds_left(
    records: Sequence[PointRecord], steps: Sequence[int], under_way: Sequence[_UnderWay], now: float
) -> float | None:
    """The steps to come at the mean of two paces: by the clock over the points that ended last, and that of the runs
    under way just now. One of them where the other is not known; then less the time since the last end, as steps of
    runs that do not tell are not counted. Never nothing."""
    lately = _lately(records, steps)
    rate = sum(one.rate for one in under_way)
    to_come = sum(of for of, record in zip(steps, records, strict=True) if record.state not in OVER)
    if rate:
        pace = 1 / rate if lately is None else (1 / rate + lately[0]) / 2
        return max(1.0, pace * (to_come - sum(one.steps for one in under_way)))
    if lately is None:
        return None
    pace, last = lately
    return max(1.0, pace * to_come - (now - last))


def _lately(records: Sequence[PointRecord], steps: Sequence[int]) -> tuple[float, float] | None:
    """Seconds a step by the clock over the points that ended last, and when the last of them did."""
    ended = sorted(
        (record.ended, steps[at]) for at, record in enumerate(records) if record.ended and record.state in _TRAINED
    )
    if not ended:
        return None
    lately = ended[-_LATELY:]
    since = ended[-_LATELY - 1][0] if len(ended) > _LATELY else min(record.begun for record in records if record.begun)
    return (lately[-1][0] - since) / max(1, sum(of for _, of in lately)), lately[-1][0]


@lru_cache(maxsize=64)
def _steps_of_each(home: Path, sweep_id: str) -> list[int]:
    """Most optimiser steps of each point, stages that it shares with one before it left out."""
    folder = SweepFolder(home, sweep_id)
    grid = folder.grid()
    return steps_of_each([point.config for point in grid.points], grid.tasks, folder.config().shared_stages)
