"""Bags: rows come back as they went in, scores equal a dense product."""

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.relevance.bags import Bag, Bags, Kind, dot, gather, strongest


def a_bag(random: np.random.Generator, size: int = 30, most: int = 12) -> Bag:
    ids = np.sort(random.choice(size, int(random.integers(0, most)), replace=False)).astype(np.uint32)
    weights = random.random(len(ids)).astype(np.float32) + 0.01
    return Bag(ids, weights, np.full(len(ids), Kind.EXACT, np.uint8), np.full(len(ids), -1, np.int16))


def dense(bag: Bag, size: int = 30) -> np.ndarray:
    out = np.zeros(size)
    out[bag.ids] = bag.weights
    return out


def test_rows_come_back_as_they_went_in() -> None:
    random = np.random.default_rng(1)
    given = [a_bag(random) for _ in range(20)]
    bags = gather(given)
    assert len(bags) == 20
    for row, bag in enumerate(given):
        assert np.array_equal(bags[row].ids, bag.ids)
        assert np.array_equal(bags[row].weights, bag.weights)


def test_no_bags_at_all() -> None:
    assert len(gather([])) == 0


def test_a_score_equals_the_dense_product() -> None:
    random = np.random.default_rng(2)
    for _ in range(50):
        one, other = a_bag(random), a_bag(random)
        assert dot(one, other) == pytest.approx(dense(one) @ dense(other), abs=1e-7)


def test_the_strongest_entries_stay_in_order_of_their_ids() -> None:
    random = np.random.default_rng(3)
    bag = a_bag(random, 100, 60)
    top = strongest(bag, 5)
    assert list(top.ids) == sorted(top.ids)
    assert sorted(top.weights) == sorted(bag.weights)[-5:]


def test_parts_of_unequal_length_are_refused() -> None:
    with pytest.raises(PrecedenceError, match="starts"):
        Bags(
            np.array([0, 2]),
            np.zeros(1, np.uint32),
            np.zeros(1, np.float32),
            np.zeros(1, np.uint8),
            np.zeros(1, np.int16),
        )
