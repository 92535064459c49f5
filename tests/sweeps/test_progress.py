"""How long a sweep has yet to train: by the steps that are to come, at the pace of those that were made."""

from __future__ import annotations

import time

import pytest

from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import note_alone
from core.sweeps.folder import PointRecord, SweepFolder
from core.sweeps.progress import progress_of
from core.sweeps.question import seconds_a_step
from pages.what_if.form import first_sweep

TASKS = ("relevance", "click", "cart", "purchase", "price_level")


def ended(began: float, at: float) -> PointRecord:
    return PointRecord(state="finished", begun=began, ended=at)


@pytest.fixture
def sweep(tmp_path):
    return SweepFolder.create(tmp_path, first_sweep(), TASKS)


def test_long_points_that_come_last_are_not_taken_for_short_ones(sweep):
    now = time.time()
    ends = (now - 8, now - 6, now - 4, now - 2, now)  # five under bounds: 375 steps, then 75 each
    sweep.write_records([ended(now - 13.5, end) for end in ends] + [PointRecord()] * 5)
    left = progress_of(sweep).left
    assert left == pytest.approx(5 * 300 * 13.5 / (375 + 4 * 75), abs=1)  # the weights' have 300 steps each


def test_a_point_that_is_late_is_still_to_come(sweep):
    began = time.time() - 1000
    sweep.write_records([ended(began, began + 1)] * 9 + [PointRecord(state="training", begun=began + 1)])
    assert progress_of(sweep).left == 1
    sweep.write_records([PointRecord(state="failed", begun=began, ended=began + 1), *[PointRecord()] * 9])
    assert progress_of(sweep).left is None


def test_steps_that_another_run_trained_took_no_time(tmp_path):
    config = first_sweep().base
    run = RunFolder.create(tmp_path, config)
    run.write_status(run.status().model_copy(update={"state": "finished", "step": 1950, "seconds": 1.5}))
    assert seconds_a_step(tmp_path, config) == pytest.approx(1.5 / 1950)
    note_alone(run.path, {"relevance": 900, "click": 900})
    assert seconds_a_step(tmp_path, config) == pytest.approx(0.01)
