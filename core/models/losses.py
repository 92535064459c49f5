"""Each task's loss, over the rows whose label is known."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.dataset import Batch, Dataset
from core.task_kinds.functions import FUNCTIONS, Scale, TaskFunctions, TrainingLabels


class TaskLosses:
    """Losses of K tasks from predictions [B, C], each as its kind has it: see `core.task_kinds.functions`.

    Predictions hold one column a task, a multiclass task's one for each class; `columns[k]` are those of task k.
    A task's loss on rows B is Σ n_b l_b / Σ n_b over known labels, n_b the row's weight where the task has weights.

    `base` [K] is the training loss of the best constant prediction. `loss_of_a_point` [K] is the loss that counts like
    one point of the task's metric. `scale` [K] turns standardised predictions into the label's unit.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.tasks = tasks = dataset.description.card.tasks
        self.functions = [FUNCTIONS[task.kind] for task in tasks]
        train = dataset.rows["train"]
        labels, weight = dataset.labels[train], dataset.weight[train]
        mean = (labels * weight).sum(0, dtype=torch.float64) / total(weight)
        deviation = ((((labels - mean) ** 2) * weight).sum(0) / total(weight)).sqrt().clamp_min(1e-12)
        known, lists = dataset.mask[train], dataset.groups(train)
        seen = [
            TrainingLabels(labels[:, at], weight[:, at], mean[at], task.classes, known[:, at], lists)
            for at, task in enumerate(tasks)
        ]
        self._group = dataset.description.group
        base = [functions.base_loss(of) for functions, of in zip(self.functions, seen, strict=True)]
        self.base = torch.stack(base).to(labels.dtype)
        nothing = labels.new_full((1,), torch.nan)
        self._constants = torch.cat([
            functions.constant(of).to(labels.dtype) if functions.constant else nothing
            for functions, of in zip(self.functions, seen, strict=True)
        ])  # fmt: skip
        points = zip(self.functions, self.base, deviation.to(labels.dtype), strict=True)
        self.loss_of_a_point = torch.stack([functions.loss_of_a_point(b, s) for functions, b, s in points])
        standardised = torch.tensor([functions.standardised for functions in self.functions], device=labels.device)
        self.scale = Scale(
            torch.where(standardised, mean, torch.zeros_like(mean)).to(labels.dtype),
            torch.where(standardised, deviation, torch.ones_like(deviation)).to(labels.dtype),
        )
        starts = [sum(task.columns for task in tasks[:at]) for at in range(len(tasks))]
        self.columns = [slice(start, start + task.columns) for start, task in zip(starts, tasks, strict=True)]
        self._elementwise = _groups(self.functions, labels.device)

    def each(self, predictions: Tensor, batch: Batch) -> Tensor:
        """Loss of every row and task [B, K] times its weight; 0 where the label is missing."""
        if not self._elementwise:
            losses = torch.stack([self._of(task, predictions, batch) for task in range(len(self.tasks))], 1)
            return losses * batch.weight
        (first, _), *others = self._elementwise
        losses = first.loss(predictions, batch.labels, self.scale)
        for functions, chosen in others:
            losses = torch.where(chosen, functions.loss(predictions, batch.labels, self.scale), losses)
        return losses * batch.weight

    def of_constants(self, batch: Batch) -> list[float | None]:
        """[K] losses of the best constant predictions of the training rows, on other rows; None where there is none."""
        found = self(self._constants.expand(len(batch), -1), batch).tolist()
        known = batch.mask.any(0).tolist()
        return [value if seen and value == value else None for value, seen in zip(found, known, strict=True)]

    def mean_of(self, each: Tensor, weight: Tensor) -> Tensor:
        """[K] mean of `each` [B, K] over known labels; 0 for a task with none in the batch."""
        return each.sum(0) / total(weight)

    def __call__(self, predictions: Tensor, batch: Batch) -> Tensor:
        """[K] mean losses of the batch."""
        return self.mean_of(self.each(predictions, batch), batch.weight)

    def metric(self, task: int, given: Tensor, labels: Tensor, lists: Tensor | None = None) -> float | None:
        """The metric of one task from its columns `given` [n, c] on rows with known `labels` [n] in `lists` [n]; None
        where it is undefined on them."""
        functions = self.functions[task]
        if not len(labels):
            return None
        if functions.of_lists and lists is not None:
            return functions.of_lists.metric(given[:, 0], labels, lists)
        return functions.metric(given, labels, self.scale.of(task))

    def _of(self, at: int, predictions: Tensor, batch: Batch) -> Tensor:
        """Losses [B] of one task."""
        functions, given = self.functions[at], predictions[:, self.columns[at]]
        if functions.of_lists and functions.of_lists.loss and self._group is not None:
            return functions.of_lists.loss(given[:, 0], batch.mask[:, at], batch.keys[self._group])
        return functions.loss(given[:, 0] if functions.elementwise else given, batch.labels[:, at], self.scale.of(at))


def _groups(functions: list[TaskFunctions], device: torch.device) -> list[tuple[TaskFunctions, Tensor]]:
    """Each kind among the tasks and which tasks are of it [K], where one call a kind gives all losses; else none."""
    if not all(one.elementwise for one in functions):
        return []
    kinds = [one for at, one in enumerate(functions) if one not in functions[:at]]
    return [(kind, torch.tensor([one is kind for one in functions], device=device)) for kind in kinds]


def total(weight: Tensor) -> Tensor:
    """Σ over rows of weights [B, …]; 1 in the place of a 0, so that a mean of nothing is 0."""
    summed = weight.sum(0)
    return torch.where(summed > 0, summed, torch.ones_like(summed))
