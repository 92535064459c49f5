"""Nash-MTL: the bargaining solution among tasks (Navon et al., ICML 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.lazy_torch import torch
from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients

if TYPE_CHECKING:
    from torch import Tensor

_STEPS = 100
_CLOSE = 1e-12
_RIDGE = 1e-8  # of the mean squared length, so that dependent gradients leave one solution


class NashConfig(BaseConfig):
    """The Nash bargaining solution among tasks."""

    kind: Literal["nash_mtl"] = "nash_mtl"

    def build(self, problem: Problem) -> ByGradients:
        return ByGradients(GramRule(nash_weights), problem)


CARD = MethodCard(
    config=NashConfig,
    title="Nash-MTL",
    needs="gradients",
    guarantee="Every loss falls to first order, and no loss's unit matters for the direction.",
    cost=ONE_BACKWARD_A_TASK,
    fails="Near a stationary point, where gradients are almost dependent, weights become large.",
    formula=r"G\,w = 1/w",
    source="Navon et al., ICML 2022, §3",
    place=190,
    pictured=True,
)


def nash_weights(gram: Tensor) -> Tensor:
    """w [K] > 0 with  (G w)_k = 1 / w_k  for every k (claim 3.1), scaled to Σ w = 1.

    It is the minimum of the strictly convex  ½ wᵀ G w − Σ log w_k,  found here by damped Newton steps; the paper and
    TorchJD follow a sequence of linearised programs with a general solver, which costs more than a training step and,
    in TorchJD's own words, has flaws. The length of the paper's update, √K whatever the gradients, is a learning rate;
    ours leaves that to the optimiser.
    """
    K = len(gram)
    lengths = gram.diagonal().sqrt()
    G = gram / torch.outer(lengths, lengths) + _RIDGE * torch.eye(K, dtype=gram.dtype)  # w_k = v_k / |g_k|
    v = torch.ones(K, dtype=gram.dtype)
    for _ in range(_STEPS):
        slope = G @ v - 1 / v
        step = torch.linalg.solve(G + torch.diag(v**-2), slope)
        decrement = float(slope @ step)
        if decrement < _CLOSE:
            break
        v = v - step / (1 + max(decrement, 0.0) ** 0.5)  # self-concordant: this damping keeps v positive
    weights = v / lengths
    return weights / weights.sum()
