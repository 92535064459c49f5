"""ConFIG: the conflict-free direction, at one angle from all gradients (Liu et al., ICLR 2025), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule, through_root
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients


class ConFIGConfig(BaseConfig):
    """The direction at one angle from all gradients."""

    kind: Literal["config"] = "config"

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import ConFIG

        return ByGradients(GramRule(through_root(ConFIG()), averages=False), problem)


CARD = MethodCard(
    config=ConFIGConfig,
    title="ConFIG",
    needs="gradients",
    guarantee="The update has the same positive cosine with every gradient, so that every loss falls.",
    cost=ONE_BACKWARD_A_TASK,
    fails="With opposed gradients the common direction is nearly at right angles to all, and progress stops.",
    formula=r"d \propto \hat G^{+} \mathbf 1,\quad |d| = \textstyle\sum_k g_k \cdot \hat d",
    source="Liu et al., ICLR 2025, equation 2",
    place=210,
)
