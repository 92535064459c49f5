"""Bounds on protected tasks, by their loss or by their metric, and how far they are violated.

A task is protected from the end of its own stage on. Its bound is measured there, on the model that the stage keeps,
exactly as violations are measured later: same rows, same dropout, same reduction.

A metric has no gradient, so under a bound on it the two steps read different things (proxy constraints: Cotter, Jiang &
Sridharan 2019, *Two-player games for efficient non-convex constrained optimization*, ALT, §3): the dual step reads the
violation of the metric itself, on the validation rows; the primal step differentiates the task's loss. At rest the
multiplier is still the weight of that loss in the primal step; that lowering the loss mends the metric is an
assumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.errors import PrecedenceError
from core.events.events import Numbers
from core.methods.interface import ConstrainedConfig, ToleranceKind
from core.models.losses import TaskLosses, total
from core.models.network import Network
from core.settings.run import RunConfig
from core.training.knobs import tolerance_list
from core.training.measure import Reading, mean_loss_as_trained, predict, row_losses

_ROUNDING = 1e-6  # of a loss: less is no better model
_MEMORY = 0.9  # of the running mean of the training violation, a step


@dataclass
class Protected:
    """One task under the model that was best for it."""

    validation_loss: Tensor  # [] mean over the validation rows
    train_loss: Tensor  # [] mean over a sample of training rows, with dropout as in training
    validation_noise: Tensor | None = None  # [n] each row's loss less their mean; 0 where the label is missing
    train_noise: Tensor | None = None  # [R] the same for each row of the table, 0 outside the training rows
    metric: float | None = None  # of the validation rows; with tolerances of the metric alone
    validation_given: Tensor | None = None  # [n, c] predictions, to read the metric on some of the rows
    distance: float = 0.0  # that violations keep from the bound, as the last reading of all validation rows had it


@dataclass
class Bounds:
    """c_i = m_i(θ_i) + ε_i for every protected task i, with m_i its loss or its metric.

        v_i = m_i(θ; B) − c_i                                           violation on rows B, where less is better
        v_i = c_i − m_i(θ; B),   c_i = m_i(θ_i) − ε_i                   where more is better (AUC, accuracy)
        v_i = m_i(θ; B) − (m_i(θ_i; B) − m_i(θ_i)) − c_i                with `paired`

    where
        θ_i     the model that was best for the task, frozen
        ε_i     its tolerance, as `kind` says: a share of L_i(θ_i), in the unit of the loss, or in that of the metric

    `paired` takes the noise of drawing B out, by the frozen model on the same rows; the mean stays. Rows on which a
    metric is not defined (no positive one) read as 0: they move no multiplier. On training rows the loss alone is
    read; a metric has no tolerance there.
    """

    dataset: Dataset
    losses: TaskLosses
    validation_rows: Tensor  # [n] row numbers
    train_sample: Tensor  # [m] row numbers
    tolerances: Tensor  # [K]
    kind: ToleranceKind
    paired: bool
    on_train: bool  # the dual step reads training batches
    margin: float = 0.0  # standard errors to keep from a bound: see core.training.margin
    protected: dict[int, Protected] = field(default_factory=dict)

    @classmethod
    def of(
        cls, config: RunConfig, dataset: Dataset, losses: TaskLosses, validation_rows: Tensor, train_sample: Tensor
    ) -> Bounds:
        """Those that a run's config asks for; raises PrecedenceError where a tolerance names no task, or where a
        metric's would be read on training rows."""
        method = config.method if isinstance(config.method, ConstrainedConfig) else ConstrainedConfig()
        if method.tolerance_kind == "metric" and method.bound_on == "train":
            raise PrecedenceError(
                "A tolerance of the metric is read on the validation rows, not on training batches; use "
                "method.bound_on = validation, or a tolerance of the loss."
            )
        _check_margin(method, losses)
        return cls(
            dataset,
            losses,
            validation_rows=validation_rows,
            train_sample=train_sample,
            tolerances=losses.base.new_tensor(tolerance_list(config, dataset.description.card.task_names())),
            kind=method.tolerance_kind,
            paired=method.bound != "constant",
            on_train=method.bound_on == "train",
            margin=method.margin,
        )

    def protect(self, task: int, network: Network, read: float) -> None:
        """Take `network` as the one that is best for `task`, its loss on the validation rows read as `read`: that and
        the mean taken here are of one model and may differ in how they were rounded, and it is within its own bound."""
        loss, noise = self._loss_and_noise(task, network, self.validation_rows)
        loss = loss.clamp_min(read)
        held = Protected(loss, mean_loss_as_trained(network, self.losses, self.dataset, self.train_sample)[task])
        if self.kind == "metric":
            given = predict(network, self.dataset, self.validation_rows)[:, self.losses.columns[task]]
            held.metric = self._metric_at_end(task, given)
            held.validation_given = given if self.paired or self.margin else None
        elif self.paired or self.margin:
            held.validation_noise = noise
            if self.on_train and self.paired:
                rows = self.dataset.rows["train"]
                held.train_noise = torch.zeros(len(self.dataset.labels), dtype=noise.dtype, device=noise.device)
                held.train_noise[rows] = self._loss_and_noise(task, network, rows)[1]
        self.protected[task] = held

    def tighten(self, tasks: Sequence[int], reading: Reading, network: Network) -> list[int]:
        """The ratchet: takes `network`, read on all validation rows as `reading`, for those of these protected tasks
        that it is better for than any model before; returns them. A bound never rises by it:

            c_i(t) = min over readings s ≤ t within all bounds of L_i(s) + ε_i

        Readings outside another bound do not count, or no model might be left within all of them.
        """
        better = [task for task in tasks if self._is_better(task, reading)]
        for task in better:
            self.protect(task, network, reading.loss[task])
        return better

    def _is_better(self, task: int, reading: Reading) -> bool:
        held = self.protected[task]
        if self.kind != "metric":
            return reading.loss[task] < held.validation_loss.item() * (1 - _ROUNDING)
        now = reading.metric[task]
        assert held.metric is not None
        return now is not None and self.losses.tasks[task].metric.worse_by(now, held.metric) < 0

    def tolerance(self, task: int) -> Tensor:
        """ε_i in the unit of the loss, or of the metric."""
        share = self.tolerances[task]
        return share * self.protected[task].validation_loss if self.kind == "relative" else share

    def bound(self, task: int) -> Tensor:
        """c_i on the validation rows."""
        held = self.protected[task]
        if self.kind != "metric":
            return held.validation_loss + self.tolerance(task)
        assert held.metric is not None
        higher = self.losses.tasks[task].metric.higher_is_better
        return held.metric - self.tolerances[task] if higher else held.metric + self.tolerances[task]

    def bound_on_train(self, task: int) -> Tensor:
        """c_i of the loss on training rows; a relative tolerance is a share of the training loss, a metric has none."""
        loss, share = self.protected[task].train_loss, self.tolerances[task]
        if self.kind == "metric":
            return loss
        return loss + (share * loss if self.kind == "relative" else share)

    def violation(self, task: int, reading: Reading) -> float:
        """Of a reading of all validation rows; a model is within its own bound, however little it may lose."""
        distance = reading.distance[task] if reading.distance else 0.0
        if self.kind != "metric":
            return reading.loss[task] - self.bound(task).item() + distance
        now, held = reading.metric[task], self.protected[task].metric
        if now is None or held is None:
            return 0.0
        worse = self.losses.tasks[task].metric.worse_by(now, held)  # in double precision, as metrics are read
        return worse - self.tolerances[task].item() + distance

    def for_dual(self, violation: Tensor) -> Tensor:
        """Violations [K] in the unit of the losses, so that one dual rate suits all: a point of a metric counts as its
        task's kind says, of AUC or of accuracy as the same share of the loss of the best constant."""
        return violation * self.losses.loss_of_a_point if self.kind == "metric" else violation

    def distance(self, violations: Numbers) -> float:
        """How far a model is outside the bounds: its violations above 0, each as a share of the task's base loss."""
        base = self.losses.base
        outside = self.for_dual(base.new_tensor([value or 0.0 for value in violations]))
        return (outside / base).clamp_min(0).sum().item()

    def read_validation(self, network: Network, places: Tensor) -> Tensor:
        """Violations [K] on the validation rows at `places` [n]; 0 for a task that is not protected."""
        if self.kind == "metric":
            return self._read_metrics(network, places)
        rows = self.validation_rows[places]
        each = row_losses(network, self.losses, self.dataset, rows)
        means = self.losses.mean_of(each, self.dataset.weight[rows])
        out = torch.zeros_like(means)
        for task, held in self.protected.items():
            out[task] = means[task] - self.bound(task) + held.distance
            if self.paired and held.validation_noise is not None:
                out[task] -= self._mean(held.validation_noise[places], rows, task)
        return out

    def read_train(self, batch_losses: Tensor, rows: Tensor) -> Tensor:
        """Violations [K] of the training batch `rows` whose losses [K] are known; 0 for a task not protected. What
        tells over-fitting from interference."""
        out = torch.zeros_like(batch_losses)
        for task, held in self.protected.items():
            out[task] = batch_losses[task] - self.bound_on_train(task)
            if held.train_noise is not None:
                out[task] -= self._mean(held.train_noise[rows], rows, task)
        return out

    def state_dict(self) -> dict[int, dict[str, Any]]:
        """The protected tasks; all else follows from the config."""
        return {task: dict(vars(held)) for task, held in self.protected.items()}

    def load_state_dict(self, state: dict[int, dict[str, Any]]) -> None:
        self.protected = {task: Protected(**held) for task, held in state.items()}

    def _read_metrics(self, network: Network, places: Tensor) -> Tensor:
        rows = self.validation_rows[places]
        predictions = predict(network, self.dataset, rows)
        out = torch.zeros_like(self.tolerances)
        for task, held in self.protected.items():
            now = self._metric(task, predictions[:, self.losses.columns[task]], rows)
            paired = held.validation_given if self.paired else None
            before = held.metric if paired is None else self._metric(task, paired[places], rows)
            if now is not None and before is not None:
                out[task] = self.losses.tasks[task].metric.worse_by(now, before) + held.distance - self.tolerances[task]
        return out

    def _metric_at_end(self, task: int, given: Tensor) -> float:
        metric = self._metric(task, given, self.validation_rows)
        if metric is None:
            name = self.losses.tasks[task].name
            raise PrecedenceError(
                f"The metric of '{name}' is not defined on the validation rows (they hold one class alone), so it "
                "cannot be bounded; use a tolerance of the loss, method.tolerance_kind = relative."
            )
        return metric

    def _metric(self, task: int, given: Tensor, rows: Tensor) -> float | None:
        known, lists = self.dataset.mask[rows, task], self.dataset.groups(rows)
        labels = self.dataset.labels[rows, task][known]
        return self.losses.metric(task, given[known], labels, None if lists is None else lists[known])

    def _loss_and_noise(self, task: int, network: Network, rows: Tensor) -> tuple[Tensor, Tensor]:
        each = row_losses(network, self.losses, self.dataset, rows)[:, task]
        mean = self._mean(each, rows, task)
        return mean, each - mean * self.dataset.weight[rows, task]

    def _mean(self, each: Tensor, rows: Tensor, task: int) -> Tensor:
        return each.sum() / total(self.dataset.weight[rows, task])


