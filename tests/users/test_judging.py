"""Judging neighbours: the shop's tastes against a loop over pairs, the next week by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.sources.shop.tables import hidden_truth
from core.users.neighbours.index import NeighbourIndex
from core.users.study.judging import WEEK, closest_tastes, nearest_rows, next_week, same_segment, taste_precision
from tests.users.support import histories_of


def test_nearest_rows_leave_oneself_out():
    vectors = np.random.default_rng(0).normal(size=(50, 8))
    near = nearest_rows(NeighbourIndex.build([str(n) for n in range(50)], vectors), 5)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = units @ units.T
    np.fill_diagonal(likeness, -2)
    assert np.array_equal(near, np.argsort(-likeness, axis=1)[:, :5])


def test_random_neighbours_are_at_chance_and_the_same_tastes_are_far_above():
    random = np.random.default_rng(1)
    near = random.integers(0, 4000, (4000, 10))
    for lift in (*taste_precision(near).values(), same_segment(near), closest_tastes(near)):
        assert lift.lift == pytest.approx(1, abs=0.35)
    truth = hidden_truth()
    rows = (truth["kind"] == "user") & (truth["name"] == "taste")
    tastes: dict[int, set[str]] = {}
    for user, text in zip(truth["id"][rows].astype(int), truth["text"][rows], strict=True):
        tastes.setdefault(user, set()).add(str(text))
    for user in range(5):  # the best neighbours there can be, by a loop over pairs
        common = [len(tastes[user] & tastes[other]) if other != user else -1 for other in range(4000)]
        near[user] = np.argsort(common, kind="stable")[::-1][:10]
        expected = np.mean([common[other] >= 2 for other in near[user]])
        assert expected == 1
    best = taste_precision(np.vstack([near[:5], near[5:]]))
    assert best[2].neighbours > taste_precision(random.integers(0, 4000, (4000, 10)))[2].neighbours


def test_the_next_week_by_hand():
    """Three users buy in the week: {tea, cup}, {tea}, {pen}; overlaps ½, 0, 0. Each has one neighbour."""
    day = 24
    lines = [("a", 0, "pen", "b", 1), ("b", 0, "pen", "b", 1), ("c", 0, "tea", "b", 1), ("d", 0, "tea", "b", 1)]
    lines += [("a", 8 * day, "tea", "b", 1), ("a", 8 * day, "cup", "b", 1), ("b", 8 * day, "tea", "b", 1)]
    lines += [("c", 9 * day, "pen", "b", 1)]
    histories = histories_of(lines)
    moment = int(histories.time.min()) + WEEK
    lift = next_week(histories, np.array([[1], [0], [3], [0]]), moment)
    assert lift.users == 2  # c's neighbour did nothing in the week, and neither did d
    assert lift.neighbours == pytest.approx(0.5)
    assert lift.anyone == pytest.approx((0.25 + 0.25 + 0) / 3)
    assert lift.lift == pytest.approx(3)
