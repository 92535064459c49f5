"""A batch asked once more, at another point or for its curvature: same rows, same dropout, heads as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.dataset import Batch
from core.insight.task_gradients import BatchLosses, SharedNetwork, trunk_parameters
from core.methods.gradients import Update


class BatchReplay:
    """`gradient_at`, `curvature_along` (see `core.methods.gradients.Replay`) and `losses_at`.

    `tasks`: those that k counts in the two former. `touched` [U]: table rows that shifts refer to, those of the batch.
    `generator`, `drawn_from`: where dropout draws, and its state before the batch's own forward; None: no dropout.
    """

    def __init__(
        self,
        network: SharedNetwork,
        losses: BatchLosses,
        batch: Batch,
        tasks: Sequence[int],
        touched: Tensor,
        generator: torch.Generator | None = None,
        drawn_from: Tensor | None = None,
    ) -> None:
        self.network = network
        self.losses = losses
        self.batch = batch
        self.tasks = list(tasks)
        self.generator = generator
        self.drawn_from = drawn_from
        self.touched = touched
        self.places = torch.searchsorted(touched, network.embedding.row_numbers(batch))
        self.trunk = trunk_parameters(network)

    def losses_at(self, shift: Update) -> Tensor:
        """[all tasks] losses at θ − shift."""
        with torch.no_grad(), self._moved(shift):
            return self._forward(self._rows() - shift.rows)

    def gradient_at(self, k: int, shift: Update) -> Update:
        with self._moved(shift):
            rows = (self._rows() - shift.rows).requires_grad_()
            loss = self._forward(rows)[self.tasks[k]]
            found = torch.autograd.grad(loss, [rows, *self.trunk], materialize_grads=True)
        return Update(self.touched, found[0], tuple(found[1:]))

    def curvature_along(self, k: int, direction: Update) -> Update:
        rows = self._rows().requires_grad_()
        wanted = [rows, *self.trunk]
        loss = self._forward(rows)[self.tasks[k]]
        slopes = torch.autograd.grad(loss, wanted, create_graph=True, materialize_grads=True)
        product = torch.stack([(s * d).sum() for s, d in zip(slopes, direction.parts, strict=True)]).sum()
        found = torch.autograd.grad(product, wanted, materialize_grads=True)
        return Update(self.touched, found[0], tuple(found[1:]))

    def _rows(self) -> Tensor:
        return self.network.embedding.table.weight.detach()[self.touched]

    def _forward(self, rows: Tensor) -> Tensor:
        x = self.network.embedding.assemble(F.embedding(self.places, rows), self.batch)
        if self.generator is None or self.drawn_from is None:
            return self.losses(self.network.predict(self.network.represent_embedded(x)), self.batch)
        now = self.generator.get_state()
        self.generator.set_state(self.drawn_from)
        try:
            return self.losses(self.network.predict(self.network.represent_embedded(x)), self.batch)
        finally:
            self.generator.set_state(now)

    @contextmanager
    def _moved(self, shift: Update) -> Iterator[None]:
        """The trunk at θ − shift, and back to the same bits afterwards."""
        held = [p.data for p in self.trunk]
        for parameter, by in zip(self.trunk, shift.trunk, strict=True):
            parameter.data = parameter.data - by
        try:
            yield
        finally:
            for parameter, value in zip(self.trunk, held, strict=True):
                parameter.data = value
