"""Each task's loss, over the rows whose label is known."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.dataset import Batch, Dataset


class TaskLosses:
    """Losses of K tasks from predictions [B, K].

    binary      l = −y log σ(p) − (1−y) log(1−σ(p)), in nats;
    regression  l = (p − (y − m)/s)², with m and s the mean and standard deviation of the known training labels, so
                that 1 is the loss of always predicting the mean. Errors are reported in the label's own unit.

    `base` [K] is the training loss of the best constant prediction (entropy of the base rate; 1): a loss divided by it
    is the *normalised entropy* of He et al. 2014 (§3.1), which makes tasks comparable.
    """

    def __init__(self, dataset: Dataset) -> None:
        train = dataset.rows["train"]
        labels, mask = dataset.labels[train], dataset.mask[train]
        count = mask.sum(0).clamp_min(1)
        mean = (labels * mask).sum(0, dtype=torch.float64) / count
        variance = (((labels - mean) ** 2) * mask).sum(0) / count
        self.binary = torch.tensor([task.kind == "binary" for task in dataset.description.card.tasks])
        self.binary = self.binary.to(labels.device)
        rate = mean.clamp(1e-6, 1 - 1e-6)
        entropy = -(rate * rate.log() + (1 - rate) * (1 - rate).log())
        self.base = torch.where(self.binary, entropy, torch.ones_like(entropy)).to(labels.dtype)
        self.mean = torch.where(self.binary, torch.zeros_like(mean), mean).to(labels.dtype)
        deviation = variance.sqrt().clamp_min(1e-12)
        self.deviation = torch.where(self.binary, torch.ones_like(deviation), deviation).to(labels.dtype)
        self.all_binary = bool(self.binary.all())

    def each(self, predictions: Tensor, batch: Batch) -> Tensor:
        """Loss of every row and task [B, K], 0 where the label is missing."""
        losses = F.binary_cross_entropy_with_logits(predictions, batch.labels, reduction="none")
        if not self.all_binary:
            squared = (predictions - (batch.labels - self.mean) / self.deviation) ** 2
            losses = torch.where(self.binary, losses, squared)
        return losses * batch.mask

    def mean_over_known(self, each: Tensor, mask: Tensor) -> Tensor:
        """[K] mean of `each` [B, K] over known labels; 0 for a task with none in the batch."""
        return each.sum(0) / mask.sum(0).clamp_min(1)

    def __call__(self, predictions: Tensor, batch: Batch) -> Tensor:
        """[K] mean losses of the batch."""
        return self.mean_over_known(self.each(predictions, batch), batch.mask)
