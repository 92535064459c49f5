"""Dynamic barrier: the last task descends, and every step still brings the more important ones on (Gong et al. 2021).

The paper's rule is for two losses, f below g:  d = ∇f + λ ∇g,  λ = max(0, (φ − ∇f·∇g) / |∇g|²)  with the barrier
φ = β |∇g|² where g is to reach its optimum (lexicographic). For more than two tasks ours nests it in the order of
priority: the update of all tasks above takes the place of ∇g.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.lazy_torch import torch
from core.methods.gram_rules import GramRule, Weigh
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients
from core.settings_field import setting

if TYPE_CHECKING:
    from torch import Tensor


class DynamicBarrierConfig(BaseConfig):
    """The last task descends; each step still brings the more important ones on by a share of their own progress."""

    kind: Literal["dynamic_barrier"] = "dynamic_barrier"
    barrier: float = setting(
        1.0,
        "Barrier β",
        "Share of its own progress that a more important task makes in every step; 1 is all of it.",
        group="Method",
        step=0.1,
        gt=0,
        le=10,
    )

    def build(self, problem: Problem) -> ByGradients:
        return ByGradients(GramRule(weights_by(self.barrier)), problem, ordered=True)


def weights_by(barrier: float) -> Weigh:
    """From a Gram matrix [K, K], the most important task first, to weights [K] ≥ 0 of the update d_K:

        d_1 = g_1,   d_k = g_k + λ_k d_{k−1},   λ_k = max(0, β − g_k·d_{k−1} / |d_{k−1}|²)

    so that d_k · d_{k−1} ≥ β |d_{k−1}|²: what was decided above loses nothing of its share β. A d of length 0, where
    gradients above cancel, holds nothing back.
    """

    def weigh(gram: Tensor) -> Tensor:
        above = torch.zeros_like(gram[0])
        above[0] = 1
        for task in range(1, len(gram)):
            squared = above @ gram @ above
            pull = (gram[task] @ above) / squared if squared > 0 else torch.full_like(squared, barrier)
            above = above * (barrier - pull).clamp_min(0)
            above[task] = 1
        return above

    return weigh


CARD = MethodCard(
    config=DynamicBarrierConfig,
    title="Dynamic barrier",
    needs="gradients",
    guarantee="To first order each step improves a more important task by its share of what that task alone would do.",
    cost=ONE_BACKWARD_A_TASK,
    fails="It knows no tolerance, and near the optimum of the first task noise decides what the others may do.",
    formula=r"d = g_K + \lambda\, g_1,\quad \lambda = \max\!\left(0, \beta - \frac{g_K \cdot g_1}{|g_1|^2}\right)",
    source="Gong, Liu & Liu, NeurIPS 2021, §3; more than two tasks: our nesting",
    place=245,
    second="g_K",
)
