"""Each task's loss, over the rows whose label is known."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.dataset import Batch, Dataset
from core.data.description import Task


class TaskLosses:
    """Losses of K tasks from predictions [B, C]: one column a task, a multiclass task one for each class.

    binary      l = −y log σ(p) − (1−y) log(1−σ(p)), in nats;
    multiclass  l = −log softmax(p)_y, in nats;
    regression  l = (p − (y − m)/s)², with m and s the mean and standard deviation of the known training labels, so
                that 1 is the loss of always predicting the mean. Errors are reported in the label's own unit;
    cost        l = p: the network's own output is what is to be lowered.

    A task's loss on rows B is Σ n_b l_b / Σ n_b over known labels, n_b the row's weight where the task has weights.

    `base` [K] is the training loss of the best constant prediction (entropy of the base rate; 1; 1): a loss divided by
    it is the *normalised entropy* of He et al. 2014 (§3.1), which makes tasks comparable.
    """

    def __init__(self, dataset: Dataset) -> None:
        tasks = dataset.description.card.tasks
        train = dataset.rows["train"]
        labels, weight = dataset.labels[train], dataset.weight[train]
        device, dtype = labels.device, labels.dtype
        mean = (labels * weight).sum(0, dtype=torch.float64) / total(weight)
        variance = (((labels - mean) ** 2) * weight).sum(0) / total(weight)

        def chosen(kind: str) -> Tensor:
            return torch.tensor([task.kind == kind for task in tasks], device=device)

        self.tasks = tasks
        self.binary, self.regression = chosen("binary"), chosen("regression")
        rate = mean.clamp(1e-6, 1 - 1e-6)
        entropy = -(rate * rate.log() + (1 - rate) * (1 - rate).log())
        base = torch.where(self.binary, entropy, torch.ones_like(entropy))
        for at, task in enumerate(tasks):
            if task.kind == "multiclass":
                base[at] = _entropy(labels[:, at], weight[:, at], task.classes)
        self.base = base.to(dtype)
        self.mean = torch.where(self.regression, mean, torch.zeros_like(mean)).to(dtype)
        deviation = variance.sqrt().clamp_min(1e-12)
        self.deviation = torch.where(self.regression, deviation, torch.ones_like(deviation)).to(dtype)
        self.all_binary = bool(self.binary.all())
        self.one_column_each = not any(task.kind in ("multiclass", "cost") for task in tasks)
        starts = [sum(task.columns for task in tasks[:at]) for at in range(len(tasks))]
        self.columns = [slice(start, start + task.columns) for start, task in zip(starts, tasks, strict=True)]

    def each(self, predictions: Tensor, batch: Batch) -> Tensor:
        """Loss of every row and task [B, K] times its weight; 0 where the label is missing."""
        if not self.one_column_each:
            losses = torch.stack([self._of(task, predictions, batch) for task in range(len(self.tasks))], 1)
            return losses * batch.weight
        losses = F.binary_cross_entropy_with_logits(predictions, batch.labels, reduction="none")
        if not self.all_binary:
            squared = (predictions - (batch.labels - self.mean) / self.deviation) ** 2
            losses = torch.where(self.binary, losses, squared)
        return losses * batch.weight

    def mean_of(self, each: Tensor, weight: Tensor) -> Tensor:
        """[K] mean of `each` [B, K] over known labels; 0 for a task with none in the batch."""
        return each.sum(0) / total(weight)

    def __call__(self, predictions: Tensor, batch: Batch) -> Tensor:
        """[K] mean losses of the batch."""
        return self.mean_of(self.each(predictions, batch), batch.weight)

    def _of(self, at: int, predictions: Tensor, batch: Batch) -> Tensor:
        """Losses [B] of one task."""
        task: Task = self.tasks[at]
        given, labels = predictions[:, self.columns[at]], batch.labels[:, at]
        if task.kind == "multiclass":
            return F.cross_entropy(given, labels.long(), reduction="none")
        if task.kind == "binary":
            return F.binary_cross_entropy_with_logits(given[:, 0], labels, reduction="none")
        if task.kind == "regression":
            return (given[:, 0] - (labels - self.mean[at]) / self.deviation[at]) ** 2
        return given[:, 0]


def total(weight: Tensor) -> Tensor:
    """Σ over rows of weights [B, …]; 1 in the place of a 0, so that a mean of nothing is 0."""
    summed = weight.sum(0)
    return torch.where(summed > 0, summed, torch.ones_like(summed))


def _entropy(labels: Tensor, weight: Tensor, classes: int) -> Tensor:
    """−Σ_c p_c log p_c of the known labels' classes, weighted."""
    counts = torch.bincount(labels.long(), weights=weight.double(), minlength=classes)
    share = counts / counts.sum().clamp_min(1e-12)
    return torch.special.entr(share).sum().clamp_min(1e-6)