def _check_margin(method: ConstrainedConfig, losses: TaskLosses) -> None:
    without = [task.name for task, of in zip(losses.tasks, losses.functions, strict=True) if of.of_lists is None]
    if method.margin and method.tolerance_kind == "metric" and without:
        raise PrecedenceError(
            f"A margin of {method.margin:g} standard errors is known of losses and of NDCG, not of the metric of "
            f"'{without[0]}'; use method.margin = 0, or a tolerance of the loss."
        )
    if method.margin and method.bound_on == "train":
        raise PrecedenceError(
            f"A margin of {method.margin:g} standard errors is read on the validation rows, not on training batches; "
            "use method.bound_on = validation, or method.margin = 0."
        )


def allowed(bounds: Bounds) -> Tensor:
    """[K] the tolerances of the protected tasks, 0 of the others."""
    out = torch.zeros_like(bounds.tolerances)
    for task in bounds.protected:
        out[task] = bounds.tolerance(task)
    return out


class Violations:
    """How far the bounds were last seen to be violated, [K] each; 0 for a task that is not constrained."""

    def __init__(self, like: Tensor) -> None:
        self.clear(like)

    def clear(self, like: Tensor) -> None:
        """Nothing was read yet."""
        self.validation = self.train = self.last_train = torch.zeros_like(like)

    def read_train(self, now: Tensor, first: bool) -> None:
        """Take those of a training batch; `train` is their running mean over the stage."""
        self.last_train = now
        self.train = now if first else self.train.lerp(now, 1 - _MEMORY)

    def state_dict(self) -> dict[str, Tensor]:
        return {
            "slice_violation": self.validation,
            "train_violation": self.train,
            "last_train_violation": self.last_train,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.validation, self.train = state["slice_violation"], state["train_violation"]
        self.last_train = state["last_train_violation"]
