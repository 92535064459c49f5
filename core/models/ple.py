"""PLE: progressive layered extraction (Tang et al., RecSys 2020, §4.3)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.activation import Activation
from core.models.layers import ExpertBank, mix


class _Level(nn.Module):
    """One extraction level: K inputs of the tasks and one shared input → the same, gated.

    Task k mixes its own experts with the shared ones; the shared output mixes all of them (absent in the last level).
    """

    def __init__(
        self,
        inputs: int,
        tasks: int,
        own: int,
        shared: int,
        trunk: Sequence[int],
        dropout: float,
        last: bool,
        activation: Activation,
    ) -> None:
        super().__init__()
        sizes = (inputs, *trunk)
        self.own = nn.ModuleList(ExpertBank(own, sizes, dropout, activation) for _ in range(tasks))
        self.shared = ExpertBank(shared, sizes, dropout, activation)
        self.gates = nn.ModuleList(nn.Linear(inputs, own + shared, bias=False) for _ in range(tasks))
        self.shared_gate = None if last else nn.Linear(inputs, tasks * own + shared, bias=False)

    def forward(self, xs: list[Tensor], shared_x: Tensor) -> tuple[list[Tensor], Tensor]:
        own = [bank(x) for bank, x in zip(self.own, xs, strict=True)]
        shared = self.shared(shared_x)
        out = [
            mix(gate, x, torch.cat((experts, shared), 1))  # type: ignore[arg-type]
            for gate, x, experts in zip(self.gates, xs, own, strict=True)
        ]
        if self.shared_gate is not None:
            shared_x = mix(self.shared_gate, shared_x, torch.cat((*own, shared), 1))
        return out, shared_x


class PLE(nn.Module):
    """`levels` extraction levels; every level maps to the width of `trunk`'s last layer."""

    def __init__(
        self,
        inputs: int,
        tasks: int,
        task_experts: int,
        shared_experts: int,
        levels: int,
        trunk: Sequence[int],
        dropout: float,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        self.width = trunk[-1]
        self.tasks = tasks
        self.levels = nn.ModuleList(
            _Level(
                inputs if level == 0 else self.width,
                tasks,
                task_experts,
                shared_experts,
                trunk,
                dropout,
                last=level == levels - 1,
                activation=activation,
            )
            for level in range(levels)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        xs, shared = [x] * self.tasks, x
        for level in self.levels:
            xs, shared = level(xs, shared)
        return xs

    def shared_parameters(self) -> list[nn.Parameter]:
        """A task's own experts count as shared below the last level, since the shared gate mixes them for everyone;
        its gates do two levels below the last, where what they let through reaches such experts."""
        found: list[nn.Parameter] = []
        last = len(self.levels) - 1
        for depth, level in enumerate(self.levels):
            found += level.shared.parameters()  # type: ignore[union-attr]
            if depth < last:
                found += level.own.parameters()  # type: ignore[union-attr]
                found += level.shared_gate.parameters()  # type: ignore[union-attr]
            if depth < last - 1:
                found += level.gates.parameters()  # type: ignore[union-attr]
        return found

    def last_shared(self) -> nn.Parameter:
        """The weight through which all tasks pass last: the last level's shared experts'."""
        return self.levels[-1].shared.weights[-1]  # type: ignore[union-attr, index, return-value]
