"""What a worker needs of training, behind one small interface: torch is imported on the far side of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from core.data.source import DatasetChoice
from core.events.events import Event, Progress, Started
from core.settings.run import RunConfig
from core.training.knobs import Knobs
from core.training.provenance import Provenance
from core.training.single_task import KnownSingleTasks


class TrainerLike(Protocol):
    """One run that goes on by being asked for its next turn."""

    @property
    def progress(self) -> Progress: ...

    def run(self) -> Iterator[list[Event]]: ...

    def change(self, knobs: Knobs) -> list[Event]: ...


class Engine(Protocol):
    """Makes data sets and trainers, and keeps trainers on disk."""

    def warm(self, load: Callable[[DatasetChoice], Any]) -> None:
        """Pays what the first run would otherwise wait for; `load` keeps what it reads for the runs to come."""
        ...

    def prepare(self) -> None:
        """What every training process does first; `warm` includes it."""
        ...

    def load(self, choice: DatasetChoice) -> Any: ...

    def make(self, config: RunConfig, dataset: Any) -> TrainerLike: ...

    def save(self, path: Path, trainer: TrainerLike, offset: int) -> None: ...

    def restore(self, path: Path, trainer: TrainerLike) -> int:
        """Puts the trainer where it was when saved; the byte offset of the event log at that step."""
        ...

    def branch(self, path: Path, trainer: TrainerLike) -> Started:
        """Puts a fresh trainer where another run's stage ended, under its own config; its own opening words."""
        ...

    def offer(self, trainer: TrainerLike, stage: int, paths: Sequence[Path], share: float) -> None:
        """Lets `stage` begin from one of these stage ends; it then has `share` of its steps."""
        ...

    def read_off(self, trainer: TrainerLike, paths: Sequence[Path]) -> None:
        """Lets the last stage keep the best model between those of these checkpoints, without training."""
        ...

    def know(self, trainer: TrainerLike, single_tasks: KnownSingleTasks) -> None:
        """Lets what other runs told of tasks trained alone stand in this one."""
        ...

    def made_with(self, trainer: TrainerLike) -> Provenance:
        """Versions, data, device, threads and seed of what trains now."""
        ...

    def keep(self, path: Path, trainer: TrainerLike, name: str) -> None:
        """Writes the model that the run ended with, and all that is needed to use it."""
        ...
