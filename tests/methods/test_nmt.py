"""NMT on problems whose multipliers are known."""

from __future__ import annotations

import cooper
import pytest
import torch
from cooper.optim import AlternatingDualPrimalOptimizer, nuPI

from core.methods.dual import DualAscent
from core.methods.fixed import FixedWeights
from core.methods.interface import Stage
from core.methods.nmt import NMT

ONES = torch.ones(2, dtype=torch.float64)
NEVER = torch.zeros(2, dtype=torch.bool)


def nmt(dual_rate: float, rescale: bool = True, **dual: float) -> NMT:
    return NMT(ONES, DualAscent(ONES, dual_rate, **dual), rescale=rescale)


@pytest.mark.parametrize(("dual_rate", "steps"), [(0.5, 25_000), (5.0, 4_000), (50.0, 3_000)])
def test_any_tolerance_above_zero_makes_the_multiplier_finite(quadratic, dual_rate, steps):
    *_, (_, multipliers, _) = quadratic(nmt(dual_rate), tolerance=0.005, steps=steps, rate=0.1)
    assert multipliers[0].item() == pytest.approx(1 / (2 * 0.005) ** 0.5 - 1, abs=1e-3)  # D/√(2ε) − 1 = 9
    assert multipliers[1] == 0


def test_no_tolerance_makes_it_grow_by_its_law(quadratic):
    grown = {}
    for step, (_, multipliers, violation) in enumerate(quadratic(nmt(0.5), 0.0, steps=20_000, rate=0.1), start=1):
        if step in (2_000, 20_000):
            grown[step] = multipliers[0].item()
            assert violation[0].item() == pytest.approx(1 / (2 * (1 + grown[step]) ** 2), rel=0.02)
    assert grown[2_000] == pytest.approx(10.5, abs=0.1)
    assert grown[20_000] == pytest.approx(23.7, abs=0.1)
    for step, multiplier in grown.items():
        assert (1 + multiplier) ** 3 == pytest.approx(1 + 1.5 * 0.5 * step, rel=0.03)


def test_unscaled_descent_diverges_where_rescaled_does_not(quadratic):
    largest = {}
    for rescale in (True, False):
        *_, (theta, _, _) = quadratic(nmt(0.5, rescale), 0.0, steps=12_500, rate=0.1)
        largest[rescale] = theta.abs().max().item()
    assert largest[True] < 1
    assert not largest[False] < 1e3


class _Quadratic(cooper.ConstrainedMinimizationProblem):
    def __init__(self, tolerance: float, penalty: float | None = None) -> None:
        super().__init__()
        self.tolerance = tolerance
        self.theta = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
        self.goal = torch.tensor([0.6, 0.8], dtype=torch.float64)
        multiplier = cooper.multipliers.DenseMultiplier(num_constraints=1)
        multiplier.weight.data = multiplier.weight.data.double()
        form, coefficient = cooper.formulations.Lagrangian, None
        if penalty is not None:
            form = cooper.formulations.AugmentedLagrangian
            value = torch.tensor([penalty], dtype=torch.float64)
            coefficient = cooper.penalty_coefficients.DensePenaltyCoefficient(value)
        self.bound = cooper.Constraint(cooper.ConstraintType.INEQUALITY, form, multiplier, coefficient)

    def compute_cmp_state(self) -> cooper.CMPState:
        first = 0.5 * self.theta.square().sum()
        violation = (first - self.tolerance).reshape(1)
        state = cooper.ConstraintState(violation=violation)
        return cooper.CMPState(0.5 * (self.theta - self.goal).square().sum(), {self.bound: state})


