"""What comes next, as a task beside those of a data set of histories: no column of it, the network's own cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.data.description import DatasetCard, Task
from core.data.source import Source
from core.errors import PrecedenceError

if TYPE_CHECKING:
    from core.data.dataset import Dataset

NEXT = Task(name="next", title="Next event", kind="cost")


def with_task(card: DatasetCard) -> DatasetCard:
    """The card with this task behind the others."""
    return card.model_copy(update={"tasks": (*card.tasks, NEXT)})


def with_next_event(source: Source) -> Source:
    """The same data set with this task; raises PrecedenceError where it holds no histories."""
    if source.form != "histories":
        raise PrecedenceError(
            f"The data set {source.name} has no histories in which a next event could be foreseen "
            "(dataset.next_event = true); leave it out, or choose a data set of histories."
        )
    return replace(source, card=with_task(source.card))


def with_column(dataset: Dataset) -> Dataset:
    """The same rows with a column for the task, known of every row."""
    import torch

    rows, description = len(dataset.labels), dataset.description
    one = torch.ones(rows, 1, dtype=dataset.labels.dtype)
    return replace(
        dataset,
        description=description.model_copy(update={"card": with_task(description.card)}),
        labels=torch.cat((dataset.labels, 0 * one), 1),
        mask=torch.cat((dataset.mask, one.bool()), 1),
        weights=None if dataset.weights is None else torch.cat((dataset.weights, one), 1),
    )
