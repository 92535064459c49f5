"""The weighted sum: all tasks at once under fixed weights."""

from __future__ import annotations

from typing import Literal

from core.errors import PrecedenceError
from core.methods.fixed import FixedWeights
from core.methods.interface import MethodCard, Problem, WeightedConfig
from core.settings_field import YES_NO, setting


class WeightedSumConfig(WeightedConfig):
    """All tasks at once under fixed weights; a task that is not named weighs 1."""

    kind: Literal["weighted_sum"] = "weighted_sum"
    relative: bool = setting(
        False,
        "Losses by what a constant has",
        "Each loss is divided by that of the best constant prediction, so that a task with rare labels, whose loss is "
        "small from the start, counts like the others.",
        group="Method",
        choices=YES_NO,
        later=True,
    )

    def build(self, problem: Problem) -> FixedWeights:
        weights = problem.by_task(self.weights, default=1.0)
        if not bool((weights > 0).any()):
            raise PrecedenceError("All weights are 0, so nothing would be learned; give at least one task a weight.")
        return FixedWeights(weights / problem.base if self.relative else weights)


CARD = MethodCard(
    config=WeightedSumConfig,
    title="Weighted sum",
    needs="losses",
    guarantee="It ends at a point that no other beats in the weighted sum, as far as descent finds it.",
    cost="This is the plain step: 1.0 ×.",
    fails="Weights are guesses, and no weights reach the inside of a concave front.",
    formula=r"d = \sum_k w_k g_k",
    source="The plain way; see Caruana 1997",
    place=20,
    at_hand="Trains all tasks at once under fixed weights.",
    pictured=True,
)
