"""What every multi-task network here is: an embedding, a shared part that gives each task its representation, heads."""

from __future__ import annotations

from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn

from core.data.dataset import Batch, Dataset
from core.models.layers import Dropout

ROWS_A_PASS = 16_384


class Sharing(Protocol):
    """The part between the embedded input and the heads."""

    width: int  # of a representation

    def __call__(self, x: Any) -> list[Tensor]:
        """x, mostly [B, inputs] → K representations [B, width]."""

    def shared_parameters(self) -> list[nn.Parameter]:
        """Parameters that the losses of two or more tasks reach."""

    def last_shared(self) -> nn.Parameter:
        """The weight through which all tasks pass last."""


class Embedding(Protocol):
    """The part that turns a batch's ids into rows of one table, and the rows into the sharing part's input."""

    table: nn.Embedding

    def row_numbers(self, batch: Batch) -> Tensor:
        """Table rows that the batch reads, in whatever shape `assemble` takes them."""

    def assemble(self, rows: Tensor, batch: Batch) -> Any:
        """The input of the sharing part from gathered rows [*shape of the row numbers, d]."""


class Network(nn.Module):
    """predictions [B, C] = heads( sharing( embedding(batch) ) ): a logit (binary), a standardised value (regression),
    a logit for each class (multiclass), the cost itself.

    `input_dropout` acts on what the embedding assembles. A sharing part may have two things more: `rows_a_pass`, how
    many rows it reads at once where nothing is learnt, and `measures(network, dataset, rows, predictions)`, figures of
    its own about those rows.
    """

    def __init__(
        self, embedding: nn.Module, sharing: nn.Module, heads: nn.ModuleList, input_dropout: nn.Module
    ) -> None:
        super().__init__()
        self.embedding = cast(Any, embedding)
        self.input_dropout = input_dropout
        self.sharing = sharing
        self.heads = heads

    def represent(self, batch: Batch) -> list[Tensor]:
        """Each task's representation, K of [B, width]."""
        rows = self.embedding.table(self.embedding.row_numbers(batch))
        return self.represent_embedded(self.embedding.assemble(rows, batch))

    def represent_embedded(self, x: Any) -> list[Tensor]:
        """The same from an input that is embedded already: gradients with respect to gathered rows start here."""
        return self.sharing(self.input_dropout(x))

    def begin(self, dataset: Dataset) -> None:
        """Before training on a data set: what an embedding or the shared part takes from its training rows, if it has
        a `begin`."""
        if (own := getattr(self.embedding, "begin", None)) is not None:
            own(dataset)
        if (own := getattr(self.sharing, "begin", None)) is not None:
            own(self.embedding, dataset)

    def predict(self, representations: list[Tensor]) -> Tensor:
        """[B, C] from each task's representation."""
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
    def rows_a_pass(self) -> int:
        """Rows to read at once where nothing is learnt: as many as memory takes without notice."""
        return getattr(self.sharing, "rows_a_pass", ROWS_A_PASS)

    def measures(self, dataset: Dataset, rows: Tensor, predictions: Tensor) -> dict[str, float]:
        """What the network itself can say of these rows [n] and its predictions [n, C] of them."""
        own = getattr(self.sharing, "measures", None)
        return {} if own is None else own(self, dataset, rows, predictions)

    @property
    def table(self) -> nn.Parameter:
        """Every embedded id's row."""
        return cast(nn.Parameter, self.embedding.table.weight)

    def use_generator(self, generator: torch.Generator) -> None:
        """Draw dropout from `generator` from now on."""
        for module in self.modules():
            if isinstance(module, Dropout):
                module.generator = generator
