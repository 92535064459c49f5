"""DualProj: the sum of gradients projected onto the cone of non-conflict (Lopez-Paz & Ranzato, 2017), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients


class DualProjConfig(BaseConfig):
    """The sum of gradients projected onto the cone of non-conflict."""

    kind: Literal["dualproj"] = "dualproj"

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import DualProjWeighting

        return ByGradients(GramRule(DualProjWeighting()), problem)


CARD = MethodCard(
    config=DualProjConfig,
    title="DualProj",
    needs="gradients",
    guarantee="No loss rises to first order, and the update is the nearest such one to the plain sum.",
    cost=ONE_BACKWARD_A_TASK,
    fails="The longest gradient decides the sum that is projected, so scales matter.",
    formula=r"d = \pi\big(\textstyle\sum_k g_k\big)",
    source="Lopez-Paz & Ranzato, NeurIPS 2017, equation 11",
    place=230,
)
