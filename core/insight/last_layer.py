"""The cheap line beside the exact probe: one batch's cosines over the weights of the last shared layer alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from core.data.dataset import Batch
from core.insight.task_gradients import BatchLosses, SharedNetwork, trunk_parameters
from core.methods.gradients import TaskGradients


class LastLayerNetwork(SharedNetwork, Protocol):
    """A shared network that names the weight through which all tasks pass last."""

    def last_shared(self) -> nn.Parameter: ...


def pairs(tasks: Sequence[int]) -> list[tuple[int, int]]:
    """All pairs of `tasks` in their order: the order of every list of cosines."""
    return [(tasks[i], tasks[j]) for i in range(len(tasks)) for j in range(i + 1, len(tasks))]


def last_layer_cosine(
    network: LastLayerNetwork, losses: BatchLosses, batch: Batch, shared: list[Tensor], tasks: Sequence[int]
) -> Tensor:
    """[pairs of tasks] cosines, from the representations `shared` of a batch, whose graph is kept.

    Biased towards the noise that the tasks of one batch have in common, and blind to all earlier layers; costs one
    backward through the heads and one through a single layer for each task.
    """
    cut = [z.detach().requires_grad_() for z in shared]
    value = losses(network.predict(cut), batch)
    slopes = torch.autograd.grad(value[list(tasks)].sum(), [cut[task] for task in tasks])
    weight = network.last_shared()
    gradients = [
        torch.autograd.grad(shared[task], weight, slope, retain_graph=True, materialize_grads=True)[0].flatten()
        for task, slope in zip(tasks, slopes, strict=True)
    ]
    return _cosines(torch.stack(gradients))


def last_layer_cosine_of(network: LastLayerNetwork, gradients: TaskGradients, order: Sequence[int]) -> Tensor:
    """The same, read off task gradients that are at hand; `order`: of the tasks in the pairs, as places in them."""
    at = next(i for i, p in enumerate(trunk_parameters(network)) if p is network.last_shared())
    return _cosines(gradients.trunk[at][list(order)].flatten(1))


def _cosines(gradients: Tensor) -> Tensor:
    unit = torch.nn.functional.normalize(gradients, dim=1)
    above = torch.triu_indices(len(unit), len(unit), 1, device=unit.device)
    return (unit @ unit.T)[above[0], above[1]]
