"""IMTL-G: the direction with equal projections on all gradients (Liu et al., ICLR 2021), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients


class IMTLGConfig(BaseConfig):
    """The direction with equal projections on all gradients."""

    kind: Literal["imtl_g"] = "imtl_g"

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import IMTLGWeighting

        return ByGradients(GramRule(IMTLGWeighting()), problem)


CARD = MethodCard(
    config=IMTLGConfig,
    title="IMTL-G",
    needs="gradients",
    guarantee="The update has the same projection on every task's gradient.",
    cost=ONE_BACKWARD_A_TASK,
    fails="Weights may be negative or huge when gradients are almost dependent.",
    formula=r"d \cdot \frac{g_i}{|g_i|} = d \cdot \frac{g_j}{|g_j|} \quad \forall i, j",
    source="Liu et al., ICLR 2021, §3.1",
    place=180,
)
