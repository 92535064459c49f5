"""Each task's gradient over everything the tasks share: taken once, used by methods, angles and transference alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from core.data.dataset import Batch


class Embedding(Protocol):
    """The part of a network that turns a batch's ids into rows of one table, and the rows into its input."""

    table: nn.Embedding

    def row_numbers(self, batch: Batch) -> Tensor: ...

    def assemble(self, rows: Tensor, batch: Batch) -> Tensor: ...


class SharedNetwork(Protocol):
    """A network whose shared part can be run from rows that were gathered already."""

    @property
    def embedding(self) -> Embedding: ...

    def represent_embedded(self, x: Tensor) -> list[Tensor]: ...

    def predict(self, representations: list[Tensor]) -> Tensor: ...

    def shared_parameters(self) -> list[nn.Parameter]: ...


class BatchLosses(Protocol):
    def __call__(self, predictions: Tensor, batch: Batch) -> Tensor: ...


@dataclass(frozen=True)
class TaskGradients:
    """Gradients of K tasks. U table rows are touched by the batch, d is the embedding's dimension."""

    touched: Tensor  # [U] table rows
    rows: Tensor  # [K, U, d] with respect to those rows
    trunk: tuple[Tensor, ...]  # [K, *shape] for each shared parameter but the table

    def flat(self) -> Tensor:
        """[K, P] all of it, one row a task."""
        return torch.cat([part.flatten(1) for part in (self.rows, *self.trunk)], 1)


def task_gradients(
    network: SharedNetwork,
    losses: BatchLosses,
    batch: Batch,
    tasks: list[int],
    touched: Tensor | None = None,
) -> TaskGradients:
    """∂L_k/∂θ for each k of `tasks`, θ = the table rows that the batch touches plus every other shared parameter.

    Differentiating with respect to the gathered rows gives the same products as the whole table (all other rows have
    gradient zero) at a cost that does not grow with the table, and works for sparse tables.
    `touched`: sorted table rows to refer to instead of the batch's own; it must contain them.
    """
    table = network.embedding.table
    numbers = network.embedding.row_numbers(batch)
    if touched is None:
        touched, places = numbers.unique(return_inverse=True)
    else:
        places = torch.searchsorted(touched, numbers)
    rows = table.weight.detach()[touched].requires_grad_()  # [U, d]
    trunk = [p for p in network.shared_parameters() if p is not table.weight]
    x = network.embedding.assemble(rows[places], batch)
    each = losses(network.predict(network.represent_embedded(x)), batch)
    grads = [
        torch.autograd.grad(each[task], [rows, *trunk], retain_graph=at + 1 < len(tasks), materialize_grads=True)
        for at, task in enumerate(tasks)
    ]
    stacked = [torch.stack(parts) for parts in zip(*grads, strict=True)]
    return TaskGradients(touched, stacked[0], tuple(stacked[1:]))
