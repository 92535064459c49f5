"""The λ-ladder, FERERO and random weights against closed forms, scipy, and the equations of the authors' code."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from core.errors import PrecedenceError
from core.insight.given_gradients import Toy, direction
from core.methods.ferero import FEREROConfig, cone, preferred, profile_rows
from core.methods.interface import Problem
from core.methods.lambda_ladder import LambdaLadder, LambdaLadderConfig


def problem(*base: float) -> Problem:
    names = tuple(f"task_{k}" for k in range(len(base)))
    return Problem(names, torch.tensor(base, dtype=torch.float64))


# ---------------------------------------------------------------------- λ-ladder


def ladder(relative: torch.Tensor, sharpness: float, gap: float) -> torch.Tensor:
    """F itself, from the relative losses of the order of priority."""
    rungs = torch.arange(len(relative) - 1, -1, -1, dtype=torch.float64) * (1 + gap)
    return torch.logsumexp(sharpness * (relative + rungs), 0) / sharpness


@settings(max_examples=30, deadline=None)
@given(
    relative=st.lists(st.floats(0.01, 1), min_size=2, max_size=5),
    sharpness=st.floats(0.1, 8),
    leakage=st.floats(0.01, 1),
)
def test_the_ladders_weights_are_the_slopes_of_its_loss(relative, sharpness, leakage):
    base = torch.linspace(0.5, 2, len(relative), dtype=torch.float64)
    losses = (torch.tensor(relative, dtype=torch.float64) * base).requires_grad_()
    ladder(losses / base, sharpness, -np.log(leakage) / sharpness).backward()
    rule = LambdaLadder(base, sharpness, leakage)
    weights = rule.weigh(losses.detach())
    assert losses.grad is not None
    assert torch.allclose(weights / weights.sum(), losses.grad / losses.grad.sum(), atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(relative=st.lists(st.floats(0, 50), min_size=2, max_size=5), sharpness=st.floats(0.1, 50))
def test_no_task_leaks_in_by_more_than_the_leakage(relative, sharpness):
    losses = torch.tensor(relative, dtype=torch.float64)
    weights = LambdaLadder(torch.ones(len(relative), dtype=torch.float64), sharpness, 0.2).weigh(losses)
    assert (weights[1:] <= 0.2 * weights[:-1] * (1 + 1e-9)).logical_or(weights[1:] < 1e-100).all()
    assert (weights > 0).all()


def test_the_ladder_stands_in_the_order_of_priority_and_not_in_that_of_the_data():
    method = LambdaLadderConfig(leakage=0.1).build(problem(1, 1, 1))
    method.begin(method.stages((2, 0, 1))[0])
    method.see(torch.ones(3, dtype=torch.float64))
    assert method.weights().argsort(descending=True).tolist() == [2, 0, 1]


def test_a_sharper_ladder_ends_nearer_to_the_lexicographic_optimum():
    """ℓ_1 = x², ℓ_2 = (x − 1)² + (y − 1)²: first x = 0, then y = 1. The weights rest where scipy ends."""

    def relative(point):
        return torch.stack((point[0] ** 2, (point - 1).square().sum()))

    ends = []
    for sharpness in (1.0, 4.0, 16.0):

        def value(point, sharpness=sharpness):
            return ladder(relative(torch.tensor(point)), sharpness, 0.5).item()

        end = torch.tensor(minimize(value, [0.4, 0.4], tol=1e-10).x, requires_grad=True)
        losses = relative(end)
        weights = LambdaLadder(torch.ones(2).double(), sharpness, float(np.exp(-0.5 * sharpness))).weigh(losses)
        (slope,) = torch.autograd.grad((weights / weights.sum()) @ losses, end)
        assert slope.abs().max() < 1e-3
        ends.append(end[0].item())
    assert ends[0] > ends[1] > ends[2]
    assert ends[2] < 0.01


def test_a_loss_that_is_not_finite_is_refused():
    method = LambdaLadderConfig().build(problem(1, 1))
    method.begin(method.stages((0, 1))[0])
    with pytest.raises(PrecedenceError, match=r"not finite .*nan.*lower the learning rate"):
        method.see(torch.tensor([1.0, float("nan")]))


# ---------------------------------------------------------------------- FERERO


def drawn(tasks: int, size: int, seed: int) -> torch.Tensor:
    return torch.randn(tasks, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("tasks", [2, 3, 4])
def test_without_favour_or_profile_it_is_the_shortest_vector_of_the_hull(tasks):
    gradients = drawn(tasks, 9, tasks)
    update = direction("ferero", gradients, exchange=0) / tasks
    progress = gradients @ update
    assert (progress >= update @ update - 1e-6).all()  # what marks the shortest vector: no vertex has less progress


@settings(max_examples=25, deadline=None)
@given(tasks=st.integers(2, 4), seed=st.integers(0, 10**6), exchange=st.floats(0, 5), pull=st.floats(0, 2))
def test_a_step_solves_the_papers_program(tasks, seed, exchange, pull):
    """It closes the profile's distance as asked, ∇H·d = −c_h H, and is the optimum that scipy finds of the dual."""
    gradients = drawn(tasks, 8, seed)
    losses = torch.rand(tasks, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).numpy()
    gram = (gradients @ gradients.T).numpy()
    gram = gram / np.diag(gram).mean()
    A, B = cone(tasks, exchange), profile_rows(np.arange(1.0, tasks + 1))
    w = preferred(gram, A, B, losses, pull)
    assert np.allclose(B @ gram @ w, pull * (B @ losses), atol=1e-5)
    assert np.allclose(w, _by_scipy(gram, A, B, losses, pull), atol=2e-3)


