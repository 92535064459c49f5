"""What a sweep says of its points: means over seeds, the front, and NMT against the grid of weights."""

from __future__ import annotations

import statistics

import pytest

from core.events.events import TaskResult
from core.methods.nmt import NMTConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.narration.sweep import describe_contest, describe_front, describe_setting
from core.settings.run import RunConfig
from core.sweeps.outcome import PointOutcome, contest, contest_on_test, summed_up
from core.sweeps.regret import regrets

TITLES = {"a": "Clicks", "b": "Carts"}


def result(loss, bound=None, metric=0.7, validation_loss=None):
    validation_loss = loss if validation_loss is None else validation_loss
    return TaskResult(
        kind="binary",
        loss=loss,
        metric=metric,
        validation_loss=validation_loss,
        bound=bound,
        violation=None if bound is None else validation_loss - bound,
        multiplier=None,
    )


def point(number, setting, a, b, *, method=None, seed=0, bound=None, **fields):
    config = RunConfig(method=method or WeightedSumConfig(weights={"b": number + 1.0}), seed=seed, **fields)
    results = {"a": result(a, bound), "b": result(b)}
    return PointOutcome(number, setting, config, "finished", f"run-{number}", 2.0, "", results)


def nmt(number, setting, a, b, bound, **fields):
    return point(number, setting, a, b, method=NMTConfig(), bound=bound, tolerances={"a": 0.05}, **fields)


def test_settings_are_means_over_seeds_and_dominance_is_theirs():
    points = [point(0, 0, 0.5, 0.2), point(1, 0, 0.7, 0.4, seed=1), point(2, 1, 0.61, 0.31), point(3, 2, 0.5, 0.9)]
    outcome = summed_up(points, ("a", "b"), "loss")
    first, second, third = outcome.settings
    assert first.mean == pytest.approx({"a": 0.6, "b": 0.3})
    assert first.half["a"] == pytest.approx(12.7062 * statistics.stdev([0.5, 0.7]) / 2**0.5)
    assert second.half["a"] is None
    assert [first.dominated, second.dominated, third.dominated] == [False, True, False]
    assert outcome.seconds == 8.0
    assert set(outcome.hypervolumes) == {"weighted_sum"}
    assert outcome.hypervolumes["weighted_sum"] == outcome.hypervolume


def test_only_tasks_that_all_points_have_are_axes():
    lonely = PointOutcome(1, 1, RunConfig(), "finished", "run-1", 1.0, "", {"a": result(0.4)})
    assert summed_up([point(0, 0, 0.5, 0.2), lonely], ("a", "b"), "loss").tasks == ("a",)
    assert summed_up([], ("a", "b"), "loss").hypervolume is None


def test_an_error_axis_is_better_when_lower():
    outcome = summed_up([point(0, 0, 0.5, 0.2)], ("a", "b"), "error")
    assert outcome.settings[0].mean["a"] == pytest.approx(0.3)


def test_nmt_is_beaten_only_within_its_bounds():
    kept = nmt(0, 0, 0.50, 0.30, bound=0.52)
    above = point(1, 1, 0.53, 0.10)
    worse = point(2, 2, 0.40, 0.31)
    other_seed = point(3, 3, 0.10, 0.10, seed=1)
    found = contest([kept, above, worse, other_seed])
    assert (found.points, found.unbeaten, found.seeds, found.unbeaten_seeds) == (1, 1, 1, 1)
    better = point(4, 4, 0.52, 0.29)
    found = contest([kept, above, better])
    assert (found.points, found.unbeaten, found.unbeaten_seeds) == (1, 0, 0)
    assert contest_on_test([kept, above, better]).unbeaten == 1  # on the test rows it is worse in the first task
    assert contest([kept]) is None
    assert contest([above, worse]) is None


