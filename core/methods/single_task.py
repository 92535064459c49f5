"""One task alone: the first of the priority order."""

from __future__ import annotations

from typing import Literal

from core.methods.fixed import FixedWeights
from core.methods.interface import BaseConfig, MethodCard, Problem


class SingleTaskConfig(BaseConfig):
    """One task alone: the first of the priority order."""

    kind: Literal["single_task"] = "single_task"

    def build(self, problem: Problem) -> FixedWeights:
        return FixedWeights(problem.ones, alone=True)


CARD = MethodCard(
    config=SingleTaskConfig,
    title="One task",
    needs="losses",
    guarantee="Nothing but the first task of the order is trained, so nothing can disturb it.",
    cost="One backward of one task: 1.0 × or less.",
    fails="It learns nothing from other tasks' labels, which is what sparse tasks live on.",
    formula=r"d = g_1",
    source="The baseline of every paper here",
    place=30,
    at_hand="Trains the first task of the ranking alone.",
    alone=True,
)
