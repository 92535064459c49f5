"""Shared-Bottom: one network for all tasks (Caruana 1997, *Multitask Learning*)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from core.models.activation import Activation
from core.models.layers import mlp


class SharedBottom(nn.Module):
    """z = MLP(x), the same representation for each of the K tasks."""

    def __init__(
        self, inputs: int, tasks: int, trunk: Sequence[int], dropout: float, activation: Activation = "relu"
    ) -> None:
        super().__init__()
        self.tasks = tasks
        self.trunk = mlp((inputs, *trunk), dropout, activation)
        self.width = trunk[-1]

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.trunk(x)] * self.tasks

    def shared_parameters(self) -> list[nn.Parameter]:
        return list(self.trunk.parameters())

    def last_shared(self) -> nn.Parameter:
        """The weight through which all tasks pass last."""
        return cast(nn.Parameter, [layer for layer in self.trunk if isinstance(layer, nn.Linear)][-1].weight)
