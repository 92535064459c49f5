"""MGDA: the shortest vector in the hull of the gradients (Sener & Koltun, NeurIPS 2018), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients


class MGDAConfig(BaseConfig):
    """The shortest vector in the hull of the gradients."""

    kind: Literal["mgda"] = "mgda"

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import MGDAWeighting

        return ByGradients(GramRule(MGDAWeighting()), problem)


CARD = MethodCard(
    config=MGDAConfig,
    title="MGDA",
    needs="gradients",
    guarantee="Every loss falls to first order, or the point is Pareto-stationary and the update is zero.",
    cost=ONE_BACKWARD_A_TASK,
    fails="The shortest gradient decides, so a task that has converged holds the others back.",
    formula=r"d = \arg\min_{d \in \mathrm{conv}\{g_k\}} |d|",
    source="Sener & Koltun, NeurIPS 2018, algorithm 2",
    place=170,
    pictured=True,
)
