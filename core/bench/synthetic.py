"""A made-up data set of any size, from torch alone: for timings and for tests of the loop."""

from __future__ import annotations

import torch

from core.data.dataset import Dataset
from core.data.description import DatasetCard, DatasetDescription, DenseFeature, SparseFeature, Split, Task


def synthetic_dataset(
    rows: int = 4000, fields: int = 6, size: int = 50, dense: int = 4, tasks: int = 3, regression: bool = False,
    conflict: float = 0.5, seed: int = 0,
) -> Dataset:  # fmt: skip
    """Labels of a random linear teacher; neighbouring tasks share a direction and oppose each other by `conflict`.

    Every fifth label of the last task is missing; with `regression` the last task is one.
    """
    draw = torch.Generator().manual_seed(seed)
    ids = (torch.rand(rows, fields, generator=draw) ** 2 * (size - 1)).int() + 1
    values = torch.randn(rows, dense, generator=draw)
    teacher = torch.randn(size, fields, generator=draw)
    shared = teacher[ids.long(), torch.arange(fields)].sum(1) / fields**0.5 + values.sum(1) / dense**0.5
    own = torch.randn(rows, tasks, generator=draw)
    sign = torch.tensor([1.0 if task % 2 == 0 else 1 - 2 * conflict for task in range(tasks)])
    logits = 1.5 * shared[:, None] * sign + 0.5 * own - 0.5
    labels = (torch.rand(rows, tasks, generator=draw) < torch.sigmoid(logits)).float()
    if regression:
        labels[:, -1] = 20 + 3 * logits[:, -1]
    mask = torch.ones(rows, tasks, dtype=torch.bool)
    mask[::5, -1] = False
    labels = torch.where(mask, labels, torch.zeros_like(labels))
    edges = [0, int(0.6 * rows), int(0.8 * rows), rows]
    kinds = ["binary"] * tasks
    if regression:
        kinds[-1] = "regression"
    card = DatasetCard(
        name="synthetic",
        title="Synthetic",
        about="A random linear teacher.",
        tasks=tuple(Task(name=f"task_{k}", title=f"Task {k}", kind=kinds[k], label=f"y{k}") for k in range(tasks)),
        split=Split(kind="given", says="60 % / 20 % / 20 % of the rows"),
    )
    description = DatasetDescription(
        card=card,
        sparse=tuple(SparseFeature(name=f"field_{f}", size=size) for f in range(fields)),
        dense=tuple(DenseFeature(name=f"value_{d}") for d in range(dense)),
    )
    names = ("train", "validation", "test")
    return Dataset(
        description=description,
        sparse=ids,
        dense=values,
        sequences=(),
        labels=labels,
        mask=mask,
        rows={name: torch.arange(edges[at], edges[at + 1]) for at, name in enumerate(names)},
    )
