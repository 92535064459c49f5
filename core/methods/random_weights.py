"""Random loss weighting: new weights are drawn at every step (Lin et al., TMLR 2022), the litmus test of all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core.lazy_torch import torch
from core.methods.gram_rules import repeatable
from core.methods.interface import ONE_BACKWARD, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByLosses

if TYPE_CHECKING:
    from torch import Tensor


class RandomWeightsConfig(BaseConfig):
    """New weights at every step: what a clever rule has to beat."""

    kind: Literal["random"] = "random"

    def build(self, problem: Problem) -> ByLosses:
        return ByLosses(RandomWeights(problem.seed), problem)


CARD = MethodCard(
    config=RandomWeightsConfig,
    title="Random weights",
    needs="losses",
    guarantee="In the mean over steps every task weighs the same, as in the plain sum of losses.",
    cost=ONE_BACKWARD,
    fails="It adds noise to each step and nothing else; a method that does no better has shown nothing.",
    formula=r"w = \mathrm{softmax}(z),\quad z_k \sim \mathcal N(0, 1)",
    source="Lin et al., TMLR 2022, arXiv 2111.10603, algorithm 2",
    place=95,
)


class RandomWeights:
    """w = softmax(z), z [K] standard normal, drawn from the run's seed and the count of steps alone."""

    looks_back = False

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.calls = 0

    def begin(self, chosen: list[int]) -> None:
        self.calls = 0

    def weigh(self, losses: Tensor) -> Tensor:
        with repeatable(self.seed, self.calls):
            drawn = torch.randn(len(losses), dtype=torch.float64)
        self.calls += 1
        return drawn.softmax(0).to(losses)

    def look_back(self, losses: Tensor) -> None:
        return None

    def state_dict(self) -> dict[str, Any]:
        return {"calls": self.calls}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.calls = state["calls"]
