"""PCGrad: each gradient loses what opposes another one (Yu et al., NeurIPS 2020), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients


class PCGradConfig(BaseConfig):
    """Gradient surgery: each gradient loses what opposes another one."""

    kind: Literal["pcgrad"] = "pcgrad"

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import PCGradWeighting

        return ByGradients(GramRule(PCGradWeighting(), averages=False, seed=problem.seed), problem)


CARD = MethodCard(
    config=PCGradConfig,
    title="PCGrad",
    needs="gradients",
    guarantee="With two tasks the update lowers both losses to first order.",
    cost=ONE_BACKWARD_A_TASK,
    fails="With three or more tasks conflict may remain, and the result depends on a random order.",
    formula=r"g_i \leftarrow g_i - \frac{\min(0,\, g_i \cdot g_j)}{|g_j|^2}\, g_j",
    source="Yu et al., NeurIPS 2020, algorithm 1",
    place=130,
    pictured=True,
)
