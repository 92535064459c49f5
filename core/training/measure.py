"""Losses and metrics of a network on a set of rows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.models.losses import TaskLosses
from core.models.network import Network

_CHUNK = 16_384  # rows a forward pass


@dataclass(frozen=True)
class Reading:
    """Of K tasks on the same rows; None where a task's kind has no such metric or its rows no label."""

    loss: list[float]
    auc: list[float | None]
    rmse: list[float | None]


@torch.no_grad()
def predict(network: Network, dataset: Dataset, rows: Tensor) -> Tensor:
    """Predictions [n, K] with dropout off."""
    was_training = network.training
    network.eval()
    out = torch.cat([network(dataset.batch(part)) for part in rows.split(_CHUNK)])
    network.train(was_training)
    return out


@torch.no_grad()
def row_losses(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Tensor:
    """Loss of every row and task [n, K] with dropout off; 0 where the label is missing."""
    was_training = network.training
    network.eval()
    out = torch.cat([losses.each(network(batch), batch) for batch in map(dataset.batch, rows.split(_CHUNK))])
    network.train(was_training)
    return out


@torch.no_grad()
def mean_loss_as_trained(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Tensor:
    """Mean losses [K] with dropout as the network's mode has it: alike to the losses of training batches."""
    mask = dataset.mask[rows]
    each = torch.cat([losses.each(network(batch), batch) for batch in map(dataset.batch, rows.split(_CHUNK))])
    return losses.mean_over_known(each, mask)


@torch.no_grad()
def read(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Reading:
    """Losses, AUC (binary) and root mean squared error in the label's unit (regression) on `rows`."""
    predictions = predict(network, dataset, rows)
    batch = dataset.batch(rows)
    loss = losses(predictions, batch)
    aucs: list[float | None] = []
    errors: list[float | None] = []
    for task, binary in enumerate(losses.binary.tolist()):
        known = batch.mask[:, task]
        scores, labels = predictions[known, task], batch.labels[known, task]
        aucs.append(auc(scores, labels) if binary else None)
        value = scores * losses.deviation[task] + losses.mean[task]
        errors.append(None if binary or not len(labels) else (value - labels).square().mean().sqrt().item())
    return Reading(loss.tolist(), aucs, errors)


def auc(scores: Tensor, labels: Tensor) -> float | None:
    """Area under the ROC curve: the share of (positive, negative) pairs in order, ties counting one half.

    scores, labels [n], labels 0 or 1. None where one of the classes is absent.
    """
    positives, negatives = scores[labels > 0.5], scores[labels <= 0.5].sort().values
    if not len(positives) or not len(negatives):
        return None
    below = torch.searchsorted(negatives, positives)
    up_to = torch.searchsorted(negatives, positives, right=True)
    return ((below + up_to).double().mean() / (2 * len(negatives))).item()
