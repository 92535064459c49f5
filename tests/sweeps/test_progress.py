"""How long a sweep has yet to train: by the steps that are to come, at the pace of those that were made."""

from __future__ import annotations

import time

import pytest

from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import note_alone
from core.runs.folder.status import RunStatus
from core.runs.pace import crowding
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


def under_way(sweep: SweepFolder, step: int, remaining: float) -> PointRecord:
    """A point whose run has made so many of its 375 steps and says how long the rest takes by the clock."""
    run = RunFolder.create(sweep.home, sweep.grid().points[0].config)
    run.write_status(RunStatus(state="running", step=step, most_steps=375, remaining_seconds=remaining))
    return PointRecord(state="training", run_id=run.run_id, begun=time.time())


def test_before_a_point_has_ended_the_steps_of_the_one_under_way_tell_the_pace(sweep):
    sweep.write_records([under_way(sweep, 75, 30.0)] + [PointRecord()] * 9)
    whole = 375 + 4 * 75 + 5 * 300
    assert progress_of(sweep).left == pytest.approx((whole - 75) * 30.0 / 300)
    sweep.write_records([under_way(sweep, 0, 0.0)] + [PointRecord()] * 9)
    assert progress_of(sweep).left is None


def test_a_machine_that_has_become_busy_makes_the_time_left_longer(sweep):
    now = time.time()
    first = ended(now - 40, now - 2.5)  # 375 steps at a tenth of a second
    sweep.write_records([first, under_way(sweep, 300, 7.5)] + [PointRecord()] * 8)
    as_before = progress_of(sweep).left
    assert as_before == pytest.approx(0.1 * (4 * 75 + 5 * 300 - 300), rel=0.01)
    sweep.write_records([first, under_way(sweep, 300, 30.0)] + [PointRecord()] * 8)
    assert progress_of(sweep).left == pytest.approx(2.5 * as_before, rel=0.01)


def test_load_of_programs_that_do_not_give_way_counts_three_times(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    assert crowding(2) == 1
    monkeypatch.setattr("os.getloadavg", lambda: (6.0, 0.0, 0.0))
    assert crowding(2) == pytest.approx((6 * 1.25**5 + 2) / 2)


def test_steps_that_another_run_trained_took_no_time(tmp_path):
    config = first_sweep().base
    run = RunFolder.create(tmp_path, config)
    run.write_status(run.status().model_copy(update={"state": "finished", "step": 1950, "seconds": 1.5}))
    assert seconds_a_step(tmp_path, config) == pytest.approx(1.5 / 1950)
    note_alone(run.path, {"relevance": 900, "click": 900})
    assert seconds_a_step(tmp_path, config) == pytest.approx(0.01)