def _by_scipy(gram, A, B, losses, pull):
    """w of the dual; unique, as the gradients are independent."""
    rows, first = np.concatenate((A, B)), len(A)

    def value(x):
        w = rows.T @ x
        return 0.5 * w @ gram @ w - pull * x[first:] @ (B @ losses)

    start = np.concatenate((np.full(first, 1 / first), np.zeros(len(B))))
    total = {"type": "eq", "fun": lambda x: x[:first].sum() - 1}
    bounds = [(0, None)] * first + [(None, None)] * len(B)
    options = {"maxiter": 1000, "ftol": 1e-14}
    return rows.T @ minimize(value, start, constraints=[total], bounds=bounds, method="SLSQP", options=options).x


def test_it_ends_where_the_authors_projected_descent_ends():
    """λ_f ← P_Δ(λ_f − γ A G w), λ_h ← λ_h − γ (B G w − c_h H): the loop of their code, run until it rests."""
    gradients = drawn(2, 6, 3)
    gram = (gradients @ gradients.T).numpy()
    gram = gram / np.diag(gram).mean()
    losses, A, B = np.array([0.3, 0.9]), cone(2, 2.0), profile_rows(np.array([1.0, 3.0]))
    front, equal = np.full(2, 0.5), np.zeros(1)
    for _ in range(20_000):
        w = A.T @ front + B.T @ equal
        step = front - 0.1 * (A @ gram @ w)
        first = np.clip((step[0] - step[1] + 1) / 2, 0, 1)  # the nearest point of the simplex of two
        front = np.array([first, 1 - first])
        equal = equal - 0.1 * (B @ gram @ w - 0.5 * (B @ losses))
    assert np.allclose(preferred(gram, A, B, losses, 0.5), A.T @ front + B.T @ equal, atol=1e-5)


def test_two_tasks_have_the_authors_matrix_of_the_profile():
    assert np.allclose(profile_rows(np.array([3.0, 4.0])), [[0.8, -0.6]])
    assert profile_rows(np.array([-1.0, 2.0])).shape == (0, 2)
    assert np.allclose(profile_rows(np.array([1.0, -1.0, 1.0])), [[0.5**0.5, 0, -(0.5**0.5)]])


@pytest.mark.parametrize("wanted", [(1, 1), (1, 3), (4, 1)])
def test_a_run_ends_on_the_profile(wanted):
    """L_1 = ½|θ − a|², L_2 = ½|θ − b|²: on the segment between them every ratio of losses can be reached."""
    toy = Toy("ferero", 2, {"exchange": 0.0, "profile": {"task 1": wanted[0], "task 2": wanted[1]}})
    a, b = torch.tensor([0.0, 0.0], dtype=torch.float64), torch.tensor([0.6, 0.8], dtype=torch.float64)
    point = torch.tensor([0.9, -0.4], dtype=torch.float64)
    for _ in range(1500):
        gradients = torch.stack((point - a, point - b))
        losses = 0.5 * gradients.square().sum(1)
        point = point - 0.05 * toy.direction(gradients, losses)
    losses = 0.5 * torch.stack((point - a, point - b)).square().sum(1)
    assert (losses[0] / losses[1]).item() == pytest.approx(wanted[0] / wanted[1], rel=0.02)
    assert losses.sqrt().sum().item() == pytest.approx(0.5**0.5, rel=0.02)  # on the front: |θ − a| + |θ − b| = 1


def test_a_less_important_task_weighs_no_more_than_its_exchange_allows():
    gradients = torch.tensor([[10.0, 0.0], [0.0, 1.0]], dtype=torch.float64)  # MGDA would give nearly all to the second
    update = direction("ferero", gradients, exchange=3.0)
    assert update[1].item() == pytest.approx(2 * 0.25)
    assert direction("ferero", gradients, exchange=0.0)[1].item() == pytest.approx(2 * 100 / 101)


@pytest.mark.parametrize("profile", [{"task_0": 1.0}, {"task_0": 0.0, "task_1": 0.0}])
def test_a_profile_that_is_no_ratio_is_refused(profile):
    with pytest.raises(PrecedenceError, match="is no ratio; name at least two tasks, one of them above 0"):
        FEREROConfig(profile=profile).build(problem(1, 1))


# ---------------------------------------------------------------------- random weights


def test_random_weights_are_equal_in_the_mean_and_follow_from_the_seed():
    def weights(steps: int) -> torch.Tensor:
        toy = Toy("random", 3)
        seen = []
        for _ in range(steps):
            toy.direction(torch.zeros(3, 2), torch.ones(3))
            seen.append(toy.method.weights())
        return torch.stack(seen)

    found = weights(2000)
    assert torch.allclose(found.mean(0), torch.ones(3, dtype=found.dtype), atol=0.08)
    assert found.std(0).min() > 0.3
    assert torch.equal(found[:5], weights(5))
