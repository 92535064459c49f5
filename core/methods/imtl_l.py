"""IMTL-L: one learnt scale a task, so that scaled losses become equal (Liu et al., ICLR 2021), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.interface import ONE_BACKWARD, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses
from core.methods.scalarised import ScalariserRule
from core.settings_field import setting


class IMTLLConfig(BaseConfig):
    """Impartial multi-task learning on losses: one learnt scale a task."""

    kind: Literal["imtl_l"] = "imtl_l"
    rate: float = setting(
        0.02,
        "Learning rate of the weights",
        "How fast the method moves its own weights: of the scales (Adam).",
        group="Method",
        step=0.005,
        format="%.4f",
        gt=0,
        le=10,
    )

    def build(self, problem: Problem) -> ByLosses:
        from torchjd.scalarization import IMTLL

        return ByLosses(ScalariserRule(lambda chosen: IMTLL(len(chosen)).to(problem.base), rate=self.rate), problem)


CARD = MethodCard(
    config=IMTLLConfig,
    title="IMTL-L",
    needs="losses",
    guarantee="Scaled losses move to a common size.",
    cost=ONE_BACKWARD,
    fails="As uncertainty weighting, to which it is almost equal.",
    formula=r"w_k = e^{s_k},\quad \min_s \sum_k e^{s_k} L_k - s_k",
    source="Liu et al., ICLR 2021, §3.2",
    place=60,
)
