"""What every multi-task network here is: an embedding, a shared part that gives each task its representation, heads."""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn

from core.data.dataset import Batch
from core.models.embedding import FeatureEmbedding
from core.models.layers import Dropout


class Sharing(Protocol):
    """The part between the embedded input and the heads."""

    width: int  # of a representation

    def __call__(self, x: Tensor) -> list[Tensor]:
        """x [B, inputs] → K representations [B, width]."""

    def shared_parameters(self) -> list[nn.Parameter]:
        """Parameters that the losses of two or more tasks reach."""

    def last_shared(self) -> nn.Parameter:
        """The weight through which all tasks pass last."""


class Network(nn.Module):
    """predictions [B, K] = heads( sharing( embedding(batch) ) ): logits (binary), standardised values (regression)."""

    def __init__(self, embedding: FeatureEmbedding, sharing: nn.Module, heads: nn.ModuleList, dropout: float) -> None:
        super().__init__()
        self.embedding = embedding
        self.input_dropout = Dropout(dropout)
        self.sharing = sharing
        self.heads = heads

    def represent(self, batch: Batch) -> list[Tensor]:
        """Each task's representation, K of [B, width]."""
        return self.represent_embedded(self.embedding(batch))

    def represent_embedded(self, x: Tensor) -> list[Tensor]:
        """The same from an input that is embedded already: gradients with respect to gathered rows start here."""
        return self.sharing(self.input_dropout(x))

    def predict(self, representations: list[Tensor]) -> Tensor:
        """[B, K] from each task's representation."""
        return torch.cat([head(z) for head, z in zip(self.heads, representations, strict=True)], 1)

    def forward(self, batch: Batch) -> Tensor:
        return self.predict(self.represent(batch))

    def shared_parameters(self) -> list[nn.Parameter]:
        """The embedding table first, then the shared part: all that the losses of two or more tasks reach."""
        return [self.table, *self.sharing.shared_parameters()]  # type: ignore[operator]

    def last_shared(self) -> nn.Parameter:
        """The weight through which all tasks pass last."""
        return self.sharing.last_shared()  # type: ignore[operator]

    def layer_groups(self) -> dict[str, list[int]]:
        """Shared parameters (as positions in `shared_parameters`) that make one layer each, by name, in order."""
        names = {id(parameter): name for name, parameter in self.named_parameters()}
        groups: dict[str, list[int]] = {}
        for at, parameter in enumerate(self.shared_parameters()):
            name = names[id(parameter)].removeprefix("sharing.")
            for ending in (".weight", ".bias"):
                name = name.removesuffix(ending)
            name = name.replace(".weights.", ".").replace(".biases.", ".")
            groups.setdefault("embedding" if at == 0 else name, []).append(at)
        return groups

    @property
    def table(self) -> nn.Parameter:
        """Every embedded id's row."""
        return cast(nn.Parameter, self.embedding.table.weight)

    def use_generator(self, generator: torch.Generator) -> None:
        """Draw dropout from `generator` from now on."""
        for module in self.modules():
            if isinstance(module, Dropout):
                module.generator = generator
