"""Bounds on metrics: a task may fall by so many points of AUC or accuracy, or err by so much more in its own unit.

A metric has no gradient, so the two steps read different things (proxy constraints: Cotter, Jiang & Sridharan 2019,
*Two-player games for efficient non-convex constrained optimization*, ALT, §3): the dual step reads the violation of the
metric itself, on the slice; the primal step differentiates the task's loss. At rest the multiplier is still the weight
of that loss in the primal step; that lowering the loss mends the metric is an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.errors import PrecedenceError
from core.models.losses import TaskLosses
from core.models.network import Network
from core.training.bounds import Protected
from core.training.measure import Reading, mean_loss_as_trained, predict, row_losses


@dataclass
class MetricBounds:
    """m_i may be worse than m_i(θ_i) by ε_i, in the own unit of the metric that the task's kind has.

        v_i = m_i(θ_i) − ε_i − m_i(θ; B)        where more is better,
        v_i = m_i(θ; B) − m_i(θ_i) − ε_i        where less is

    With `paired`, m_i(θ_i; B) on the same rows takes the place of m_i(θ_i), as in `Bounds`. Rows on which a metric is
    not defined (no positive one) read as 0: they move no multiplier.
    """

    dataset: Dataset
    losses: TaskLosses
    slice_rows: Tensor  # [n] row numbers
    train_sample: Tensor  # [m] row numbers
    tolerances: Tensor  # [K]
    paired: bool
    protected: dict[int, Protected] = field(default_factory=dict)

    def protect(self, task: int, network: Network) -> None:
        """Take `network` as the one that is best for `task`."""
        given = predict(network, self.dataset, self.slice_rows)[:, self.losses.columns[task]]
        metric = self._metric(task, given, self.slice_rows)
        if metric is None:
            name = self.losses.tasks[task].name
            raise PrecedenceError(
                f"The metric of '{name}' is not defined on the slice (it holds one class alone), so it cannot be "
                "bounded; use a tolerance of the loss, method.tolerance_kind = relative."
            )
        each = row_losses(network, self.losses, self.dataset, self.slice_rows)
        means = self.losses.mean_of(each, self.dataset.weight[self.slice_rows])
        train = mean_loss_as_trained(network, self.losses, self.dataset, self.train_sample)
        self.protected[task] = Protected(
            slice_loss=means[task],
            train_loss=train[task],
            slice_noise=None,
            train_noise=None,
            metric=metric,
            slice_given=given if self.paired else None,
        )

    def tolerance(self, task: int) -> Tensor:
        """ε_i in the unit of the metric."""
        return self.tolerances[task]

    def bound(self, task: int) -> Tensor:
        """The metric that must be kept, on the slice."""
        held = self.protected[task]
        assert held.metric is not None
        higher = self.losses.tasks[task].metric.higher_is_better
        return held.metric - self.tolerances[task] if higher else held.metric + self.tolerances[task]

    def bound_on_train(self, task: int) -> Tensor:
        """The loss on training rows at the end of the task's own stage: a metric has no tolerance there."""
        return self.protected[task].train_loss

    def violation(self, task: int, reading: Reading) -> float:
        """Of a reading of the whole slice."""
        metric = reading.metric[task]
        return 0.0 if metric is None else self.losses.tasks[task].metric.worse_by(metric, self.bound(task).item())

    def read_slice(self, network: Network, places: Tensor) -> Tensor:
        """Violations [K] on the slice's rows at `places` [n]; 0 for a task that is not protected."""
        rows = self.slice_rows[places]
        predictions = predict(network, self.dataset, rows)
        out = torch.zeros_like(self.tolerances)
        for task, held in self.protected.items():
            now = self._metric(task, predictions[:, self.losses.columns[task]], rows)
            before = held.metric if held.slice_given is None else self._metric(task, held.slice_given[places], rows)
            if now is not None and before is not None:
                out[task] = self.losses.tasks[task].metric.worse_by(now, before) - self.tolerances[task]
        return out

    def read_train(self, batch_losses: Tensor, rows: Tensor) -> Tensor:
        """Training losses [K] above those at each task's own stage's end: what tells over-fitting from interference."""
        out = torch.zeros_like(batch_losses)
        for task, held in self.protected.items():
            out[task] = batch_losses[task] - held.train_loss
        return out

    def for_dual(self, violation: Tensor) -> Tensor:
        """Violations [K] in the unit of the losses, so that one dual rate suits all: a point of a metric counts as its
        task's kind says, of AUC or of accuracy as the same share of the loss of the best constant."""
        return violation * self.losses.loss_of_a_point

    def _metric(self, task: int, given: Tensor, rows: Tensor) -> float | None:
        known = self.dataset.mask[rows, task]
        return self.losses.metric(task, given[known], self.dataset.labels[rows, task][known])
