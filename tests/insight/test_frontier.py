"""The front against its definition, the volume against counting and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import PrecedenceError
from core.insight.frontier import Box, Promise, dominated, hypervolume

ROWS = st.tuples(st.integers(1, 12), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 5).map(float))
)


@given(ROWS)
def test_a_row_is_dominated_as_the_definition_says(rows):
    found = dominated(rows)
    for j, row in enumerate(rows):
        by_hand = any(
            all(other[k] <= row[k] for k in range(len(row))) and any(other[k] < row[k] for k in range(len(row)))
            for other in rows
        )
        assert found[j] == by_hand


@given(ROWS)
def test_somebody_is_always_on_the_front_and_only_the_front_counts(rows):
    beaten = dominated(rows)
    assert not beaten.all()
    box = Box.around(rows)
    assert hypervolume(rows, box) == pytest.approx(hypervolume(rows[~beaten], box))


@given(ROWS, st.floats(1e-9, 1e9), st.floats(-10, 10))
def test_the_volume_knows_no_units(rows, scale, shift):
    moved = rows * scale + shift * scale
    assert hypervolume(moved, Box.around(moved)) == pytest.approx(hypervolume(rows, Box.around(rows)), rel=1e-4)


def test_the_volume_of_known_fronts():
    corners = np.array([[0.0, 1.0], [1.0, 0.0]])
    box = Box.around(corners)
    # Each corner covers 1.1 × 0.1, both share 0.1 × 0.1.
    assert hypervolume(corners, box) == pytest.approx((2 * 1.1 * 0.1 - 0.01) / 1.21)
    assert hypervolume(np.array([[0.0, 0.0]]), box) == pytest.approx(1.0)


def test_the_volume_agrees_with_counting():
    generator = np.random.default_rng(3)
    rows = generator.random((20, 3))
    box = Box.around(rows)
    drawn = generator.random((200_000, 3)) * 1.1
    scaled = box.scaled(rows)
    covered = np.zeros(len(drawn), dtype=bool)
    for row in scaled:
        covered |= (row <= drawn).all(axis=1)
    assert hypervolume(rows, box) == pytest.approx(covered.mean(), abs=0.005)


@pytest.mark.parametrize("rows", [np.empty((0, 2)), np.array([1.0, 2.0]), np.array([[1.0, np.nan]])])
def test_what_is_no_front_is_refused(rows):
    with pytest.raises(PrecedenceError, match="finite losses"):
        dominated(rows)


def test_a_promise_is_beaten_within_all_bounds_only():
    promise = Promise(bounds={"a": 0.5, "b": 0.4}, last="c", loss=0.3)
    assert promise.beaten_by({"a": 0.5, "b": 0.1, "c": 0.29})
    assert not promise.beaten_by({"a": 0.51, "b": 0.1, "c": 0.1})
    assert not promise.beaten_by({"a": 0.5, "b": 0.4, "c": 0.3})
    assert not promise.beaten_by({"a": 0.1, "c": 0.1})
