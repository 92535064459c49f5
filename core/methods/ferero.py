"""FERERO: preference-guided descent by a cone and a profile (Chen, Saif, Shen & Chen, NeurIPS 2024).

Multi-objective learning as constrained *vector* optimisation: what counts as better is a polyhedral cone,
C_A = {y : A y ≥ 0} (the relative preference), and losses are to lie where H = B ℓ = 0 (the absolute preference). The
direction of a step is that of one small program, given here as its dual, the one that the authors' code solves
(github.com/lisha-chen/FERERO, `find_min_norm_element_PGD_H`).

Ours: the dual is solved exactly by an active-set method and not by steps of projected gradient descent; the cone is
made from the order of priority; losses and gradients are relative to the best constant prediction; the Gram matrix is
brought to a scale of one, so that the pull of the profile does not depend on the length of the gradients. The paper's
inequality constraints are left out: bounds are what NMT is for. A batch gives both gradients and losses, as in the
authors' experiments; the paper's double sampling, which makes the stochastic estimate unbiased, would cost another
backward a task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.errors import PrecedenceError
from core.lazy_torch import torch
from core.methods.gradients import Combined
from core.methods.gram_rules import scaled
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, NonNegative, Problem
from core.methods.rule_adapters import ByGradients, Given
from core.settings_field import setting

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_RIDGE = 1e-9  # of the scaled program, whose matrix has more rows than there are gradients


class FEREROConfig(BaseConfig):
    """The common descent of all tasks in a cone that favours the more important, towards a profile of losses."""

    kind: Literal["ferero"] = "ferero"
    exchange: float = setting(
        1.0,
        "Exchange rate",
        "How much a fall of a more important task's loss is worth to each task below; 0 favours none.",
        group="Method",
        step=0.5,
        ge=0,
        le=1e6,
    )
    profile: dict[str, NonNegative] = setting(
        {}, "Profile", "The ratio in which losses, relative to a constant prediction's, are to stand; empty: any."
    )
    pull: float = setting(
        0.5,
        "Pull to the profile",
        "How fast a step closes the distance from the profile; the authors' experiments have a half.",
        group="Method",
        step=0.1,
        ge=0,
        le=1e3,
    )

    def build(self, problem: Problem) -> ByGradients:
        profile = problem.by_task(self.profile, default=-1.0)  # −1: not named
        if self.profile and (len(self.profile) < 2 or not bool((profile > 0).any())):
            raise PrecedenceError(
                f"A profile of {dict(self.profile)} is no ratio; name at least two tasks, one of them above 0."
            )
        return ByGradients(Ferero(problem.base, self.exchange, profile, self.pull), problem, ordered=True)


CARD = MethodCard(
    config=FEREROConfig,
    title="FERERO",
    needs="gradients",
    guarantee="Without a profile, to first order every task's loss falls, or those above it win more, r times over.",
    cost=ONE_BACKWARD_A_TASK,
    fails="The shortest gradient decides, as under MGDA, and a profile must be guessed before any loss is known.",
    formula=r"\min_{\lambda_f \in \Delta,\ \lambda_h} \tfrac12\,|w^\top g|^2 - c_h \lambda_h^\top H,"
    r"\quad w = A^\top \lambda_f + B^\top \lambda_h",
    source="Chen et al., NeurIPS 2024, arXiv 2412.01773, and the authors' code",
    place=250,
)


class Ferero:
    """update = Σ_k w_k g_k / b_k,   w = Aᵀ λ_f + Bᵀ λ_h,   (λ_f, λ_h) the minimum of

        ½ wᵀ (G/s) w − c_h λ_hᵀ H,   λ_f ≥ 0,  Σ λ_f = 1,  λ_h free

    the dual of  min_{d, t}  t + |d|²/2  with  A ∇ℓ·d ≤ t  and  ∇H·d = −c_h H:  all that the cone asks for falls as fast
    as it can together, while a step closes a share of the distance from the profile.

    where
        ℓ_k     L_k / b_k, b `base` [K]: losses relative to the best constant prediction; G [K, K] their Gram matrix
        s       mean of G's diagonal
        A       [K, K] rows (r, …, r, 1, 0, …) / (1 + (k − 1) r), r `exchange`: task k may lose what those above it win
                r times over; r = 0 is MGDA, and task k weighs at most 1 / (1 + (k − 1) r)
        H       B ℓ [M − 1], zero where losses stand in the ratio `profile` v: rows (v_j e_i − v_i e_j) / |(v_i, v_j)|
                for neighbours i, j of the M tasks that are named; with two tasks the authors' matrix
        c_h     `pull`
    Weights are multiplied by K and the mean of b, so that a step is as long as the plain sum's where b is equal for all
    tasks and gradients are equal. A task whose gradient is zero (no label in the batch) is left out.
    """

    def __init__(self, base: Tensor, exchange: float, profile: Tensor, pull: float) -> None:
        self.base = base
        self.exchange = exchange
        self.profile = profile
        self.pull = pull
        self.chosen: list[int] = list(range(len(base)))

    def begin(self, chosen: list[int]) -> None:
        self.chosen = chosen

    def combine(self, given: Given) -> Combined:
        base = self.base[self.chosen].to("cpu", torch.float64)
        known = (given.gram.diagonal() > 0).nonzero().flatten()
        weights = torch.zeros(len(base), dtype=torch.float64)
        if len(known):
            gram = (given.gram / torch.outer(base, base))[known][:, known]
            losses = (given.losses.to("cpu", torch.float64) / base)[known]
            wanted = self.profile[self.chosen].to("cpu", torch.float64)[known]
            found = preferred(
                scaled(gram).numpy(),
                cone(len(known), self.exchange),
                profile_rows(wanted.numpy()),
                losses.numpy(),
                self.pull,
            )
            weights[known] = torch.from_numpy(found) * len(known) / base[known] * base.mean()
        return Combined(given.gradients.weighted(weights), weights)

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        return None


def cone(tasks: int, exchange: float) -> NDArray[np.float64]:
    """A [K, K], the most important task first; each row sums to 1."""
    rows = np.tril(np.full((tasks, tasks), exchange), -1) + np.eye(tasks)
    return np.asarray(rows / rows.sum(1, keepdims=True))


def profile_rows(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """B [M − 1, K] for a profile [K], below 0 where a task is not named; no row where fewer than two are."""
    named = np.flatnonzero(profile >= 0)
    rows = [np.zeros(len(profile)) for _ in named[1:]]
    for row, i, j in zip(rows, named, named[1:], strict=False):
        row[i], row[j] = profile[j], -profile[i]
    lengths = [float(np.linalg.norm(row)) for row in rows]
    kept = [row / length for row, length in zip(rows, lengths, strict=True) if length > 0]  # 0 beside 0 asks nothing
    return np.stack(kept) if kept else np.zeros((0, len(profile)))


def preferred(
    gram: NDArray[np.float64],
    cone_rows: NDArray[np.float64],
    equal: NDArray[np.float64],
    losses: NDArray[np.float64],
    pull: float,
) -> NDArray[np.float64]:
    """w [K] of the dual above, from G/s [K, K], A [K, K], B [M − 1, K] and ℓ [K]."""
    from qpsolvers import solve_qp  # here, so that the registry loads no solver

    rows = np.concatenate((cone_rows, equal))
    free, first = len(equal), len(cone_rows)
    P = rows @ gram @ rows.T + _RIDGE * np.eye(len(rows))
    q = np.concatenate((np.zeros(first), -pull * (equal @ losses)))
    total = np.concatenate((np.ones(first), np.zeros(free)))[None]
    least = np.concatenate((np.zeros(first), np.full(free, -np.inf)))
    solved = solve_qp(P, q, A=total, b=np.ones(1), lb=least, solver="quadprog")
    if solved is None:  # the ridge makes it strictly convex, so only numbers out of range come here
        return np.asarray(cone_rows.mean(0))
    return np.asarray(rows.T @ solved)
