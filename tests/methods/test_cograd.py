"""CoGrad against what can be derived: limits, closed forms on quadratics, finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.errors import PrecedenceError
from core.insight.given_gradients import Toy, direction
from core.insight.landscapes import LANDSCAPES
from core.methods.gradients import TaskGradients, Update

CURVATURES = ["diagonal", "fisher_diagonal", "exact", "lookahead"]


def drawn(tasks: int, size: int, seed: int = 0) -> Tensor:
    return torch.randn(tasks, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Quadratics:
    """L_k = ½ (θ − a_k)ᵀ H_k (θ − a_k), all known."""

    def __init__(self, tasks: int, size: int, seed: int = 0) -> None:
        root = torch.randn(tasks, size, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        self.hessians = root @ root.transpose(1, 2)
        self.centres = drawn(tasks, size, seed + 1)
        self.theta = drawn(1, size, seed + 2)[0]

    def gradients(self, theta: Tensor) -> Tensor:
        return torch.einsum("kpq,kq->kp", self.hessians, theta - self.centres)

    def losses(self, theta: Tensor) -> Tensor:
        off = theta - self.centres
        return 0.5 * torch.einsum("kp,kpq,kq->k", off, self.hessians, off)

    def gradient_at(self, k: int, shift: Update) -> Update:
        return Update(shift.touched, shift.rows, (self.gradients(self.theta - shift.trunk[0])[k],))

    def curvature_along(self, k: int, direction: Update) -> Update:
        return Update(direction.touched, direction.rows, (self.hessians[k] @ direction.trunk[0],))


@pytest.mark.parametrize("curvature", CURVATURES)
def test_no_strength_is_the_plain_sum(curvature):
    gradients = drawn(3, 6)
    assert torch.allclose(direction("cograd", gradients, gamma=0.0, curvature=curvature), gradients.sum(0))


def test_two_equal_tasks_are_damped_by_the_cube():
    """ĝ = g − γ g³, coordinate by coordinate, for each of the two."""
    gradient = drawn(1, 6)[0]
    update = direction("cograd", torch.stack((gradient, gradient)), gamma=0.05, normalise=False)
    assert torch.allclose(update, 2 * (gradient - 0.05 * gradient**3), atol=1e-14)


def test_the_diagonal_rule_is_the_papers_formula():
    gradients, gammas = drawn(3, 7), [0.01, 0.02, 0.03]
    named = {f"task {k + 1}": gamma for k, gamma in enumerate(gammas)}
    expected = sum(
        gradients[i] - sum(gammas[j] * gradients[i] ** 2 * gradients[j] for j in range(3) if j != i) for i in range(3)
    )
    found = direction("cograd", gradients, gammas=named, normalise=False)
    assert torch.allclose(found, expected, atol=1e-14)


def test_agreement_is_damped_and_conflict_amplified():
    gradients = torch.tensor([[1.0, 1.0], [1.0, -0.5]], dtype=torch.float64)
    change = direction("cograd", gradients, gamma=0.1) - gradients.sum(0)
    assert change[0] < 0  # both pull the same way: less of it
    assert change[1] * (gradients[0, 1] * gradients[1, 1]) != 0
    one_sided = direction("cograd", torch.tensor([[1.0], [-0.5]], dtype=torch.float64), gamma=0.1, normalise=False)
    assert one_sided[0] > 0.5  # they oppose each other: the stronger gets more than the plain 0.5


@pytest.mark.parametrize("curvature", ["exact", "lookahead"])
def test_on_quadratics_the_correction_is_known_in_closed_form(curvature):
    """c_i = H_i Σ_{j≠i} γ g_j, for the look-ahead too, because a quadratic has no third derivative."""
    problem = Quadratics(3, 4)
    gradients = problem.gradients(problem.theta)
    expected = gradients.sum(0)
    for i in range(3):
        others = sum(gradients[j] for j in range(3) if j != i)
        expected = expected - problem.hessians[i] @ (0.01 * others)
    toy = Toy("cograd", 3, options={"gamma": 0.01, "curvature": curvature, "normalise": False})
    found = toy.direction(gradients, problem.losses(problem.theta), problem)
    assert torch.allclose(found, expected, atol=1e-10)


def test_it_descends_the_losses_and_raises_transference():
    """ĝ of `exact` is the gradient of ΣL − (β/η) Σ_{i<j} T_{i→j} to first order in η: on quadratics by differences."""
    problem, step, strength = Quadratics(2, 3), 1e-5, 0.02

    def aim(theta: Tensor) -> Tensor:
        losses, gradients = problem.losses(theta), problem.gradients(theta)
        gained = losses[1] - problem.losses(theta - step * gradients[0])[1]  # T_{1→2}, equal to T_{2→1} at order η
        return losses.sum() - strength / step * gained

    differences = []
    for axis in torch.eye(3, dtype=torch.float64):
        differences.append((aim(problem.theta + 1e-4 * axis) - aim(problem.theta - 1e-4 * axis)) / 2e-4)
    toy = Toy("cograd", 2, options={"gamma": strength, "curvature": "exact", "normalise": False})
    found = toy.direction(problem.gradients(problem.theta), torch.ones(2), problem)
    assert torch.allclose(found, torch.stack(differences), rtol=2e-3, atol=1e-2)


def test_exact_equals_finite_differences_and_lookahead_comes_to_it_linearly():
    """On a surface with third derivatives."""
    from core.insight.landscapes import _Replay

    surface = LANDSCAPES["valley"]
    theta = torch.tensor([0.7, -0.4], dtype=torch.float64)
    losses, gradients = surface.gradients(theta)
    again = _Replay(surface, theta)

    def found(curvature: str, gamma: float) -> Tensor:
        options = {"gamma": gamma, "curvature": curvature, "normalise": False}
        return Toy("cograd", 2, options=options).direction(gradients, losses, again)

    small = 1e-6
    along = []
    for i in range(2):
        up = surface.gradients(theta + small * gradients[1 - i])[1][i]
        along.append((up - surface.gradients(theta - small * gradients[1 - i])[1][i]) / (2 * small))
    assert torch.allclose(gradients.sum(0) - found("exact", 0.001), 0.001 * (along[0] + along[1]), rtol=1e-4)

    def relative_gap(gamma: float) -> float:
        return ((found("exact", gamma) - found("lookahead", gamma)).norm() / gamma).item()

    assert relative_gap(1e-4) / relative_gap(5e-5) == pytest.approx(2, rel=0.02)


def test_the_running_curvature_is_the_mean_of_squares():
    toy = Toy("cograd", 2, options={"gamma": 0.1, "curvature": "fisher_diagonal", "normalise": False, "decay": 0.5})
    steps = [drawn(2, 4, seed) for seed in range(3)]
    for gradients in steps:
        found = toy.direction(gradients, torch.ones(2))
    weights = torch.tensor([0.25, 0.5, 1.0], dtype=torch.float64)
    mean = sum(w * g**2 for w, g in zip(weights, steps, strict=True)) / weights.sum()
    expected = steps[-1].sum(0) - 0.1 * (mean[0] * steps[-1][1] + mean[1] * steps[-1][0])
    assert torch.allclose(found, expected, atol=1e-12)


def test_table_rows_keep_one_running_square_each():
    """Rows come and go between batches; the same row meets its own mean again."""
    toy = Toy("cograd", 2, options={"gamma": 0.1, "curvature": "fisher_diagonal", "normalise": False, "decay": 0.5})
    trunk = (torch.zeros(2, 1, dtype=torch.float64),)
    rows = [drawn(2, 2 * 3, seed).view(2, 2, 3) for seed in range(2)]
    method = toy.method
    for touched, value in zip((torch.tensor([1, 4]), torch.tensor([4, 6])), rows, strict=True):
        update = method.combine(TaskGradients(touched, value, trunk)).update  # type: ignore[attr-defined]
    was, now = rows[0][:, 1].square().mean(1), rows[1][:, 0].square().mean(1)  # of row 4
    mean = (0.25 * was + 0.5 * now) / 0.75
    expected = rows[1][:, 0].sum(0) - 0.1 * (mean[0] * rows[1][1, 0] + mean[1] * rows[1][0, 0])
    assert torch.allclose(update.rows[0], expected, atol=1e-12)


def test_the_correction_is_reported_and_shrinks_to_nothing_with_the_papers_strength():
    """Mean-reduced losses have gradients of about 0.1: γ = 0.01 then does next to nothing, and a user sees it."""
    gradients = TaskGradients.of_matrix(0.1 * drawn(2, 50) / 7)
    as_published = Toy("cograd", 2, options={"gamma": 0.01, "normalise": False}).method
    ours = Toy("cograd", 2).method
    assert as_published.combine(gradients).correction < 1e-4  # type: ignore[attr-defined]
    assert 0.01 < ours.combine(gradients).correction < 0.5  # type: ignore[attr-defined]


def test_curvature_that_must_ask_again_says_so_where_it_cannot():
    with pytest.raises(PrecedenceError, match="choose 'diagonal'"):
        direction("cograd", drawn(2, 3), curvature="exact")
