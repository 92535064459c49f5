"""Uncertainty weighting: one learnt log-variance a task (Kendall et al., CVPR 2018), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.interface import ONE_BACKWARD, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses
from core.methods.scalarised import ScalariserRule
from core.settings_field import setting


class UncertaintyConfig(BaseConfig):
    """Uncertainty weighting: one learnt log-variance a task."""

    kind: Literal["uncertainty"] = "uncertainty"
    rate: float = setting(
        0.02,
        "Learning rate of the weights",
        "How fast the method moves its own weights: of the log-variances (Adam).",
        group="Method",
        step=0.005,
        format="%.4f",
        gt=0,
        le=10,
    )

    def build(self, problem: Problem) -> ByLosses:
        from torchjd.scalarization import UW

        return ByLosses(ScalariserRule(lambda chosen: UW(len(chosen)).to(problem.base), rate=self.rate), problem)


CARD = MethodCard(
    config=UncertaintyConfig,
    title="Uncertainty weighting",
    needs="losses",
    guarantee="At rest each weight is the inverse of its task's loss.",
    cost=ONE_BACKWARD,
    fails="It favours tasks with small losses, whether or not they matter, and ignores conflict.",
    formula=r"w_k = \tfrac12 e^{-s_k},\quad \min_s \sum_k \tfrac12 e^{-s_k} L_k + \tfrac12 s_k",
    source="Kendall et al., CVPR 2018, §3",
    place=50,
)
