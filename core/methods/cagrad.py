"""CAGrad: the best worst-case progress within a ball around the mean gradient (Liu et al., NeurIPS 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from core.lazy_torch import torch
from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients
from core.settings_field import setting

if TYPE_CHECKING:
    from torch import Tensor

_ROUNDS = 60
_CLOSE = 1e-10  # relative change of |g_w| that ends the search


class CAGradConfig(BaseConfig):
    """Conflict-averse: the best worst-case progress near the mean gradient."""

    kind: Literal["cagrad"] = "cagrad"
    radius: float = setting(
        0.5,
        "Radius",
        "c: how far from the mean gradient, as a share of its length.",
        group="Method",
        step=0.1,
        format="%.4f",
        ge=0,
        lt=1,
    )

    def build(self, problem: Problem) -> ByGradients:
        return ByGradients(GramRule(lambda gram: cagrad_weights(gram, self.radius)), problem)


CARD = MethodCard(
    config=CAGradConfig,
    title="CAGrad",
    needs="gradients",
    guarantee="The best progress of the worst-off task within a ball around the mean gradient.",
    cost=ONE_BACKWARD_A_TASK,
    fails="The worst-off task is judged by the length of its gradient, so scales matter.",
    formula=r"\max_d \min_k\ g_k \cdot d \quad \text{s.t. } |d - g_0| \le c\,|g_0|",
    source="Liu et al., NeurIPS 2021, algorithm 1",
    place=160,
    pictured=True,
)


def cagrad_weights(gram: Tensor, radius: float) -> Tensor:
    """Weights [K], sum 1 + c |g_0|/|g_w|, of

        d = g_0 + (c |g_0| / |g_w|) g_w,   g_w = Σ w_k g_k,
        w = argmin over the simplex of  ⟨g_w, g_0⟩ + c |g_0| |g_w|                         (algorithm 1, the dual)

    where
        g_0     mean gradient
        c       `radius`
        gram    [K, K]

    |x| = min over t > 0 of (|x|²/t + t)/2, so the dual is solved by turns: a quadratic program in w, then t = |g_w|.
    The problem is convex in (w, t), so this descends to its optimum. TorchJD's CAGrad builds and solves a cvxpy
    problem at each step, several times the cost of a whole training step here; the solutions agree.
    """
    from qpsolvers import solve_qp  # here, so that the registry loads no solver

    G = gram.numpy()
    K = len(G)
    to_mean = G.mean(1)  # ⟨g_k, g_0⟩
    reach = radius * float(np.sqrt(max(G.mean(), 0.0)))  # c |g_0|
    if reach == 0:
        return torch.full((K,), 1 / K, dtype=gram.dtype)
    w = np.full(K, 1 / K)
    length = _length(G, w)
    for _ in range(_ROUNDS):
        t = max(length, 1e-9)
        P = G * (reach / t) + 1e-12 * np.eye(K)
        solved = solve_qp(P, to_mean, A=np.ones((1, K)), b=np.ones(1), lb=np.zeros(K), solver="quadprog")
        if solved is None:
            break
        w, before = solved, length
        length = _length(G, w)
        if abs(length - before) <= _CLOSE * max(length, 1e-9):
            break
    if length < 1e-6:  # the hull holds the origin: nothing lowers every loss
        return torch.zeros(K, dtype=gram.dtype)
    return torch.from_numpy(1 / K + w * (reach / length))


def _length(G: np.ndarray, w: np.ndarray) -> float:
    return float(np.sqrt(max(w @ G @ w, 0.0)))
