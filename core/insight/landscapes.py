"""Two losses over a plane, and the way every method walks on them from the same start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.errors import PrecedenceError
from core.insight.given_gradients import Toy
from core.methods.gradients import Update
from core.methods.interface import Stage
from core.methods.registry import METHODS

_FAR = 1e3  # a path that leaves this many widths behind has diverged


@dataclass(frozen=True)
class Landscape:
    """A two-task surface. `losses`: θ [.., 2] → [.., 2]; `low`, `high`: the corners of the picture."""

    title: str
    about: str
    losses: Callable[[Tensor], Tensor]
    low: tuple[float, float]
    high: tuple[float, float]
    starts: tuple[tuple[float, float], ...]
    optima: tuple[tuple[float, float], ...]  # of each task alone
    tolerance: float  # NMT's ε: how far task 1 may rise above its optimum while task 2 is lowered
    rate: float  # a learning rate that walks well
    facts: tuple[str, ...]  # what is known exactly

    def gradients(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Losses [2] and their gradients [2, 2] at θ [2], float64."""
        at = theta.detach().double().requires_grad_()
        value = self.losses(at)
        rows = [torch.autograd.grad(value[k], at, retain_graph=k == 0)[0] for k in range(2)]
        return value.detach(), torch.stack(rows)


@dataclass(frozen=True)
class Point:
    """One step of a path: where it is, both losses there, and NMT's stage and multiplier."""

    x: float
    y: float
    losses: tuple[float, float]
    stage: int = 0
    multiplier: float = 0.0


def path(
    landscape: str,
    kind: str,
    start: tuple[float, float],
    steps: int = 200,
    rate: float | None = None,
    tolerance: float | None = None,
    **options: Any,
) -> list[Point]:
    """θ ← θ − rate · direction, `steps` times, from `start`; steps + 1 points, fewer where the path diverges.

    NMT lowers task 1 for the first third, then task 2 under the bound L_1 ≤ (L_1 reached) + ε, ε = `tolerance`; its
    dual step comes before each primal one. `options`: fields of the method's config.
    """
    if landscape not in LANDSCAPES:
        raise PrecedenceError(f"There is no landscape '{landscape}'; choose from {', '.join(LANDSCAPES)}.")
    if steps < 1:
        raise PrecedenceError(f"A path of {steps} steps cannot be walked; give at least 1.")
    surface = LANDSCAPES[landscape]
    theta = torch.tensor(start, dtype=torch.float64)
    if theta.shape != (2,) or not bool(torch.isfinite(theta).all()):
        raise PrecedenceError(f"The start {start} is no point of the plane; give two finite numbers.")
    step_length = surface.rate if rate is None else rate
    allowed = surface.tolerance if tolerance is None else tolerance
    noiseless = METHODS[kind].noiseless if kind in METHODS else {}
    toy = Toy(kind, 2, options={**noiseless, **options})
    far = _FAR * max(high - low for low, high in zip(surface.low, surface.high, strict=True))
    stages = toy.method.stages((0, 1))
    change_at = steps // 3 if len(stages) > 1 else steps + 1
    toy.method.begin(stages[0])
    bound, stage = 0.0, 0
    out: list[Point] = []
    for step in range(steps + 1):
        losses, gradients = surface.gradients(theta)
        if step == change_at:
            stage, bound = 1, losses[0].item() + allowed
            toy.method.begin(stages[1])
        if stage == 1:
            violation = torch.stack((losses[0] - bound, torch.zeros_like(losses[0])))
            toy.method.observe(violation, torch.zeros(2, dtype=torch.bool))
        multiplier = toy.method.multipliers[0].item()
        x, y = theta.tolist()
        out.append(Point(x, y, (losses[0].item(), losses[1].item()), stage, multiplier))
        update = _direction(toy, stages[stage], gradients, losses, surface, theta)
        moved = theta - step_length * update
        if not bool(torch.isfinite(moved).all()) or moved.abs().max() > far:
            break
        theta = moved
        if toy.method.looks_back:
            toy.method.look_back(surface.gradients(theta)[0])
    return out


