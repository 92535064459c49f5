"""The geometric mean of the losses (Chennupati et al., CVPR workshops 2019), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.interface import ONE_BACKWARD, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses
from core.methods.scalarised import ScalariserRule


class GeometricMeanConfig(BaseConfig):
    """The geometric mean of the losses."""

    kind: Literal["geometric_mean"] = "geometric_mean"

    def build(self, problem: Problem) -> ByLosses:
        from torchjd.scalarization import GeometricMean

        return ByLosses(ScalariserRule(lambda chosen: GeometricMean()), problem)


CARD = MethodCard(
    config=GeometricMeanConfig,
    title="Geometric mean",
    needs="losses",
    guarantee="The result does not depend on the losses' units.",
    cost=ONE_BACKWARD,
    fails="A loss near zero takes all the weight.",
    formula=r"\min\ \big(\textstyle\prod_k L_k\big)^{1/K}",
    source="Chennupati et al., CVPR workshops 2019",
    place=100,
)