def test_the_sentence_follows_from_the_points():
    kept, also = nmt(0, 0, 0.50, 0.30, bound=0.52), nmt(1, 0, 0.50, 0.30, bound=0.52, seed=1)
    grid = [point(2, 1, 0.6, 0.2), point(3, 1, 0.51, 0.2, seed=1)]
    said = describe_contest(summed_up([kept, also, *grid], ("a", "b"), "loss"))
    assert said[0].startswith("Weight grid points beat 1 of the 2 NMT points here, none in 1 of 2 seeds")
    said = describe_contest(summed_up([kept, grid[0]], ("a", "b"), "loss"))
    assert said[0].startswith("No weight grid point beats the NMT point here (")
    assert describe_contest(summed_up([kept], ("a", "b"), "loss")) == []


def grid_of(seed, first, ends=((0.4, 0.5), (0.5, 0.3), (0.6, 0.2), (0.7, 0.19))):
    fields = {"seed": seed, "stage_steps": 1200, "priority": ("a", "b")}
    return [point(first + at, first + at, a, b, **fields) for at, (a, b) in enumerate(ends)]


def test_regret_is_the_distance_to_the_grid_of_the_same_seed():
    order = {"priority": ("a", "b")}
    on = nmt(0, 0, 0.55, 0.25, bound=0.56, **order)  # halfway between two grid points: range .31
    above = nmt(1, 1, 0.55, 0.281, bound=0.56, **order)
    outside = nmt(2, 2, 0.39, 0.6, bound=0.41, **order)  # no weights protect the first task so well
    lonely = nmt(3, 3, 0.5, 0.4, bound=0.52, seed=7, **order)
    found = regrets([on, above, outside, lonely, *grid_of(0, 4)])
    assert [one.number for one in found.points] == [0, 1, 2]
    assert [one.validation for one in found.points] == [pytest.approx(0, abs=1e-9), pytest.approx(0.1), None]
    assert found.medians() == {"b": {"slice": pytest.approx(0.05), "test": pytest.approx(0.05)}}
    assert (found.grid, found.compute_ratio) == (4, 0.25)
    assert regrets([lonely, *grid_of(0, 4)]) is None
    assert regrets(grid_of(0, 4)) is None
    assert regrets([on]) is None


def test_the_first_sentence_says_what_not_knowing_the_weights_costs():
    good = nmt(0, 0, 0.55, 0.252, bound=0.56, priority=("a", "b"))
    said = describe_contest(summed_up([good, *grid_of(0, 1)], ("a", "b"), "loss"))
    assert said[0] == (
        "NMT is as good as the best of the 4 weight settings, for 1/4 of the compute: 0.6\u00a0% of their range "
        "behind on the validation rows, 0.6\u00a0% behind on the test rows (median; 0 is their envelope)."
    )
    assert said[1].startswith("No weight grid point beats the NMT point here")
    below = nmt(0, 0, 0.55, 0.188, bound=0.56, priority=("a", "b"))
    said = describe_contest(summed_up([below, *grid_of(0, 1)], ("a", "b"), "loss"))
    assert said[0].startswith("NMT lies 20.0\u00a0% of their range below the best of the 4 weight settings on the")
    behind = nmt(0, 0, 0.55, 0.312, bound=0.56, priority=("a", "b"))
    said = describe_contest(summed_up([behind, *grid_of(0, 1)], ("a", "b"), "loss"))
    assert said[0].startswith("NMT stays 20.0\u00a0% of their range behind the best of the 4 weight settings on the")


def test_words_of_the_front_and_of_a_setting():
    points = [nmt(0, 0, 0.5, 0.3, bound=0.52, priority=("a", "b")), point(1, 1, 0.4, 0.2, priority=("a", "b"))]
    outcome = summed_up(points, ("a", "b"), "loss")
    said = describe_front(outcome, TITLES)
    assert said[0].startswith("1 of 2 settings are on the front")
    assert "NMT" in said[1]
    assert describe_setting(outcome.settings[0], TITLES) == "NMT (Clicks may lose 5\u00a0%)"
    assert describe_setting(outcome.settings[1], TITLES) == "Weighted sum (Clicks × 1, Carts × 2)"
    assert describe_front(summed_up([], ("a",), "loss"), TITLES) == []
