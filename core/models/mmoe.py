"""MMoE: multi-gate mixture of experts (Ma et al., KDD 2018, §4.2)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.activation import Activation
from core.models.layers import ExpertBank, mix


class MMoE(nn.Module):
    """z_k = Σ_e softmax(W_k x)_e · expert_e(x): all experts shared, one gate a task.

    The gates are a task's own, so they do not count among the shared parameters.
    """

    def __init__(
        self,
        inputs: int,
        tasks: int,
        experts: int,
        trunk: Sequence[int],
        dropout: float,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        self.experts = ExpertBank(experts, (inputs, *trunk), dropout, activation)
        self.gates = nn.ModuleList(nn.Linear(inputs, experts, bias=False) for _ in range(tasks))
        self.width = trunk[-1]

    def forward(self, x: Tensor) -> list[Tensor]:
        experts = self.experts(x)  # [B, E, width]
        return [mix(gate, x, experts) for gate in self.gates]  # type: ignore[arg-type]

    def shared_parameters(self) -> list[nn.Parameter]:
        return list(self.experts.parameters())

    def last_shared(self) -> nn.Parameter:
        """The weight through which all tasks pass last."""
        return self.experts.weights[-1]
