"""FairGrad: progress is shared out by α-fairness, as bandwidth is in networks (Ban & Ji, ICML 2024), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients
from core.settings_field import setting


class FairGradConfig(BaseConfig):
    """Progress shared out by α-fairness."""

    kind: Literal["fair_grad"] = "fair_grad"
    alpha: float = setting(
        1.0,
        "Fairness α",
        "0 adds gradients up, 1 is Nash-MTL's bargain, more helps whoever gains least.",
        group="Method",
        step=0.5,
        ge=0,
        le=10,
    )

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import FairGradWeighting

        weigh = FairGradWeighting(alpha=self.alpha)
        share = self.alpha / (
            1 + self.alpha
        )  # K equal gradients have K^−share each; so they are added up, as elsewhere
        return ByGradients(GramRule(lambda gram: weigh(gram) * len(gram) ** share, averages=False), problem)


CARD = MethodCard(
    config=FairGradConfig,
    title="FairGrad",
    needs="gradients",
    guarantee="No task's progress can grow without another losing more of its own, as α weighs it.",
    cost=ONE_BACKWARD_A_TASK,
    fails="It solves a nonlinear system at each step, and a task with small gradients gets a large weight.",
    formula=r"d = \sum_k w_k g_k,\quad (G w)_k = w_k^{-1/\alpha}",
    source="Ban & Ji, ICML 2024, arXiv 2402.15638, §4",
    place=175,
)
