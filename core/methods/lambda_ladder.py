"""λ-ladder exponential loss: one smooth objective whose minimisers approach the lexicographic optimum.

Abernethy, Schapire & Syed (AISTATS 2024, arXiv 2405.01387) show that minimisers of Σ_k exp(c x_k) over a stable set
approach its lexicographic optimum as c grows: first the largest x is as small as can be, then the second largest, and
so on. Calanzone, Gazzé & Bacon (NeurIPS 2025 workshop) turn this into a *given* order: each loss stands on a rung of a
ladder, so high that the sorted order is the order of priority; a sharpness c and a gap δ bound how much a less
important loss leaks in, and everything is evaluated in logarithms. Of theirs the abstract alone could be read; the
form below is derived from it and from the first paper.

Ours: losses are taken relative to the best constant prediction, which makes the rungs' unit; the leakage is the
setting, and the gap follows from it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from core.errors import PrecedenceError
from core.lazy_torch import torch
from core.methods.interface import ONE_BACKWARD, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses
from core.settings_field import setting

if TYPE_CHECKING:
    from torch import Tensor


class LambdaLadderConfig(BaseConfig):
    """Weights that fall exponentially with priority, and less so the better the more important tasks are learnt."""

    kind: Literal["lambda_ladder"] = "lambda_ladder"
    sharpness: float = setting(
        1.0,
        "Sharpness c",
        "How strongly a less important task waits until those above it are learnt; large is strictly lexicographic.",
        group="Method",
        step=0.5,
        gt=0,
        le=100,
    )
    leakage: float = setting(
        0.3,
        "Leakage",
        "The most that a task may weigh beside the one above it, both losses relative to a constant prediction's.",
        group="Method",
        step=0.05,
        format="%.4f",
        gt=0,
        le=1,
    )

    def build(self, problem: Problem) -> ByLosses:
        return ByLosses(LambdaLadder(problem.base, self.sharpness, self.leakage), problem, ordered=True)


CARD = MethodCard(
    config=LambdaLadderConfig,
    title="λ-ladder",
    needs="losses",
    guarantee="No task weighs more than the leakage beside the one above it, however the losses stand.",
    cost=ONE_BACKWARD,
    fails="It knows no tolerance: a sharp ladder starves the last tasks, a flat one is a weighted sum.",
    formula=r"\min\ \tfrac1c \log \sum_k e^{c\,(L_k / b_k + \Lambda_k)},\quad \Lambda_k - \Lambda_{k+1} = 1 + \delta",
    source="Calanzone et al., NeurIPS 2025 workshop (abstract); Abernethy et al., AISTATS 2024",
    place=92,
)


class LambdaLadder:
    """The weights ∂F/∂L_k of

        F = (1/c) log Σ_k exp(c (ℓ_k + Λ_k)),   ℓ_k = L_k / b_k,   Λ_k = (K − k)(1 + δ),   δ = −log(ρ) / c

    so that  w_k ∝ exp(c (ℓ_k + Λ_k)) / b_k  and, for relative losses,  w_{k+1} / w_k = ρ exp(−c (1 + ℓ_k − ℓ_{k+1})).

    where
        L_k     loss of the k-th task in the order of priority, k = 1 … K
        b_k     `base`: its loss under the best constant prediction, so that ℓ_k is 1 for a network that knows nothing
        c       `sharpness`; as c → 0 the weights fall by ρ from task to task, whatever the losses
        ρ       `leakage`: the ratio exceeds it only where ℓ_{k+1} > 1 + ℓ_k; it is cut there, so it never does
    As c grows at a fixed δ (ρ = exp(−c δ)), the rungs keep the order of ℓ_k + Λ_k that of priority, and minimisers
    approach the lexicographic optimum where the set of reachable losses is stable in the sense of Abernethy et al.
    """

    looks_back = False

    def __init__(self, base: Tensor, sharpness: float, leakage: float) -> None:
        self.base = base
        self.sharpness = sharpness
        self.leakage = leakage
        self.begin(list(range(len(base))))

    def begin(self, chosen: list[int]) -> None:
        self.scale = self.base[chosen]

    def weigh(self, losses: Tensor) -> Tensor:
        relative = losses.detach() / self.scale
        if not bool(torch.isfinite(relative).all()):
            raise PrecedenceError(
                f"A loss is not finite (losses {losses.tolist()}); lower the learning rate or clip the gradient."
            )
        fall = (1 + relative[:-1] - relative[1:]).clamp_min(0)  # in rungs, from each task to the next
        steps = math.log(self.leakage) - self.sharpness * fall
        logs = torch.cat((steps.new_zeros(1), steps.cumsum(0)))
        least = math.log(torch.finfo(logs.dtype).tiny) / 2  # a weight is never 0
        return logs.clamp_min(least).exp() / self.scale

    def look_back(self, losses: Tensor) -> None:
        return None

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        return None
