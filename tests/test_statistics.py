"""Intervals and rank metrics against tables and counts made by hand, not against the libraries that they call."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from core.statistics import auc, average_precision, bootstrap_interval, dcg, mean_and_half, ndcg, student_t


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


def test_dcg_of_hits_as_they_stand_takes_the_first_places() -> None:
    gains, groups = np.array([3.0, 0.0, 1.0, 2.0]), np.array([0, 0, 0, 1])
    found = dcg(gains, -np.arange(4), groups, at=3)
    assert found.tolist() == pytest.approx([3 + 1 / 2, 2.0])  # log₂ 2 = 1, log₂ 4 = 2
    assert dcg(gains, -np.arange(4), groups, at=2).tolist() == pytest.approx([3.0, 2.0])


def test_ndcg_is_scikit_learn_s_of_each_query() -> None:
    random = np.random.default_rng(3)
    groups, grades = np.repeat(np.arange(20), 12), random.integers(0, 4, 240)
    scores = np.round(random.random(240), 1)  # with ties
    wanted = [
        ndcg_score([np.exp2(grades[groups == query]) - 1], [scores[groups == query]], k=10) for query in range(20)
    ]
    assert ndcg(grades, scores, groups) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("level", "printed"),
    [
        (0.95, (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)),
        (0.90, (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761)),
    ],
)
def test_student_s_t_is_that_of_printed_tables(level: float, printed: tuple[float, ...]) -> None:
    found = [student_t(level, freedom) for freedom in range(1, len(printed) + 1)]
    assert found == pytest.approx(printed, abs=5e-4)
    assert student_t(level, 10**7) == pytest.approx({0.95: 1.95996, 0.90: 1.64485}[level], abs=1e-4)


def test_an_interval_is_students() -> None:
    mean, half = mean_and_half([1.0, 2.0, 3.0])
    assert mean == 2.0
    assert half == pytest.approx(4.303 / 3**0.5, rel=1e-4)
    assert mean_and_half([1.0]) == (1.0, None)


def test_a_bootstrap_interval_is_the_quantiles_of_resampled_means() -> None:
    values = np.random.default_rng(0).exponential(size=40)
    draws = np.random.default_rng(0).integers(0, 40, (2000, 40))
    assert bootstrap_interval(values) == pytest.approx(np.quantile(values[draws].mean(1), (0.025, 0.975)))
    assert bootstrap_interval([0.4, 0.4, 0.4]) == pytest.approx((0.4, 0.4))
    assert bootstrap_interval([0.7]) == (0.7, 0.7)


def test_auc_counts_pairs_in_order() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        positive, scores = random.random(30) < 0.4, np.round(random.normal(size=30), 1)  # with ties
        pairs = [(above > below) + 0.5 * (above == below) for above in scores[positive] for below in scores[~positive]]
        assert auc(positive, scores) == pytest.approx(np.mean(pairs))
    assert math.isnan(auc(np.array([True, True]), np.array([0.1, 0.2])))


def test_average_precision_is_the_mean_precision_at_each_positive() -> None:
    positive = np.array([True, False, True, False, True])
    scores = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    assert average_precision(positive, scores) == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)
    tied = np.array([2.0, 1.0, 1.0, 1.0, 0.0])  # three rows are one step: precision 2/4 for its one positive
    assert average_precision(positive, tied) == pytest.approx((1 / 1 + 2 / 4 + 3 / 5) / 3)
    assert average_precision(np.zeros(3, bool), np.arange(3.0)) == 0.0


def test_it_is_imported_without_the_libraries() -> None:
    code = "import sys, core.statistics, core.training.loop; print({'scipy', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
