"""Each task's gradient over everything the tasks share: taken once, used by methods, angles and transference alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.dataset import Batch
from core.methods.gradients import TaskGradients, Update

__all__ = ["TaskGradients", "Update", "step_gradients", "task_gradients", "touched_rows"]

_DENSE = 64  # table rows for each id of a batch up to which marking the table beats sorting the ids


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

    def parameters(self) -> object: ...


class BatchLosses(Protocol):
    def __call__(self, predictions: Tensor, batch: Batch) -> Tensor: ...


def touched_rows(numbers: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The distinct values of `numbers` in rising order [U], and the place of each number among them.

    Marks a table of `size` flags where that is cheaper than sorting.
    """
    if size > _DENSE * numbers.numel():
        return numbers.unique(return_inverse=True)
    mark = torch.zeros(size, dtype=torch.bool, device=numbers.device)
    mark[numbers.flatten()] = True
    touched = mark.nonzero().flatten()
    place = torch.empty(size, dtype=torch.long, device=numbers.device)  # only touched places are written and read
    place[touched] = torch.arange(len(touched), device=numbers.device)
    return touched, place[numbers]


def trunk_parameters(network: SharedNetwork) -> list[nn.Parameter]:
    """All shared parameters but the table."""
    return [p for p in network.shared_parameters() if p is not network.embedding.table.weight]


@dataclass(frozen=True)
class StepGradients:
    """All that one step needs: losses of every task, gradients of the chosen ones, each task's own layers'."""

    losses: Tensor  # [all tasks], with no graph
    shared: TaskGradients
    own: tuple[Tensor, ...]  # of the parameters that were asked for, each its own task's loss in full


def step_gradients(
    network: SharedNetwork,
    losses: BatchLosses,
    batch: Batch,
    tasks: Sequence[int],
    own: Sequence[nn.Parameter] = (),
) -> StepGradients:
    """∂L_k/∂θ for each k of `tasks`, θ = the table rows that the batch touches plus every other shared parameter.

    Differentiating with respect to the gathered rows gives the same products as the whole table (all other rows have
    gradient zero) at a cost that does not grow with the table, and works for sparse tables. One forward, one backward
    a task; gradients of the parameters `own` come out of the same backwards.
    """
    table = network.embedding.table
    touched, places = touched_rows(network.embedding.row_numbers(batch), table.num_embeddings)
    rows = table.weight.detach()[touched].requires_grad_()  # [U, d]
    trunk = trunk_parameters(network)
    x = network.embedding.assemble(F.embedding(places, rows), batch)
    each = losses(network.predict(network.represent_embedded(x)), batch)
    shared: list[list[Tensor]] = []
    own_sums: list[Tensor | None] = [None] * len(own)
    for at, task in enumerate(tasks):
        found = torch.autograd.grad(
            each[task], [rows, *trunk, *own], retain_graph=at + 1 < len(tasks), allow_unused=True
        )
        inner = [
            torch.zeros_like(p) if g is None else g
            for p, g in zip([rows, *trunk], found[: 1 + len(trunk)], strict=True)
        ]
        shared.append(inner)
        for place, gradient in enumerate(found[1 + len(trunk) :]):
            if gradient is not None:
                before = own_sums[place]
                own_sums[place] = gradient if before is None else before + gradient
    stacked = [parts[0].unsqueeze(0) if len(parts) == 1 else torch.stack(parts) for parts in zip(*shared, strict=True)]
    own_gradients = [torch.zeros_like(p) if g is None else g for p, g in zip(own, own_sums, strict=True)]
    return StepGradients(each.detach(), TaskGradients(touched, stacked[0], tuple(stacked[1:])), tuple(own_gradients))


def task_gradients(
    network: SharedNetwork,
    losses: BatchLosses,
    batch: Batch,
    tasks: Sequence[int],
) -> TaskGradients:
    """The shared part of `step_gradients`."""
    return step_gradients(network, losses, batch, tasks).shared
