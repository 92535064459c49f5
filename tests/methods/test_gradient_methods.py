"""Properties of every registered method that combines task gradients; pinned oracles where one exists."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.errors import PrecedenceError
from core.insight.given_gradients import Toy, direction
from core.methods.cagrad import cagrad_weights
from core.methods.nash_mtl import nash_weights
from core.methods.registry import METHODS

GRADIENT_KINDS = [kind for kind, card in METHODS.items() if card.needs == "gradients"]
SPECIAL = tuple(kind for kind, card in METHODS.items() if card.staged or card.alone)
LOSS_KINDS = [kind for kind, card in METHODS.items() if card.needs == "losses" and kind not in SPECIAL]
ORDERED = ("pcd", "metabalance", "dynamic_barrier", "lambda_ladder", "ferero", *SPECIAL)  # the first task is special
RANDOM_ORDER = ("pcgrad", "gradvac")  # the order of projections is drawn
DRAWN = ("random",)  # weights by position in the order of the data


def drawn(tasks: int, size: int, seed: int) -> Tensor:
    return torch.randn(tasks, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("kind", METHODS)
def test_one_task_is_the_plain_step_bit_for_bit(kind):
    gradient = drawn(1, 7, 0)
    assert torch.equal(direction(kind, gradient), gradient[0])


@pytest.mark.parametrize("kind", [kind for kind in METHODS if kind not in (*ORDERED, *RANDOM_ORDER, *DRAWN)])
@settings(max_examples=10, deadline=None)
@given(tasks=st.integers(2, 4), seed=st.integers(0, 10**6), data=st.data())
def test_tasks_may_be_listed_in_any_order(kind, tasks, seed, data):
    gradients, losses = drawn(tasks, 6, seed), torch.rand(tasks, dtype=torch.float64) + 0.5
    order = data.draw(st.permutations(range(tasks)))
    one = direction(kind, gradients, losses)
    other = direction(kind, gradients[order], losses[order])
    assert torch.allclose(one, other, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", RANDOM_ORDER)
def test_two_tasks_leave_nothing_to_a_random_order(kind):
    gradients = drawn(2, 6, 1)
    assert torch.allclose(direction(kind, gradients), direction(kind, gradients.flip(0)), atol=1e-12)


@pytest.mark.parametrize("kind", ["pcd", "metabalance"])
def test_tasks_after_the_first_may_be_listed_in_any_order(kind):
    gradients = drawn(4, 6, 2)
    for order in itertools.permutations((1, 2, 3)):
        assert torch.allclose(direction(kind, gradients), direction(kind, gradients[[0, *order]]), atol=1e-9)


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize("scale", [1e-10, 1e-4, 1e4, 1e10])
def test_a_method_does_the_same_at_any_scale(kind, scale):
    gradients = drawn(3, 8, 3)
    at_one, scaled = direction(kind, gradients), direction(kind, gradients * scale)
    assert torch.allclose(scaled / scale, at_one, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", [kind for kind in METHODS if kind not in (*ORDERED, "cograd", "cagrad")])
@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_equal_gradients_are_added_up(kind, tasks):
    """So methods differ in direction, not in the length of a step. (CAGrad goes 1 + c times as far, as published.)"""
    gradients = drawn(1, 5, 4).repeat(tasks, 1)
    assert torch.allclose(direction(kind, gradients), gradients.sum(0), rtol=1e-4)


@pytest.mark.parametrize("kind", METHODS)
def test_no_gradient_at_all_gives_no_update(kind):
    assert direction(kind, torch.zeros(3, 4)).abs().max() == 0


@pytest.mark.parametrize("kind", METHODS)
def test_a_task_without_a_gradient_leaves_a_finite_update(kind):
    gradients = drawn(3, 4, 5)
    gradients[1] = 0
    assert torch.isfinite(direction(kind, gradients)).all()


@pytest.mark.parametrize("kind", GRADIENT_KINDS)
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_gradient_that_is_not_finite_is_refused_by_name(kind, bad):
    gradients = drawn(3, 4, 6)
    gradients[1, 2] = bad
    with pytest.raises(PrecedenceError, match="task 2"):
        direction(kind, gradients)
    with pytest.raises(PrecedenceError, match="'task 2' is not finite"):  # as in training, with no check before
        Toy(kind, 3).direction(gradients, torch.ones(3))


@pytest.mark.parametrize("kind", ["upgrad", "dualproj", "mgda", "nash_mtl", "config"])
@settings(max_examples=20, deadline=None)
@given(tasks=st.integers(2, 4), seed=st.integers(0, 10**6))
def test_no_loss_rises_to_first_order(kind, tasks, seed):
    gradients = drawn(tasks, 6, seed)
    progress = gradients @ direction(kind, gradients)
    lengths = gradients.norm(dim=1) * direction(kind, gradients).norm()
    assert (progress >= -2e-3 * lengths).all()  # the regularisation of the quadratic programs; MGDA's early stop


@settings(max_examples=20, deadline=None)
@given(tasks=st.integers(2, 4), seed=st.integers(0, 10**6))
def test_the_dynamic_barrier_keeps_the_progress_of_all_above(tasks, seed):
    """Level by level; and of two tasks it is the nearest update to the second gradient that does."""
    gradients = drawn(tasks, 6, seed)
    above = direction("dynamic_barrier", gradients[:-1])
    update = direction("dynamic_barrier", gradients) / tasks * max(1, tasks - 1)  # both lengths count their tasks
    assert update @ above >= (above @ above) * (1 - 1e-6)
    if tasks == 2:
        multiplier = max(0.0, 1 - float(gradients[1] @ gradients[0] / (gradients[0] @ gradients[0])))
        assert torch.allclose(update, gradients[1] + multiplier * gradients[0], atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(angle=st.floats(0.05, 3.0), length=st.floats(0.2, 5.0))
def test_pcgrad_on_two_tasks_is_the_projection_onto_the_dual_cone(angle, length):
    """Each gradient's nearest point with no negative product with either: computed here from first principles."""
    angle, length = torch.tensor(angle, dtype=torch.float64), torch.tensor(length, dtype=torch.float64)
    one = torch.tensor([1.0, 0.0], dtype=torch.float64)
    other = length * torch.stack((angle.cos(), angle.sin()))
    expected = nearest(one, other) + nearest(other, one)
    gradients = torch.stack((one, other))
    assert torch.allclose(direction("pcgrad", gradients), expected, atol=1e-9)
    assert torch.allclose(direction("upgrad", gradients), expected, atol=5e-3 * (1 + length.item()))


