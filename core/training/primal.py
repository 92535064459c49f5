"""The primal step: a batch's losses, the gradients that a method makes of them, the optimiser and its learning rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adagrad, AdamW, Optimizer

from core.data.dataset import Batch
from core.insight.batch_replay import BatchReplay
from core.insight.last_layer import last_layer_cosine
from core.insight.task_gradients import step_gradients
from core.methods.gradients import Combined, TaskGradients, Update
from core.methods.interface import GradientMethod
from core.models.losses import TaskLosses
from core.models.network import Network
from core.settings.run import OptimiserConfig


@dataclass
class Forward:
    """One pass of a batch for methods that weigh losses: one backward, whatever the number of tasks.

    With `follow` the heads descend their own loss in full and the weights apply to the shared part alone: still one
    backward, in two halves.
    """

    network: Network
    task_losses: TaskLosses
    batch: Batch
    follow: bool

    def __post_init__(self) -> None:
        self._shared = self.network.represent(self.batch)  # K of [B, width]
        self._cut = [z.detach().requires_grad_() for z in self._shared] if self.follow else self._shared
        self._losses = self.task_losses(self.network.predict(self._cut), self.batch)

    @property
    def losses(self) -> Tensor:
        """[K], without a graph."""
        return self._losses.detach()

    def cosines(self, tasks: Sequence[int]) -> Tensor:
        """[pairs of tasks] of their gradients over the last shared layer."""
        return last_layer_cosine(self.network, self.task_losses, self.batch, self._shared, tasks)

    def backward(self, weights: Tensor) -> None:
        """Leave the gradients of Σ w_k L_k, weights [K], in the parameters."""
        self.network.zero_grad(set_to_none=True)
        if self.follow:
            self._losses.sum().backward()
            torch.autograd.backward(self._shared, [w * z.grad for w, z in zip(weights, self._cut, strict=True)])
        else:
            (weights * self._losses).sum().backward()


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


def build_optimiser(config: OptimiserConfig, network: nn.Module) -> Optimizer:
    """A fresh optimiser over all parameters; weight decay is decoupled with adam, an L2 term with the others."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    if config.kind == "adam":
        fused = all(p.dtype in (torch.float32, torch.float64) for p in parameters)
        return AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=fused)
    if config.kind == "adagrad":
        return Adagrad(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)
    return SGD(parameters, lr=config.learning_rate, momentum=config.momentum, weight_decay=config.weight_decay)


def learning_rate(config: OptimiserConfig, step: int, most: int, trained: bool, share: float) -> float:
    """Of a stage's step number `step` of `most`, counted from 1: up over `warm_up` steps, and down to a quiet end.

        rate = height · min(1, step / warm_up) · (1 − (1 − final) · d),   d = t, or (1 − cos πt) / 2,   t = step / most

    where d is that of `schedule`, linear or cosine (Loshchilov & Hutter 2017, *SGDR*, §3, without restarts).

    A stage that begins from a `trained` model rises to a share of the height alone, or it would first undo what was
    learnt; one that began from another run's end takes the last `share` of the way down.
    """
    height = config.learning_rate * (config.later_rate if trained else 1)
    rise = min(1.0, step / config.warm_up) if config.warm_up else 1.0
    way = 1 - share + share * step / most
    down = way if config.schedule == "linear" else (1 - math.cos(math.pi * way)) / 2
    return height * rise * (1 - (1 - config.final_rate) * down)


def optimiser_step(optimiser: Optimizer, network: nn.Module, rate: float, clip: float | None) -> None:
    """Move the parameters down the gradients that are in them, cut to the norm `clip` where one is given."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    if clip is not None:
        torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
    optimiser.step()
