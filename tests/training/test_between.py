"""The best model between trained ones: within the bounds, never worse than what is in hand, found by few readings."""

from __future__ import annotations

import pytest
import torch

from core.training.between import LOOKS, NEAREST, Known, best_between, on_line
from core.training.measure import Reading

LIMIT = 0.3


def reading(weights) -> Reading:
    """Two tasks whose losses are squares about 0 and about 1, on a line of weights."""
    at = weights["at"].item()
    return Reading([at**2, (at - 1) ** 2], [None, None], {})


def known(at: float) -> Known:
    weights = {"at": torch.tensor(at), "count": torch.tensor(3)}
    return Known(weights, reading(weights))


def best(*places: float, limit: float = LIMIT, through: int | None = None) -> Known | None:
    models = [known(place) for place in places]
    given = None if through is None else models[through]
    return best_between(models, reading, lambda one: one.loss[1], lambda one: one.loss[0] - limit, given)


def test_the_model_on_the_line_uses_the_tolerance_to_its_end():
    found = best(0.0, 0.9)
    assert found.reading.loss[0] <= LIMIT
    assert found.weights["at"].item() == pytest.approx(LIMIT**0.5, abs=2e-3)
    assert found.weights["count"] == 3  # what is no number of the network's is not mixed


def test_a_trained_model_that_is_better_than_the_lines_is_the_answer():
    assert best(0.0, 0.5, 0.5477, 0.9).reading.loss[1] <= known(0.5477).reading.loss[1]
    assert best(0.1, 0.4).weights["at"].item() == pytest.approx(0.4)  # all within: the best of them


def test_nothing_within_the_bounds_is_no_answer():
    assert best(0.8, 0.9) is None


def test_a_model_outside_that_is_worse_as_well_is_worth_no_line():
    asked = []

    def counted(weights):
        asked.append(weights)
        return reading(weights)

    models = [known(0.2), known(-0.9)]
    found = best_between(models, counted, lambda one: one.loss[1], lambda one: one.loss[0] - LIMIT)
    assert found is models[0]
    assert not asked


def test_a_new_model_costs_its_own_lines_alone_and_its_answer_competes():
    asked = []

    def counted(weights):
        asked.append(weights)
        return reading(weights)

    models = [known(place) for place in (0.0, 0.1, 0.2, 0.7, 0.8, 0.9)]
    rules = (lambda one: one.loss[1], lambda one: one.loss[0] - LIMIT)
    best_between(models, counted, *rules)
    assert len(asked) <= NEAREST**2 * LOOKS
    asked.clear()
    found = best_between(models, counted, *rules, through=models[3])
    assert 0 < len(asked) <= NEAREST * LOOKS
    assert found.reading.loss[0] <= LIMIT


def test_both_ends_of_a_line_are_on_it():
    first, last = {"at": torch.tensor(1.0)}, {"at": torch.tensor(2.0)}
    assert on_line(first, last, 0.0)["at"] == 1
    assert on_line(first, last, 1.0)["at"] == 2