def nearest(vector: Tensor, other: Tensor) -> Tensor:
    """The point of {d : d·other ≥ 0} nearest to `vector`; between two tasks it also keeps d·vector ≥ 0."""
    product = vector @ other
    return vector if product >= 0 else vector - product / (other @ other) * other


def test_mgda_is_the_shortest_vector_of_the_hull():
    gradients = drawn(2, 6, 8)
    gradients[1] -= 0.5 * gradients[0]
    shares = torch.linspace(0, 1, 20001, dtype=torch.float64)[:, None]
    hull = shares * gradients[0] + (1 - shares) * gradients[1]
    shortest = hull[hull.norm(dim=1).argmin()]
    assert torch.allclose(direction("mgda", gradients) / 2, shortest, atol=1e-3)


def test_imtl_g_projects_equally_on_all():
    gradients = drawn(4, 9, 9)
    shadows = (gradients / gradients.norm(dim=1, keepdim=True)) @ direction("imtl_g", gradients)
    assert torch.allclose(shadows, shadows[:1].expand(4), rtol=1e-8)


def test_config_stands_at_one_angle_to_all():
    gradients = drawn(4, 9, 10)
    shadows = (gradients / gradients.norm(dim=1, keepdim=True)) @ direction("config", gradients)
    assert torch.allclose(shadows, shadows[:1].expand(4), rtol=1e-6)
    assert shadows[0] > 0


@pytest.mark.parametrize("tasks", [2, 3, 5])
def test_nash_solves_the_bargaining_equation(tasks):
    gradients = drawn(tasks, 12, 11)
    gram = gradients @ gradients.T
    weights = nash_weights(gram)
    products = weights * (gram @ weights)  # the paper's G w = 1 / w, up to the length of w
    assert torch.allclose(products, products[:1].expand(tasks), rtol=1e-5)
    assert weights.sum().item() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("radius", [0.2, 0.5, 0.9])
