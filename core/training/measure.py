"""Losses and metrics of a network on a set of rows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.models.losses import TaskLosses
from core.models.network import Network


@dataclass(frozen=True)
class Reading:
    """Of K tasks on the same rows; None where a task's kind has no such metric or its rows no label."""

    loss: list[float]
    auc: list[float | None]
    rmse: list[float | None]
    accuracy: list[float | None]
    measures: dict[str, float]  # what the network itself can say of the rows; {} for most


@torch.no_grad()
def predict(network: Network, dataset: Dataset, rows: Tensor) -> Tensor:
    """Predictions [n, C] with dropout off."""
    was_training = network.training
    network.eval()
    out = torch.cat([network(dataset.batch(part)) for part in rows.split(network.rows_a_pass)])
    network.train(was_training)
    return out


@torch.no_grad()
def row_losses(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Tensor:
    """Loss of every row and task [n, K] with dropout off; 0 where the label is missing."""
    was_training = network.training
    network.eval()
    out = _each(network, losses, dataset, rows)
    network.train(was_training)
    return out


@torch.no_grad()
def mean_loss_as_trained(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Tensor:
    """Mean losses [K] with dropout as the network's mode has it: alike to the losses of training batches."""
    return losses.mean_of(_each(network, losses, dataset, rows), dataset.weight[rows])


def _each(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Tensor:
    batches = map(dataset.batch, rows.split(network.rows_a_pass))
    return torch.cat([losses.each(network(batch), batch) for batch in batches])


@torch.no_grad()
def read(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Reading:
    """Losses on `rows`; AUC (binary), root mean squared error in the label's unit (regression), accuracy (classes)."""
    predictions = predict(network, dataset, rows)
    batch = dataset.batch(rows)
    loss = losses(predictions, batch)
    aucs: list[float | None] = []
    errors: list[float | None] = []
    accuracies: list[float | None] = []
    for at, task in enumerate(losses.tasks):
        known = batch.mask[:, at]
        given, labels = predictions[known, losses.columns[at]], batch.labels[known, at]
        aucs.append(auc(given[:, 0], labels) if task.kind == "binary" else None)
        value = given[:, 0] * losses.deviation[at] + losses.mean[at]
        some = len(labels) > 0
        errors.append((value - labels).square().mean().sqrt().item() if task.kind == "regression" and some else None)
        right = (given.argmax(1) == labels).double().mean().item() if task.kind == "multiclass" and some else None
        accuracies.append(right)
    return Reading(loss.tolist(), aucs, errors, accuracies, network.measures(dataset, rows, predictions))


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
