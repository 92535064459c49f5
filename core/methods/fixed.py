"""Weights that never change: of one task alone, of the weighted sum, and of the references that a run trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.lazy_torch import torch
from core.methods.interface import Needs, Stage

if TYPE_CHECKING:
    from torch import Tensor


class FixedWeights:
    """θ ← θ − η ∇ Σ_k w_k L_k with constant weights w [K] ≥ 0; no dual step.

    `alone`: only the first task of the priority order has a stage, so that w is one at that task; otherwise all tasks
    with a positive weight are the objective of a single stage.
    """

    needs: Needs = "losses"
    looks_back = False

    def __init__(self, weights: Tensor, alone: bool = False) -> None:
        self._weights = weights
        self._given = weights
        self.alone = alone
        self.follow = False
        self.multipliers = torch.zeros_like(weights)

    def stages(self, priority: tuple[int, ...]) -> tuple[Stage, ...]:
        if self.alone:
            return (Stage(priority[:1]),)
        return (Stage(tuple(task for task in sorted(priority) if self._given[task] > 0)),)

    def begin(self, stage: Stage) -> None:
        chosen = torch.zeros_like(self._given)
        chosen[list(stage.objective)] = 1
        self._weights = self._given * chosen

    def observe(self, violation: Tensor, overfitted: Tensor) -> None:
        return None

    def see(self, losses: Tensor) -> None:
        return None

    def look_back(self, losses: Tensor) -> None:
        return None

    def weights(self) -> Tensor:
        return self._weights

    def state_dict(self) -> dict[str, Any]:
        return {"weights": self._weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._weights = state["weights"]