def test_cagrad_reaches_the_optimum_of_its_dual(seed, radius):
    """Against the best of a fine grid over the simplex of three tasks."""
    gradients = drawn(3, 5, 20 + seed)
    gram = gradients @ gradients.T
    mean = gradients.mean(0)
    reach = radius * mean.norm()
    grid = torch.tensor([(a, b, 100 - a - b) for a in range(101) for b in range(101 - a)], dtype=torch.float64) / 100
    worst = ((grid @ gradients) @ mean + reach * (grid @ gradients).norm(dim=1)).min()
    found = cagrad_weights(gram, radius) - 1 / 3  # (c |g0| / |g_w|) w
    w = found / found.sum()
    assert (w @ gradients) @ mean + reach * (w @ gradients).norm() <= worst + 1e-6
    update = mean + reach * (w @ gradients) / (w @ gradients).norm()
    assert torch.allclose(cagrad_weights(gram, radius) @ gradients, update, atol=1e-6)


def test_gradnorm_lifts_the_shorter_gradient():
    toy = Toy("gradnorm", 2)
    gradients = torch.tensor([[1.0, 0.0], [0.0, 10.0]])
    for _ in range(200):
        toy.direction(gradients, torch.ones(2))
    weights = toy.method.weights()
    assert weights[0] * 1 == pytest.approx((weights[1] * 10).item(), rel=0.3)
    assert weights.sum().item() == pytest.approx(2)


def test_metabalance_brings_lengths_to_the_targets():
    gradients = torch.tensor([[1.0, 0.0], [0.0, 10.0], [0.0, 0.1]], dtype=torch.float64)
    assert torch.allclose(direction("metabalance", gradients, relax=1.0), torch.tensor([1.0, 2.0], dtype=torch.float64))
    reduced = direction("metabalance", gradients, relax=1.0, strategy="reduce")
    assert torch.allclose(reduced, torch.tensor([1.0, 1.1], dtype=torch.float64))
    enlarged = direction("metabalance", gradients, relax=1.0, strategy="enlarge")
    assert torch.allclose(enlarged, torch.tensor([1.0, 11.0], dtype=torch.float64))
    assert torch.equal(direction("metabalance", gradients, relax=0.0), gradients.sum(0))


def test_pcd_follows_the_first_task_and_keeps_its_promise():
    gradients = torch.tensor([[1.0, 0.0], [-0.8, 0.6]], dtype=torch.float64)
    update = direction("pcd", gradients, promise=0.1)
    assert update.norm().item() == pytest.approx(1)
    assert gradients[1] @ update >= 0.1 * update.norm() - 1e-6
    assert gradients[0] @ update > 0


def test_graddrop_keeps_one_sign_a_coordinate():
    gradients = drawn(3, 200, 12)
    update = direction("graddrop", gradients)
    up, down = gradients.clamp_min(0).sum(0), gradients.clamp_max(0).sum(0)
    assert torch.all(torch.isclose(update, up) | torch.isclose(update, down))


@pytest.mark.parametrize("kind", LOSS_KINDS)
def test_weights_from_losses_are_positive_and_sum_to_the_number_of_tasks(kind):
    toy = Toy(kind, 3)
    for step in range(50):
        losses = torch.tensor([1.0, 0.5, 0.1]) * 0.99**step + 0.1
        toy.direction(drawn(3, 2, step), losses)
        if toy.method.looks_back:
            toy.method.look_back(losses.double() * 0.99)
    weights = toy.method.weights()
    assert (weights > 0).all()
    assert weights.sum().item() == pytest.approx(3)


def test_smooth_tchebycheff_puts_its_weight_on_the_task_that_is_worst_off():
    toy = Toy("stch", 3, options={"smoothness": 0.01})
    toy.direction(drawn(3, 2, 0), torch.tensor([0.2, 0.9, 0.5]))
    assert toy.method.weights()[1] > 2.99


def test_uncertainty_comes_to_the_inverse_of_the_losses():
    toy = Toy("uncertainty", 2, options={"rate": 0.05})
    for step in range(600):
        toy.direction(drawn(2, 2, step), torch.tensor([1.0, 0.25]))
    weights = toy.method.weights()
    assert (weights[1] / weights[0]).item() == pytest.approx(4, rel=0.02)


def test_unknown_names_and_options_end_with_a_sentence():
    with pytest.raises(PrecedenceError, match="There is no method 'magic'"):
        direction("magic", torch.ones(2, 2))
    with pytest.raises(PrecedenceError, match="'radius' = 7"):
        direction("cagrad", torch.ones(2, 2), radius=7)
    with pytest.raises(PrecedenceError, match="One gradient a task"):
        direction("cagrad", torch.ones(2))
