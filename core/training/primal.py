"""The primal step of methods that combine task gradients: one backward a task, one update left in the parameters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.data.dataset import Batch
from core.insight.batch_replay import BatchReplay
from core.insight.task_gradients import step_gradients
from core.methods.gradients import Combined, TaskGradients, Update
from core.methods.interface import GradientMethod
from core.models.losses import TaskLosses
from core.models.network import Network


def by_gradients(
    network: Network, losses: TaskLosses, batch: Batch, method: GradientMethod, generator: torch.Generator
) -> tuple[Tensor, TaskGradients, Combined]:
    """Losses [K] of the batch, the task gradients, and what the method made of them, left in the parameters.

    One backward a task; the layers that only one task reaches get that task's gradient in full.
    """
    tasks = method.tasks()
    shared = {id(p) for p in network.shared_parameters()}
    own = [p for p in network.parameters() if id(p) not in shared]
    drawn_from = generator.get_state() if method.needs_replay else None
    found = step_gradients(network, losses, batch, tasks, own)
    method.see(found.losses)
    replay = None
    if method.needs_replay:
        replay = BatchReplay(network, losses, batch, tasks, found.shared.touched, generator, drawn_from)
    combined = method.combine(found.shared, replay)
    network.zero_grad(set_to_none=True)
    write(network, combined.update)
    for parameter, gradient in zip(own, found.own, strict=True):
        parameter.grad = gradient
    return found.losses, found.shared, combined


def write(network: Network, update: Update) -> None:
    """Leave an update in the gradients of the shared parameters: dense, or sparse where the table is."""
    table = network.embedding.table
    if table.sparse:
        index = update.touched.unsqueeze(0)
        size = table.weight.shape
        table.weight.grad = torch.sparse_coo_tensor(index, update.rows, size, is_coalesced=True, check_invariants=False)
    else:
        table.weight.grad = torch.zeros_like(table.weight).index_copy_(0, update.touched, update.rows)
    trunk: list[nn.Parameter] = [p for p in network.shared_parameters() if p is not table.weight]
    for parameter, gradient in zip(trunk, update.trunk, strict=True):
        parameter.grad = gradient.contiguous()


def losses_again(
    network: Network, losses: TaskLosses, batch: Batch, generator: torch.Generator, drawn_from: Tensor
) -> Tensor:
    """Losses [K] of a batch that was just stepped on, with the dropout that it had; `generator` is left as it is."""
    now = generator.get_state()
    generator.set_state(drawn_from)
    with torch.no_grad():
        value = losses(network(batch), batch)
    generator.set_state(now)
    return value
