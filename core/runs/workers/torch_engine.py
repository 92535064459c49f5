"""The worker's side of the interface: data sets as tensors, the trainer, its checkpoints. Imports torch when warmed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.data.source import DatasetChoice
from core.events.events import Started
from core.runs.workers.engine import TrainerLike
from core.settings.run import RunConfig
from core.training.provenance import Provenance
from core.training.single_task import KnownSingleTasks

WARM_STEPS = 4  # optimiser steps before any run is asked for: kernels chosen, memory taken

_log = logging.getLogger(__name__)


class TorchEngine:
    """Trains with `core.training`. One CPU thread a worker: a class shares the cores fairly, and the sums of a
    resumed run are taken in the same order as those of an uninterrupted one."""

    def prepare(self) -> None:
        import torch

        torch.set_num_threads(1)

    def warm(self, load: Callable[[DatasetChoice], Any]) -> None:
        self.prepare()
        try:
            config = RunConfig(stage_steps=WARM_STEPS, reference=False, probe_every=0)
            trainer = self.make(config, load(config.dataset))
            for _ in zip(range(WARM_STEPS), trainer.run(), strict=False):
                pass
        except Exception:  # a run that meets the same trouble says so where a person sees it
            _log.exception("the worker could not warm up on the default data set")

    def load(self, choice: DatasetChoice) -> Any:
        from core.data.registry import load_dataset

        return load_dataset(choice)

    def make(self, config: RunConfig, dataset: Any) -> TrainerLike:
        from core.training.loop import Trainer

        return Trainer(config, dataset)

    def save(self, path: Path, trainer: Any, offset: int) -> None:
        from core.training import checkpoint

        checkpoint.save(path, trainer.state, offset)

    def restore(self, path: Path, trainer: Any) -> int:
        from core.training import checkpoint

        return int(checkpoint.load(path, trainer.state))

    def branch(self, path: Path, trainer: Any) -> Started:
        from core.training import checkpoint, telemetry

        started = telemetry.started(trainer.state)
        checkpoint.branch(path, trainer.state)
        return started

    def offer(self, trainer: Any, stage: int, paths: Sequence[Path], share: float) -> None:
        from core.training import checkpoint

        trainer.offer(stage, [checkpoint.stage_end(path, trainer.state) for path in paths], share)

    def read_off(self, trainer: Any, paths: Sequence[Path]) -> None:
        from core.training import checkpoint

        trainer.read_off([checkpoint.kept_weights(path) for path in paths])

    def know(self, trainer: Any, single_tasks: KnownSingleTasks) -> None:
        trainer.know(single_tasks)

    def made_with(self, trainer: Any) -> Provenance:
        from core.training.made_with import made_with

        return made_with(trainer.state)

    def keep(self, path: Path, trainer: Any, name: str) -> None:
        from core.training.bundle import save_bundle

        save_bundle(path, trainer.state, name)


def engine() -> TorchEngine:
    """The engine of this module, for who is told its name alone."""
    return TorchEngine()
