"""What comes next, as a task beside those of a data set of histories: no column of it, the network's own cost."""

from __future__ import annotations

from core.data.description import DatasetCard, Task

NEXT = Task(name="next", title="Next event", kind="cost")


def with_task(card: DatasetCard) -> DatasetCard:
    """The card with this task behind the others."""
    return card.model_copy(update={"tasks": (*card.tasks, NEXT)})
