"""GradVac: each pair of gradients is brought to the cosine that it usually has (Wang et al., ICLR 2021), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import RunningRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients
from core.settings_field import setting


class GradVacConfig(BaseConfig):
    """Gradient vaccine: each pair is brought to the cosine it usually has."""

    kind: Literal["gradvac"] = "gradvac"
    decay: float = setting(
        0.5,
        "Memory",
        "β: share of the running cosine that stays at each step.",
        group="Method",
        step=0.01,
        format="%.4f",
        ge=0,
        le=1,
    )

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import GradVacWeighting

        return ByGradients(RunningRule(GradVacWeighting(beta=self.decay), problem.seed), problem)


CARD = MethodCard(
    config=GradVacConfig,
    title="GradVac",
    needs="gradients",
    guarantee="Each pair of gradients is brought at least to the cosine that it usually has.",
    cost=ONE_BACKWARD_A_TASK,
    fails="What is usual may itself be noise or conflict; it keeps a memory that lags behind.",
    formula=r"g_i \leftarrow g_i + w_{ij}\, g_j \ \text{ so that } \cos(g_i, g_j) = \hat\phi_{ij}",
    source="Wang et al., ICLR 2021, §3",
    place=140,
)
