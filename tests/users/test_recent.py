"""Recent items: bags by hand, a measure that finds what matters, and the usual one where nothing can be chosen."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.histories.histories import DAY
from core.users.embedding.recent import Measure, RecentItems, choose
from tests.users.support import histories_of


def test_bags_are_those_of_the_formula():
    lines = [("a", 0, "tea", "", 1), ("a", 24 * 40, "tea", "", 1), ("a", 24 * 40, "pen", "", 1),
             ("b", 24 * 40, "pen", "", 1), ("c", 24 * 40, "cup", "", 1)]  # fmt: skip
    histories = histories_of(lines)
    measure = Measure(half_life=40, rarity=1.0, activity=0.0, category=0.25)
    found = RecentItems.of(histories, measure).vectors(histories)
    rare = np.log1p(3 / np.array([1, 2]))  # tea, pen
    ages = (np.array([24 * 40, 0]) * 3600 + 1) / (40 * DAY)  # a second after the newest event
    bag = np.array([np.log1p((0.5**ages).sum()), np.log1p(0.5 ** ages[1])]) * rare
    pen = bag[1] / np.linalg.norm(bag)
    assert found[0] @ found[1] == pytest.approx(pen + 0.25 * pen, abs=1e-4)  # items and categories say the same here
    assert found[0] @ found[0] == pytest.approx(1.25, abs=1e-4)
    assert found[0] @ found[2] == pytest.approx(0, abs=1e-4)


def of_fading_tastes(random):
    """120 users for 360 days; every ninety days a user takes up another of six tastes. What is old misleads."""
    lines = []
    for user in range(120):
        for day in range(0, 360, 4):
            taste = (user // 20 + (user + 1) * (day // 90)) % 6
            lines.append((f"u{user:03}", 24 * day, f"c{taste}", f"b{taste}{random.integers(0, 12)}", 1))
    return histories_of(lines)


def test_what_is_old_is_forgotten_where_it_misleads():
    histories = of_fading_tastes(np.random.default_rng(0))
    assert choose(histories).half_life < Measure().half_life
    assert choose(histories) == choose(histories)


def test_few_users_get_the_usual_measure():
    assert choose(histories_of([("a", 0, "tea", "", 1), ("b", 9, "pen", "", 1)])) == Measure()
