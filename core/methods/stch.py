"""Smooth Tchebycheff: the task that is worst off counts most (Lin et al., ICML 2024), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.interface import ONE_BACKWARD, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses
from core.methods.scalarised import ScalariserRule
from core.settings_field import YES_NO, setting


class STCHConfig(BaseConfig):
    """Smooth Tchebycheff: the task that is worst off counts most."""

    kind: Literal["stch"] = "stch"
    smoothness: float = setting(
        0.1,
        "Smoothness μ",
        "Small: only the worst task counts; large: close to the mean.",
        group="Method",
        step=0.05,
        format="%.4f",
        gt=0,
        le=1e6,
    )
    normalise: bool = setting(
        True,
        "Relative to scale",
        "Losses are divided by those of the best constant prediction, so that they are comparable.",
        group="Method",
        choices=YES_NO,
    )

    def build(self, problem: Problem) -> ByLosses:
        from torchjd.scalarization import STCH

        def made(chosen: list[int]) -> STCH:
            return STCH(self.smoothness, weights=1 / problem.base[chosen] if self.normalise else None)

        return ByLosses(ScalariserRule(made), problem)


CARD = MethodCard(
    config=STCHConfig,
    title="Smooth Tchebycheff",
    needs="losses",
    guarantee="Any point of the front can be reached, concave parts included, as μ goes to zero.",
    cost=ONE_BACKWARD,
    fails="One task that cannot improve holds all others back; a small μ makes weights jump.",
    formula=r"\min\ \mu \log \sum_k \exp(\lambda_k L_k / \mu)",
    source="Lin et al., ICML 2024, §3",
    place=90,
    pictured=True,
)
