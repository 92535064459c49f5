"""GradDrop: each coordinate keeps the gradients of one sign (Chen et al., NeurIPS 2020), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import SignRule
from core.methods.interface import BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients


class GradDropConfig(BaseConfig):
    """Gradient sign dropout: each coordinate keeps one sign, drawn by its share."""

    kind: Literal["graddrop"] = "graddrop"

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import GradDrop

        return ByGradients(SignRule(GradDrop(), problem.seed), problem)


CARD = MethodCard(
    config=GradDropConfig,
    title="GradDrop",
    needs="gradients",
    guarantee="In each coordinate only gradients of one sign are added.",
    cost="About 2.7 × a plain step: it looks at every coordinate of every task.",
    fails="The sign is drawn at random, so that a step is noisy, and no loss is promised to fall.",
    formula=r"P = \tfrac12 \Big(1 + \frac{\sum_k g_k}{\sum_k |g_k|}\Big)",
    source="Chen et al., NeurIPS 2020, algorithm 1",
    place=150,
)
