"""Runs that differ in tolerances alone: what comes before a tolerance counts is trained once, as sweeps do."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

from core.data.dataset import Dataset
from core.events import events as ev
from core.settings.run import RunConfig
from core.training.loop import Trainer
from core.training.schedule import starts_together


def from_one_start(configs: Sequence[RunConfig], data: Dataset, place: int) -> Iterator[tuple[Trainer, list[ev.Event]]]:
    """Each of the configs to its end, with all its events. They differ in the tolerance of the task at this place of
    the order, and of tasks below it."""
    first = Trainer(configs[0], data)
    until = place + 1 + starts_together(configs[0], len(first.state.order))
    shared: list[ev.Event] = []
    for turn in first.run():
        shared += turn
        if first.state.place == until and first.state.stage is None:
            break
    saved = first.state.state_dict()
    for config in configs:
        trainer = Trainer(config, data)
        trainer.state.load_state_dict({**copy.deepcopy(saved), "config": config.model_dump_json()})
        yield trainer, [*shared, *(event for turn in trainer.run() for event in turn)]
