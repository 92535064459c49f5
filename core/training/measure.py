"""Losses and metrics of a network on a set of rows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.models.losses import TaskLosses
from core.models.network import Network

HIGHER_IS_BETTER = ("binary", "multiclass")
"""Kinds of task whose metric (AUC, accuracy) rises as the model gets better."""


@dataclass(frozen=True)
class Reading:
    """Of K tasks on the same rows; None where a task's kind has no such metric or its rows no label."""

    loss: list[float]
    auc: list[float | None]
    rmse: list[float | None]
    accuracy: list[float | None]
    measures: dict[str, float]  # what the network itself can say of the rows; {} for most
    costs: tuple[int, ...] = ()  # tasks whose loss is all that is known of them

    def metric(self, task: int) -> float | None:
        """The one metric that fits the task's kind: AUC, accuracy, root mean squared error; of a cost the loss."""
        if task in self.costs:
            return self.loss[task]
        known = (self.auc[task], self.accuracy[task], self.rmse[task])
        return next((value for value in known if value is not None), None)


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
    found: list[float | None] = []
    for at in range(len(losses.tasks)):
        known = batch.mask[:, at]
        found.append(quality(losses, at, predictions[known, losses.columns[at]], batch.labels[known, at]))

    def of(kind: str) -> list[float | None]:
        return [value if task.kind == kind else None for task, value in zip(losses.tasks, found, strict=True)]

    costs = tuple(at for at, task in enumerate(losses.tasks) if task.kind == "cost")
    measures = network.measures(dataset, rows, predictions)
    return Reading(loss.tolist(), of("binary"), of("regression"), of("multiclass"), measures, costs)


def quality(losses: TaskLosses, task: int, given: Tensor, labels: Tensor) -> float | None:
    """The metric of one task from its columns `given` [n, c] on rows with known `labels` [n]; None where undefined.

    AUC (binary), root mean squared error in the label's unit (regression), accuracy (multiclass), mean (cost).
    """
    kind = losses.tasks[task].kind
    if not len(labels):
        return None
    if kind == "binary":
        return auc(given[:, 0], labels)
    if kind == "regression":
        value = given[:, 0] * losses.deviation[task] + losses.mean[task]
        return (value - labels).square().mean().sqrt().item()
    if kind == "multiclass":
        return (given.argmax(1) == labels).double().mean().item()
    return given[:, 0].mean().item()


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
