"""Bounds on the losses of protected tasks, and how far they are violated.

A task is protected from the end of its own stage on. Its bound is measured there, on the model that the stage keeps,
exactly as violations are measured later: same rows, same dropout, same reduction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.models.losses import TaskLosses, total
from core.models.network import Network
from core.training.measure import Reading, mean_loss_as_trained, row_losses


@dataclass
class Protected:
    """One task's loss under the model that was best for it."""

    slice_loss: Tensor  # [] mean over the slice
    train_loss: Tensor  # [] mean over a sample of training rows, with dropout as in training
    slice_noise: Tensor | None  # [n] loss of each row of the slice less their mean; 0 where the label is missing
    train_noise: Tensor | None  # [R] the same for each row of the table, 0 outside the training rows
    metric: float | None = None  # of the slice; with tolerances of the metric alone
    slice_given: Tensor | None = None  # [n, c] predictions on the slice, to read that metric on some of its rows


@dataclass
class Bounds:
    """c_i = L_i(θ_i) + ε_i for every protected task i, on the slice and on training rows.

    A violation is v_i = L_i(θ; B) − c_i on some rows B. With `paired` the noise of drawing B is taken out by the frozen
    model θ_i on the same rows:  v_i = L_i(θ; B) − (L_i(θ_i; B) − L_i(θ_i)) − c_i, of equal mean.

    ε_i is the tolerance: `relative`, a share of L_i(θ_i); else in the unit of the loss.
    """

    dataset: Dataset
    losses: TaskLosses
    slice_rows: Tensor  # [n] row numbers
    train_sample: Tensor  # [m] row numbers
    tolerances: Tensor  # [K]
    relative: bool
    paired: bool
    on_train: bool
    protected: dict[int, Protected] = field(default_factory=dict)

    def protect(self, task: int, network: Network) -> None:
        """Take `network` as the one that is best for `task`."""
        loss, noise = self._reference(task, network, self.slice_rows)
        train_noise = None
        if self.paired and self.on_train:
            rows = self.dataset.rows["train"]
            train_noise = torch.zeros(len(self.dataset.labels), dtype=noise.dtype, device=noise.device)
            train_noise[rows] = self._reference(task, network, rows)[1]
        self.protected[task] = Protected(
            slice_loss=loss,
            train_loss=mean_loss_as_trained(network, self.losses, self.dataset, self.train_sample)[task],
            slice_noise=noise if self.paired else None,
            train_noise=train_noise,
        )

    def tolerance(self, task: int) -> Tensor:
        """ε_i in the unit of the loss."""
        share = self.tolerances[task]
        return share * self.protected[task].slice_loss if self.relative else share

    def bound(self, task: int) -> Tensor:
        """c_i on the slice."""
        return self.protected[task].slice_loss + self.tolerance(task)

    def bound_on_train(self, task: int) -> Tensor:
        """c_i on training rows; a relative tolerance is a share of the training loss."""
        loss = self.protected[task].train_loss
        share = self.tolerances[task]
        return loss + (share * loss if self.relative else share)

    def violation(self, task: int, reading: Reading) -> float:
        """Of a reading of the whole slice."""
        return reading.loss[task] - self.bound(task).item()

    def for_dual(self, violation: Tensor) -> Tensor:
        """Violations [K] in the unit of the losses: as they are."""
        return violation

    def read_slice(self, network: Network, places: Tensor) -> Tensor:
        """Violations [K] on the slice's rows at `places` [n]; 0 for a task that is not protected."""
        rows = self.slice_rows[places]
        each = row_losses(network, self.losses, self.dataset, rows)
        means = self.losses.mean_of(each, self.dataset.weight[rows])
        out = torch.zeros_like(means)
        for task, held in self.protected.items():
            out[task] = means[task] - self.bound(task)
            if held.slice_noise is not None:
                out[task] -= self._mean(held.slice_noise[places], rows, task)
        return out

    def read_train(self, batch_losses: Tensor, rows: Tensor) -> Tensor:
        """Violations [K] of the training batch `rows` whose losses [K] are known; 0 for a task not protected."""
        out = torch.zeros_like(batch_losses)
        for task, held in self.protected.items():
            out[task] = batch_losses[task] - self.bound_on_train(task)
            if held.train_noise is not None:
                out[task] -= self._mean(held.train_noise[rows], rows, task)
        return out

    def _reference(self, task: int, network: Network, rows: Tensor) -> tuple[Tensor, Tensor]:
        each = row_losses(network, self.losses, self.dataset, rows)[:, task]
        mean = self._mean(each, rows, task)
        return mean, each - mean * self.dataset.weight[rows, task]

    def _mean(self, each: Tensor, rows: Tensor, task: int) -> Tensor:
        return each.sum() / total(self.dataset.weight[rows, task])
