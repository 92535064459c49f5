"""Aligned-MTL: the gradients' principal components at one scale (Senushkin et al., CVPR 2023), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import GramRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients
from core.settings_field import setting


class AlignedConfig(BaseConfig):
    """The gradients' principal components brought to one scale."""

    kind: Literal["aligned_mtl"] = "aligned_mtl"
    scale: Literal["min", "median", "rmse"] = setting(
        "min",
        "Common scale",
        "To which singular value the others are brought.",
        group="Method",
        choices={"min": "the smallest", "median": "the median", "rmse": "the root mean square"},
    )

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import AlignedMTLWeighting

        return ByGradients(GramRule(AlignedMTLWeighting(scale_mode=self.scale)), problem)


CARD = MethodCard(
    config=AlignedConfig,
    title="Aligned-MTL",
    needs="gradients",
    guarantee="The system of gradients has condition number one, so that no direction dominates.",
    cost=ONE_BACKWARD_A_TASK,
    fails="Scaled by the smallest component, the step shrinks when two tasks almost agree.",
    formula=r"d = \tfrac1K \sum_k \hat g_k,\quad \hat g = \sigma_{\min}\, U V^\top",
    source="Senushkin et al., CVPR 2023, algorithm 1",
    place=200,
)
