"""The dual step in equal ratios, on problems whose multipliers are known."""

from __future__ import annotations

from math import exp

import pytest
import torch

from core.methods.dual import MultiplicativeAscent
from core.methods.interface import Problem, Stage
from core.methods.nmt import NMT, NMTConfig

ONES = torch.ones(2, dtype=torch.float64)
NEVER = torch.zeros(2, dtype=torch.bool)
FLOOR = MultiplicativeAscent.FLOOR


def nmt(rate: float = 0.02, penalty: float = 0.3, smoothing: float = 0.8, carry: bool = False) -> NMT:
    return NMT(ONES, MultiplicativeAscent(ONES, rate, smoothing, penalty=penalty), carry=carry)


def read(method: NMT, violation: float, tolerance: float) -> float:
    """One dual step; the multiplier after it."""
    method.allow(torch.tensor([tolerance, 0.0], dtype=torch.float64))
    method.observe(torch.tensor([violation, 0.0], dtype=torch.float64), NEVER)
    return method.multipliers[0].item()


@pytest.mark.parametrize("tolerance", [0.5, 0.05, 0.005])
@pytest.mark.parametrize("start", [0.2, 20.0])
def test_it_rests_at_the_price_wherever_it_began(quadratic, tolerance, start):
    method = nmt(rate=0.02, penalty=1.0)
    steps = quadratic(method, tolerance, 40_000, rate=0.05)
    next(steps)
    method.start_from(torch.tensor([start, 0.0], dtype=torch.float64))
    *_, (_, multipliers, _) = steps
    wanted = max(0.0, 1 / (2 * tolerance) ** 0.5 - 1)  # D/√(2ε) − 1
    assert multipliers[0].item() == pytest.approx(wanted, abs=1e-2)
    assert multipliers[1] == 0


def test_a_violation_of_one_tolerance_is_one_ratio_whatever_the_price():
    for start in (0.1, 30.0):
        method = nmt(rate=0.02)
        method.begin(Stage((1,), (0,)))
        method.start_from(torch.tensor([start, 0.0], dtype=torch.float64))
        assert read(method, 0.04 + FLOOR, 0.04) == pytest.approx(start * exp(0.02))
        assert read(method, -(0.04 + FLOOR), 0.04) == pytest.approx(start)


def test_one_reading_counts_for_three_tolerances_at_most():
    method = nmt(rate=0.02)
    method.begin(Stage((1,), (0,)))
    assert read(method, 50.0, 0.04) == pytest.approx(exp(0.06))


def test_the_weight_answers_at_once_and_the_price_in_time():
    method = nmt(rate=0.02, penalty=0.3)
    method.begin(Stage((1,), (0,)))
    price = read(method, 0.04 + FLOOR, 0.04)
    first, second = method.weights().tolist()
    assert first / second == pytest.approx(price * exp(0.3))


def test_it_begins_at_one_and_a_carried_zero_does_too():
    method = nmt(carry=True)
    method.begin(Stage((0,)))
    assert method.multipliers.tolist() == [0.0, 0.0]
    method.begin(Stage((1,), (0,)))
    assert method.multipliers.tolist() == [1.0, 0.0]


def test_the_config_builds_it():
    config = NMTConfig(dual_step="multiplicative", dual_rate=0.05, penalty=0.5, smoothing=0.7)
    built = config.build(Problem(("a", "b"), ONES, 0))
    assert isinstance(built.dual, MultiplicativeAscent)
    assert (built.dual.rate, built.dual.penalty, built.dual.smoothing) == (0.05, 0.5, 0.7)
