"""The distance to the envelope of a grid of weights, by hand and by property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.insight.regret import regret, regret_of_nearest

TWO = np.array([[0.0, 4.0], [1.0, 1.0], [3.0, 0.0], [4.0, 2.0], [1.5, 3.0]])  # the last two lie above the front
THREE = np.array([[0.0, 0.0, 4.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [4.0, 4.0, 4.0]])


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((1.0, 1.0), 0.0),  # a grid point
        ((0.5, 2.5), 0.0),  # halfway between two
        ((0.5, 3.5), 0.25),  # one above the line, of a range of four
        ((2.0, 0.5), 0.0),
        ((2.0, 0.3), -0.05),  # beneath the envelope
        ((9.0, 1.0), 0.25),  # more given up than any grid point gave up: the lowest of all is the measure
        ((-0.1, 4.0), None),  # no mixture protects the first task so well
    ],
)
def test_two_tasks_by_hand(point, expected):
    found = regret(np.array(point), TWO)
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-9))


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((1.0, 1.0, 2.0), 0.0),  # on the plane x + y + z = 4
        ((1.0, 1.0, 3.0), 0.25),
        ((2.0, 1.0, 0.8), -0.05),
        ((4.0, 4.0, 1.0), 0.25),  # the plane's lowest edge, not the fourth point
        ((-1.0, 1.0, 2.0), None),
    ],
)
def test_three_tasks_by_hand(point, expected):
    found = regret(np.array(point), THREE)
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-9))


def test_a_grid_without_a_front_measures_nothing():
    assert regret(np.array([0.5, 0.5]), np.array([[0.0, 1.0]])) is None
    assert regret(np.array([0.5, 0.5]), np.array([[0.0, 1.0], [1.0, 1.0]])) is None


weights = arrays(np.float64, 4, elements=st.floats(0.01, 1))


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1), at=st.integers(0, 5), scale=st.sampled_from([1e-3, 1.0, 1e3]))
def test_a_mixture_of_neighbours_on_a_convex_front_has_no_regret(share, at, scale):
    x = np.linspace(0.2, 2, 7)
    grid = scale * np.stack([x, 1 / x], axis=1)
    point = share * grid[at] + (1 - share) * grid[at + 1]
    assert regret(point, grid) == pytest.approx(0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(mix=weights, tilt=arrays(np.float64, 2, elements=st.floats(0.1, 5)))
def test_a_mixture_on_a_flat_front_of_three_tasks_has_no_regret(mix, tilt):
    x = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.3, 0.3]])
    grid = np.concatenate([x, 10 - x @ tilt[:, None]], axis=1)
    point = mix @ grid / mix.sum()
    assert regret(point, grid) == pytest.approx(0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    grid=arrays(np.float64, (8, 3), elements=st.floats(0, 1), unique=True),
    worse=arrays(np.float64, 3, elements=st.floats(0.01, 1)),
    at=st.integers(0, 7),
)
def test_a_point_that_a_grid_point_beats_has_regret(grid, worse, at):
    found = regret(grid[at] + worse, grid)
    assert found is None or found > 0


@settings(max_examples=60, deadline=None)
@given(
    grid=arrays(np.float64, (8, 3), elements=st.floats(0, 1), unique=True),
    mix=arrays(np.float64, 8, elements=st.floats(0.01, 1)),
)
def test_no_mixture_lies_beneath_the_envelope(grid, mix):
    found = regret(mix @ grid / mix.sum(), grid)
    assert found is None or found > -1e-6


def test_the_nearest_setting_is_judged_by_the_others():
    """Beside (1.2, …) lies (1, 1); without it the envelope there is the line from (0, 4) to (3, 0)."""
    assert regret_of_nearest(np.array([1.2, 9.0]), TWO) == pytest.approx((1 - 8 / 3) / 4)
    assert regret_of_nearest(np.array([-1.0, 9.0]), TWO) is None  # (0, 4) is beyond what the others reach
    assert regret_of_nearest(np.array([3.9, 3.9, 9.0]), THREE) == pytest.approx(1.0)
