"""What comes next, as a task beside those of a data set of histories: no column of it, the network's own cost."""

from __future__ import annotations

from dataclasses import replace

from core.data.description import DatasetCard, Task
from core.data.source import Source
from core.errors import PrecedenceError

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
