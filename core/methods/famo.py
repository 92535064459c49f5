"""FAMO: equal relative progress, from losses alone (Liu et al., NeurIPS 2023), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.interface import BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses
from core.methods.scalarised import ScalariserRule
from core.settings_field import setting


class FAMOConfig(BaseConfig):
    """Fast adaptive multitask optimisation: equal relative progress, from losses alone."""

    kind: Literal["famo"] = "famo"
    rate: float = setting(
        0.025,
        "Learning rate of the weights",
        "How fast the method moves its own weights (Adam).",
        group="Method",
        step=0.005,
        format="%.4f",
        gt=0,
        le=10,
    )
    decay: float = setting(
        1e-3,
        "Pull back to equal weights",
        "As weight decay on the weights' own optimiser.",
        group="Method",
        step=0.001,
        format="%.4f",
        ge=0,
        le=100,
    )

    def build(self, problem: Problem) -> ByLosses:
        from torchjd.scalarization import FAMO

        def made(chosen: list[int]) -> FAMO:
            return FAMO(len(chosen), lr=self.rate, weight_decay=self.decay).to(problem.base)

        return ByLosses(ScalariserRule(made, looks_back=True), problem)


CARD = MethodCard(
    config=FAMOConfig,
    title="FAMO",
    needs="losses",
    guarantee="All losses fall at about the same relative rate.",
    cost="One backward and one more forward: about 1.4 × a plain step.",
    fails="Equal relative progress is not what you want when one task matters more.",
    formula=r"w_k \propto \frac{z_k}{L_k},\quad z = \mathrm{softmax}(\xi)",
    source="Liu et al., NeurIPS 2023, algorithm 1",
    place=80,
)
