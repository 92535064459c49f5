"""Ranking tasks of a data set: what a row of a list weighs, and the same labels taken row by row."""

from __future__ import annotations

from dataclasses import replace

import torch

from core.data.dataset import Dataset
from core.task_kinds.functions import FUNCTIONS, ListWeight


def weighted_in_lists(dataset: Dataset) -> Dataset:
    """The data set with the weights that its list-wise tasks need; itself where it has none.

    Lists do not reach over splits, so that one pass over all rows gives them.
    """
    tasks = dataset.description.card.tasks
    if not any(_weight(task.kind) for task in tasks):
        return dataset
    lists = dataset.groups(torch.arange(len(dataset.labels), device=dataset.labels.device))
    assert lists is not None  # a description without lists has no such task
    weights = dataset.weight.to(dataset.labels.dtype).clone()
    for at, task in enumerate(tasks):
        make = _weight(task.kind)
        if make:
            weights[:, at] = make(dataset.labels[:, at], dataset.mask[:, at], lists)
    return replace(dataset, weights=weights)


def row_by_row(dataset: Dataset) -> Dataset:
    """The data set with its list-wise tasks as graded ones."""
    tasks = dataset.description.card.tasks
    changed = [_weight(task.kind) is not None for task in tasks]
    if not any(changed):
        return dataset
    graded = tuple(
        task.model_copy(update={"kind": "graded"}) if now else task for task, now in zip(tasks, changed, strict=True)
    )
    card = dataset.description.card.model_copy(update={"tasks": graded})
    weights = dataset.weight.to(dataset.labels.dtype).clone()
    weights[:, changed] = dataset.mask[:, changed].to(weights.dtype)
    return replace(dataset, description=dataset.description.model_copy(update={"card": card}), weights=weights)


def _weight(kind: str) -> ListWeight | None:
    of_lists = FUNCTIONS[kind].of_lists
    return of_lists.weight if of_lists else None
