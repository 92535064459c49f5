"""UPGrad: each gradient projected onto the cone of non-conflict, then added (Quinton & Rey, 2024), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients


class UPGradConfig(BaseConfig):
    """Each gradient projected onto the cone of non-conflict, then added."""

    kind: Literal["upgrad"] = "upgrad"

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import UPGradWeighting

        return ByGradients(GramRule(UPGradWeighting()), problem)


CARD = MethodCard(
    config=UPGradConfig,
    title="UPGrad",
    needs="gradients",
    guarantee="No loss rises to first order, and longer gradients count for more.",
    cost=ONE_BACKWARD_A_TASK,
    fails="It solves a quadratic program for each task at each step, and noise in gradients looks like conflict.",
    formula=r"d = \sum_k \pi(g_k),\quad \pi \text{ onto } \{d : g_j \cdot d \ge 0\ \forall j\}",
    source="Quinton & Rey, arXiv 2406.16232, 2024, §3",
    place=220,
    pictured=True,
)