def _direction(toy: Toy, stage: Stage, gradients: Tensor, losses: Tensor, surface: Landscape, theta: Tensor) -> Tensor:
    if stage.constraints or len(stage.objective) == 1:  # a single task is improved: the method's own weights
        return toy.method.weights() @ gradients
    return toy.direction(gradients, losses, _Replay(surface, theta))


class _Replay:
    """The surface asked again for curvature, as CoGrad's `exact` and `lookahead` want it."""

    def __init__(self, surface: Landscape, theta: Tensor) -> None:
        self.surface = surface
        self.theta = theta

    def gradient_at(self, k: int, shift: Update) -> Update:
        _, gradients = self.surface.gradients(self.theta - shift.trunk[0])
        return Update(shift.touched, shift.rows, (gradients[k],))

    def curvature_along(self, k: int, direction: Update) -> Update:
        at = self.theta.detach().double().requires_grad_()
        (slope,) = torch.autograd.grad(self.surface.losses(at)[k], at, create_graph=True)
        (product,) = torch.autograd.grad(slope @ direction.trunk[0], at, materialize_grads=True)
        return Update(direction.touched, direction.rows, (product,))


# ---------------------------------------------------------------------- the surfaces


def _valley(theta: Tensor) -> Tensor:
    x, y = theta[..., 0], theta[..., 1]
    off = 5 * (y - x**2) ** 2
    return torch.stack(((x - 1) ** 2 + off, (x + 1) ** 2 + off), -1)


def _concave(theta: Tensor) -> Tensor:
    x, y = theta[..., 0], theta[..., 1]
    return torch.stack((1 - torch.exp(-((x + 1) ** 2) - y**2), 1 - torch.exp(-((x - 1) ** 2) - y**2)), -1)


def _quadratic(theta: Tensor) -> Tensor:
    x, y = theta[..., 0], theta[..., 1]
    return torch.stack((0.5 * (x**2 + y**2), 0.5 * ((x - 0.6) ** 2 + (y - 0.8) ** 2)), -1)


LANDSCAPES: dict[str, Landscape] = {
    "valley": Landscape(
        title="Two ends of one bent valley",
        about="Both tasks want the valley y = x², each its own end of it: L = (x ∓ 1)² + 5 (y − x²)².",
        losses=_valley,
        low=(-2.0, -1.0),
        high=(2.0, 3.0),
        starts=((-1.5, -0.5), (1.7, 0.0), (0.2, 2.5)),
        optima=((1.0, 1.0), (-1.0, 1.0)),
        tolerance=0.5,
        rate=0.01,
        facts=(
            "The Pareto set is the valley's floor y = x² between x = −1 and x = 1.",
            "With tolerance ε the best point for task 2 is at x = 1 − √ε.",
        ),
    ),
    "concave": Landscape(
        title="A concave front",
        about="Two smooth pits: L = 1 − exp(−|θ − a|²). The front between them bulges the wrong way.",
        losses=_concave,
        low=(-2.0, -1.5),
        high=(2.0, 1.5),
        starts=((-0.3, 1.2), (0.4, 1.2), (0.1, -1.2)),
        optima=((-1.0, 0.0), (1.0, 0.0)),
        tolerance=0.3,
        rate=0.05,
        facts=(
            "The Pareto set is the line from (−1, 0) to (1, 0).",
            "Between the pits no weights of a sum end in the middle: they fall into one of the two ends.",
        ),
    ),
    "quadratic": Landscape(
        title="NMT's own example",
        about="Two round bowls a distance 1 apart: L = ½ |θ − a|², where all numbers are known exactly.",
        losses=_quadratic,
        low=(-0.7, -0.5),
        high=(1.3, 1.3),
        starts=((-0.4, 0.9), (1.0, -0.2), (-0.5, -0.3)),
        optima=((0.0, 0.0), (0.6, 0.8)),
        tolerance=0.02,
        rate=0.1,
        facts=(
            "The Pareto set is the line between the two optima.",
            "With tolerance ε the solution is a distance √(2ε) from task 1's optimum, with multiplier 1/√(2ε) − 1: "
            "0.2 and 4 at ε = 0.02.",
        ),
    ),
}
