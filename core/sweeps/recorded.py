"""Runs that come with the program: the first question on the shop's default run is answered before anybody trains.

sample_data/example/answers.json holds what runs of a few seeds and tolerances had in the end. They count like runs of
one's own where settings are equal to the bit, and nowhere else; a run of one's own at the same seed and tolerance goes
before them. They have no model that could be taken.
"""

from __future__ import annotations

import functools

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.events.events import TaskResult
from core.home import PROGRAM
from core.insight.prices import PricedRun
from core.records import read_record
from core.runs.comparable_runs import settings_of
from core.settings.run import RunConfig

FILE = PROGRAM / "sample_data" / "example" / "answers.json"
AMOUNTS = (0.0, 0.001, 0.002, 0.004, 0.01)
"""Points of the first task's metric, about the one that a question begins with."""
SEEDS = (0, 1, 2)
_ADVICE = "make the answers again: python -m core data make-answers"


class RecordedRun(BaseModel):
    """What a finished run had: its settings, its prices, and each task on the test rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")
    config: RunConfig
    priced: PricedRun
    results: dict[str, TaskResult]


class RecordedRuns(BaseModel):
    """All of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")
    runs: tuple[RecordedRun, ...]


def recorded_runs(config: RunConfig) -> list[RecordedRun]:
    """Those of these settings at any tolerance, in any unit; none where the file is damaged or not there."""
    wanted = settings_of(config, any_unit=True)
    return [run for run in _recorded() if settings_of(run.config, any_unit=True) == wanted]


@functools.cache
def _recorded() -> tuple[RecordedRun, ...]:
    try:
        return read_record(RecordedRuns, FILE, _ADVICE).runs
    except (PrecedenceError, OSError):
        return ()
