"""Losses and metrics of a network on a set of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.events.events import one_metric
from core.models.losses import TaskLosses
from core.models.network import Network


@dataclass(frozen=True)
class Reading:
    """Of K tasks on the same rows."""

    loss: list[float]
    metric: list[float | None]  # each that of its task's kind; None where the rows leave it undefined
    measures: dict[str, float]  # what the network itself can say of the rows; {} for most
    distance: list[float] = field(default_factory=list)  # to keep from each bound, as the rows know it; empty: none

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Reading:
        """Of `vars(reading)`; also of a checkpoint that held a slot for each kind of metric."""
        state = one_metric(state)
        for task in state.pop("costs", ()):
            state["metric"][task] = state["loss"][task]
        return cls(**state)


@dataclass(frozen=True)
class Score:
    """Of one task: its loss on some rows, and the metric of its kind."""

    loss: float
    metric: float | None

    @classmethod
    def from_state(cls, state: dict[str, Any], task: int) -> Score:
        """Of `asdict(score)`; also of a checkpoint that held the readings of all tasks."""
        if not isinstance(state["loss"], list):
            return cls(**state)
        reading = Reading.from_state(state)
        return cls(reading.loss[task], reading.metric[task])


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
    predictions = torch.cat([network(dataset.batch(part)) for part in rows.split(network.rows_a_pass)])
    return losses.each(predictions, dataset.batch(rows))  # at once: a list may lie in two parts


@torch.no_grad()
def read(network: Network, losses: TaskLosses, dataset: Dataset, rows: Tensor) -> Reading:
    """Losses and metrics on `rows`."""
    predictions = predict(network, dataset, rows)
    batch, lists = dataset.batch(rows), dataset.groups(rows)
    metric: list[float | None] = []
    for at in range(len(losses.tasks)):
        known = batch.mask[:, at]
        given, labels = predictions[known, losses.columns[at]], batch.labels[known, at]
        metric.append(losses.metric(at, given, labels, None if lists is None else lists[known]))
    measures = network.measures(dataset, rows, predictions)
    return Reading(losses(predictions, batch).tolist(), metric, measures)
