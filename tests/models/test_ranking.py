"""NDCG against a plain count, and its properties."""

import itertools

import numpy as np
import pytest

from core.models.ranking import ndcg


def plainly(grades: np.ndarray, order: np.ndarray, at: int) -> float:
    def dcg(given: np.ndarray) -> float:
        return sum((2.0**grade - 1) / np.log2(place + 2) for place, grade in enumerate(given[:at]))

    return dcg(grades[order]) / dcg(np.sort(grades)[::-1])


def test_against_a_plain_count() -> None:
    random = np.random.default_rng(1)
    groups = np.repeat(np.arange(6), 15)
    grades = random.integers(0, 4, len(groups)).astype(float)
    scores = random.permutation(len(groups)).astype(float)
    shuffled = random.permutation(len(groups))
    found = ndcg(grades[shuffled], scores[shuffled], groups[shuffled])
    for query in range(6):
        own = groups == query
        assert found[query] == pytest.approx(plainly(grades[own], np.argsort(-scores[own]), 10))


def test_a_tie_counts_as_the_mean_over_its_orders() -> None:
    grades = np.array([2.0, 0.0, 1.0, 0.0])
    scores = np.array([1.0, 1.0, 1.0, 0.0])
    orders = [plainly(grades, np.array([*order, 3]), 2) for order in itertools.permutations(range(3))]
    assert ndcg(grades, scores, np.zeros(4), at=2)[0] == pytest.approx(np.mean(orders))


def test_the_best_order_is_one_and_a_query_without_a_hit_does_not_count() -> None:
    grades = np.array([3.0, 1.0, 0.0, 0.0, 0.0])
    assert ndcg(grades, grades, np.array([0, 0, 0, 1, 1])).tolist() == [1.0]


def test_scaling_scores_changes_nothing() -> None:
    random = np.random.default_rng(2)
    grades, scores, groups = random.integers(0, 3, 60), random.normal(size=60), random.integers(0, 4, 60)
    assert np.array_equal(ndcg(grades, scores, groups), ndcg(grades, 1e6 * scores, groups))


def test_nothing_judged() -> None:
    assert len(ndcg(np.zeros(0), np.zeros(0), np.zeros(0))) == 0
