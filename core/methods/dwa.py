"""Dynamic weight average: more weight for a loss that falls slowly (Liu et al., CVPR 2019), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.interface import ONE_BACKWARD, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses
from core.methods.scalarised import ScalariserRule
from core.settings_field import setting


class DWAConfig(BaseConfig):
    """Dynamic weight average: more weight for a loss that falls slowly."""

    kind: Literal["dwa"] = "dwa"
    temperature: float = setting(
        2.0,
        "Temperature",
        "High: all tasks weigh alike.",
        group="Method",
        step=0.5,
        format="%.4f",
        gt=0,
        le=1e6,
    )
    interval: int = setting(
        20,
        "Steps a reading",
        "Losses are averaged over so many steps before they are compared; the paper's is an epoch.",
        group="Method",
        unit="steps",
        step=10,
        gt=0,
    )

    def build(self, problem: Problem) -> ByLosses:
        from torchjd.scalarization import DWA

        return ByLosses(ScalariserRule(lambda chosen: DWA(self.temperature), interval=self.interval), problem)


CARD = MethodCard(
    config=DWAConfig,
    title="Dynamic weight average",
    needs="losses",
    guarantee="A loss that falls more slowly than the others gets more weight.",
    cost=ONE_BACKWARD,
    fails="A loss that cannot fall any further, or only jitters, takes the weight.",
    formula=r"w_k \propto \exp\!\big(\tfrac{L_k(t-1)}{L_k(t-2)} / T\big)",
    source="Liu et al., CVPR 2019, §3.2",
    place=70,
)
