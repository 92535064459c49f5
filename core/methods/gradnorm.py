"""GradNorm: weights that bring gradient norms to a common rate of training (Chen et al., ICML 2018)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core.lazy_torch import torch
from core.methods.gradients import Combined
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients, Given
from core.settings_field import setting

if TYPE_CHECKING:
    from torch import Tensor


class GradNormConfig(BaseConfig):
    """GradNorm: weights that bring the gradients' norms to a common rate of training."""

    kind: Literal["gradnorm"] = "gradnorm"
    restoring: float = setting(
        1.5,
        "Restoring force α",
        "How strongly a task that lags is pulled up.",
        group="Method",
        step=0.1,
        format="%.4f",
        ge=0,
        le=100,
    )
    rate: float = setting(
        0.025,
        "Learning rate of the weights",
        "How fast the method moves its own weights.",
        group="Method",
        step=0.005,
        format="%.4f",
        gt=0,
        le=10,
    )

    def build(self, problem: Problem) -> ByGradients:
        return ByGradients(GradNorm(self.restoring, self.rate), problem)


CARD = MethodCard(
    config=GradNormConfig,
    title="GradNorm",
    needs="gradients",
    guarantee="Weighted gradients move to a common length, longer for a task that lags.",
    cost=ONE_BACKWARD_A_TASK,
    fails="Length is balanced, direction is not: two opposed gradients stay opposed.",
    formula=r"\min_w \sum_k \big|\, w_k |g_k| - \bar n\, r_k^\alpha \,\big|",
    source="Chen et al., ICML 2018, §3",
    place=110,
)


class GradNorm:
    """w ← w − η ∇_w Σ_k | w_k |g_k| − n̄ r_k^α |,  then w scaled to Σ w = K                        (§3.1, algorithm 1)

    where
        n̄      mean of w_k |g_k|, taken as a constant
        r_k    relative inverse rate of training: (L_k / L_k(0)) / its mean over tasks
        α, η   `restoring`, `rate`

    Ours: norms over all shared parameters (the paper: the last shared layer), because they are at hand; slopes divided
    by the mean norm, so that η does not depend on the losses' unit; weights stay above 0.01.
    """

    def __init__(self, restoring: float, rate: float) -> None:
        self.restoring = restoring
        self.rate = rate
        self.begin([])

    def begin(self, chosen: list[int]) -> None:
        self.weights = torch.ones(len(chosen), dtype=torch.float64)
        self.first: Tensor | None = None

    def combine(self, given: Given) -> Combined:
        norms = given.gram.diagonal().clamp_min(0).sqrt()
        losses = given.losses.detach().to("cpu", torch.float64)
        if self.first is None:
            self.first = losses.clamp_min(1e-12)
        weights = self.weights
        if bool(norms.sum() > 0):
            progress = losses / self.first
            rate = progress / progress.mean()
            weighted = weights * norms
            wanted = weighted.mean() * rate**self.restoring
            slope = torch.sign(weighted - wanted) * norms / norms.mean()
            moved = (weights - self.rate * slope).clamp_min(0.01)
            self.weights = moved * (len(moved) / moved.sum())
        return Combined(given.gradients.weighted(weights), weights)

    def state_dict(self) -> dict[str, Any]:
        return {"weights": self.weights, "first": self.first}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.weights, self.first = state["weights"], state["first"]
