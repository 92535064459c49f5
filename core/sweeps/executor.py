"""Where points are trained: the worker processes of this machine, or a Ray cluster. Both drive the same held run."""

from __future__ import annotations

from typing import Protocol

from core.runs.folder.status import RunStatus
from core.runs.workers.supervisor import Supervisor


class Executor(Protocol):
    """Takes up runs whose folders lie under one home; what becomes of them stands in the folders."""

    @property
    def slots(self) -> int:
        """Runs that go on at once."""
        ...

    def start(self, run_id: str) -> None:
        """Lets a run begin, or go on from its last checkpoint."""
        ...

    def status(self, run_id: str) -> RunStatus:
        """What the run says of itself, `crashed` where whoever held it is gone."""
        ...

    def close(self) -> None:
        """Lets go of what was opened; runs that go on are left to go on."""
        ...


class LocalProcesses:
    """The worker pool that also trains everybody's single runs: a sweep takes its turn beside them."""

    def __init__(self, supervisor: Supervisor, slots: int | None = None) -> None:
        self._supervisor = supervisor
        self.slots = slots or supervisor.pool.most

    def start(self, run_id: str) -> None:
        self._supervisor.take_up(run_id)

    def status(self, run_id: str) -> RunStatus:
        return self._supervisor.status(run_id, patient=True)

    def close(self) -> None:
        return None