@pytest.mark.parametrize(
    ("tolerance", "pi"), [(0.005, (0.0, 1.0, 0.0)), (0.0, (0.0, 1.0, 0.0)), (0.005, (0.9, 1.0, 3.0))]
)
def test_unscaled_it_traces_an_independent_implementation(quadratic, tolerance, pi):
    smoothing, integral, proportional = pi
    problem = _Quadratic(tolerance)
    dual = nuPI(problem.dual_parameters(), lr=0.5, Kp=proportional, Ki=integral, ema_nu=smoothing, maximize=True)
    theirs = AlternatingDualPrimalOptimizer(problem, torch.optim.SGD([problem.theta], lr=0.05), dual)
    mine = nmt(0.5, rescale=False, smoothing=smoothing, integral=integral, proportional=proportional)
    for theta, multipliers, _ in quadratic(mine, tolerance, steps=400, rate=0.05):
        theirs.roll()
        (expected,) = problem.multipliers()
        assert multipliers[0].item() == pytest.approx(expected.weight.item(), rel=1e-9, abs=1e-12)
        assert theta.tolist() == pytest.approx(problem.theta.tolist(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("tolerance", "penalty"), [(0.005, 5.0), (0.1, 2.0), (0.0, 3.0)])
def test_with_a_penalty_it_traces_cooper_s_augmented_lagrangian(quadratic, tolerance, penalty):
    problem = _Quadratic(tolerance, penalty)
    dual = torch.optim.SGD(problem.dual_parameters(), lr=0.5, maximize=True)
    theirs = AlternatingDualPrimalOptimizer(problem, torch.optim.SGD([problem.theta], lr=0.05), dual)
    mine = nmt(0.5, rescale=False, penalty=penalty)
    for theta, multipliers, _ in quadratic(mine, tolerance, steps=400, rate=0.05):
        theirs.roll()
        (expected,) = problem.multipliers()
        assert multipliers[0].item() == pytest.approx(expected.weight.item(), rel=1e-9, abs=1e-12)
        assert theta.tolist() == pytest.approx(problem.theta.tolist(), rel=1e-9, abs=1e-12)


def test_a_penalty_leaves_the_price_where_it_is(quadratic):
    *_, (_, multipliers, _) = quadratic(nmt(5.0, penalty=20.0), tolerance=0.005, steps=4_000, rate=0.1)
    assert multipliers[0].item() == pytest.approx(9.0, abs=1e-3)  # D/√(2ε) − 1, as without


def test_with_a_penalty_noise_about_a_kept_bound_raises_no_price():
    """Readings scatter about −0.1 by more than that: damping within the multiplier is cut at 0 and drifts up."""
    noise = 0.3 * torch.randn(4_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    mean = {}
    for name, dual in (("nupi", {"smoothing": 0.9, "proportional": 20.0}), ("augmented", {"penalty": 20.0})):
        method = nmt(0.05, **dual)
        method.begin(Stage((1,), (0,)))
        seen = []
        for each in noise:
            method.observe(torch.stack((each - 0.1, torch.zeros_like(each))), NEVER)
            seen.append(method.multipliers[0].item())
        mean[name] = sum(seen) / len(seen)
    assert mean["augmented"] < 0.2 * mean["nupi"]


def test_a_penalty_weighs_a_violation_at_once_and_is_cut_at_zero():
    method = nmt(0.5, penalty=4.0)
    method.begin(Stage((1,), (0,)))
    method.observe(torch.tensor([0.5, 0.0], dtype=torch.float64), NEVER)
    assert method.multipliers.tolist() == [0.25, 0]
    assert method.weights().tolist() == pytest.approx([2.25 / 3.25, 1 / 3.25])  # μ + c v = .25 + 2
    method.observe(torch.tensor([-0.1, 0.0], dtype=torch.float64), NEVER)
    assert method.multipliers.tolist() == pytest.approx([0.2, 0])
    assert method.weights().tolist() == [0, 1]  # .2 − .4 is below 0; the price stays what it is


def test_frozen_multipliers_equal_the_weighted_sum_bit_for_bit(quadratic):
    frozen = NMT(ONES, DualAscent(ONES, 1.0), frozen=torch.tensor([3.0, 0.0], dtype=torch.float64))
    fixed = FixedWeights(torch.tensor([3.0, 1.0], dtype=torch.float64) / 4)
    fixed.begin(Stage((0, 1)))
    # the fixed method has one stage of both tasks; `begin` of the quadratic would leave it task 2 alone
    fixed.begin = lambda stage: None  # type: ignore[method-assign]
    for mine, theirs in zip(quadratic(frozen, 0.0, 200, 0.1), quadratic(fixed, 0.0, 200, 0.1), strict=True):
        assert torch.equal(mine[0], theirs[0])


def test_weights_are_a_convex_combination_when_rescaled():
    method = NMT(torch.ones(3), DualAscent(torch.ones(3), 10.0))
    method.begin(Stage((2,), (0, 1)))
    method.observe(torch.tensor([0.3, 2.0, 9.0]), torch.zeros(3, dtype=torch.bool))
    assert torch.allclose(method.multipliers, torch.tensor([3.0, 20.0, 0.0]))
    assert torch.allclose(method.weights(), torch.tensor([3.0, 20.0, 1.0]) / 24)
    assert method.weights().sum().item() == pytest.approx(1)


def test_scale_changes_the_unit_not_the_path():
    """Losses times 1000 with a scale of 1000 give the same multipliers as the losses themselves."""
    plain = NMT(torch.ones(2), DualAscent(torch.ones(2), 2.0))
    scaled = NMT(torch.full((2,), 1000.0), DualAscent(torch.ones(2), 2.0))
    for method, unit in ((plain, 1.0), (scaled, 1000.0)):
        method.begin(Stage((1,), (0,)))
        method.observe(torch.tensor([0.25, 0.0]) * unit, NEVER)
    assert torch.equal(plain.multipliers, scaled.multipliers)
    assert torch.allclose(plain.weights(), scaled.weights() * 1000)


def test_a_multiplier_is_not_raised_by_over_fitting_but_may_fall():
    method = NMT(torch.ones(2), DualAscent(torch.ones(2), 1.0), least_share=0.5)
    method.begin(Stage((1,), (0,)))
    overfitted = torch.tensor([True, False])
    method.observe(torch.tensor([2.0, 0.0]), overfitted)  # the objective has the whole step: raising may still help
    assert method.multipliers[0] == 2
    method.observe(torch.tensor([5.0, 0.0]), overfitted)  # it has a third, below a half
    assert method.multipliers[0] == 2
    method.observe(torch.tensor([-0.5, 0.0]), overfitted)
    assert method.multipliers[0] == 1.5


def test_multipliers_never_fall_below_zero_and_reset_or_carry():
    for carry in (False, True):
        method = NMT(torch.ones(3), DualAscent(torch.ones(3), 1.0), carry=carry)
        method.begin(Stage((1,), (0,)))
        method.observe(torch.tensor([-1.0, 0, 0]), torch.zeros(3, dtype=torch.bool))
        assert method.multipliers.tolist() == [0, 0, 0]
        method.observe(torch.tensor([4.0, 0, 0]), torch.zeros(3, dtype=torch.bool))
        method.begin(Stage((2,), (0, 1)))
        assert method.multipliers.tolist() == ([4, 0, 0] if carry else [0, 0, 0])
