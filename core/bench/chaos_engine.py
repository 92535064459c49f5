"""Processes of the chaos bench: a worker, a server and a driver of sweeps over a trainer that only counts.

python -m core.bench.chaos_engine worker HOME ID | server HOME | driver HOME

The trainer has no torch, so that hundreds of processes can be started and killed; everything else (queue, folders,
logs, checkpoints, locks, hand-over) is the program's own. Each step's loss follows from the seed and the step alone, so
a resumed run that differs by one bit is seen.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from core import files
from core.errors import PrecedenceError
from core.events.events import Event, Finished, Progress, Started, Step, TaskResult
from core.files import write_text
from core.runs.workers.supervisor import Supervisor
from core.settings.run import RunConfig
from core.training.knobs import Knobs
from core.training.provenance import Provenance

FULL = "disk-is-full"  # a file of this name in the home: nothing can be written
WORKER = (sys.executable, "-m", "core.bench.chaos_engine", "worker")
_FACTOR, _ADDED, _RANGE = 6364136223846793005, 1442695040888963407, 2**63


def values(seed: int, steps: int) -> list[float]:
    """The loss of every step of an undisturbed run."""
    value, found = seed + 1, []
    for _ in range(steps):
        value = (value * _FACTOR + _ADDED) % _RANGE
        found.append(value / _RANGE)
    return found


class Counter:
    """`batch_size` is the time of a step in microseconds."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.step = 0
        self.value = config.seed + 1

    @property
    def progress(self) -> Progress:
        most = self.config.stage_steps
        return Progress(step=self.step, most_steps=most, stage=0, stages=1, phase="main", seconds=float(self.step))

    def run(self) -> Iterator[list[Event]]:
        if self.step == 0:
            yield [_started(self.config)]
        while self.step < self.config.stage_steps:
            time.sleep(self.config.batch_size / 1e6)
            self.step += 1
            self.value = (self.value * _FACTOR + _ADDED) % _RANGE
            yield [self._point()]
        yield [Finished(step=self.step, seconds=1.0, tasks={name: self._result() for name in ("a", "b")})]

    def change(self, knobs: Knobs) -> list[Event]:
        raise PrecedenceError("This trainer has no knobs.")

    def _point(self) -> Step:
        loss = self.value / _RANGE
        return Step(
            step=self.step,
            stage=0,
            loss=[loss, None],
            multiplier=[None, 1.0],
            weight=[1.0, 1.0],
            violation=[None, loss - 0.5],
            violation_train=[None, None],
            seconds=float(self.step),
        )

    def _result(self) -> TaskResult:
        loss = self.value / _RANGE
        return TaskResult(
            kind="binary", loss=loss, metric=0.5, validation_loss=loss, bound=None, violation=None, multiplier=None
        )


def _started(config: RunConfig) -> Started:
    return Started(
        step=0,
        tasks=["a", "b"],
        task_kinds=["binary", "binary"],
        priority=["a", "b"],
        device="cpu",
        device_reason="it only counts",
        parameters=1,
        rows={"train": 1},
        most_steps=config.stage_steps,
        base_loss=[1.0, 1.0],
    )


class CountingEngine:
    """Keeps a counter as text with a checksum, as the real one keeps tensors."""

    def prepare(self) -> None:
        pass

    def warm(self, load: Any) -> None:
        pass

    def load(self, choice: Any) -> Any:
        return choice

    def make(self, config: RunConfig, dataset: Any) -> Counter:
        return Counter(config)

    def save(self, path: Path, trainer: Any, offset: int) -> None:
        text = json.dumps([trainer.step, trainer.value, offset])
        write_text(path, f"{text} {crc32(text.encode()):08x}")

    def restore(self, path: Path, trainer: Any) -> int:
        text, _, summed = path.read_text(errors="replace").rpartition(" ")
        if summed != f"{crc32(text.encode()):08x}":
            raise PrecedenceError("checkpoint.pt cannot be used: it has changed; start the run again.")
        trainer.step, trainer.value, offset = json.loads(text)
        return int(offset)

    def made_with(self, trainer: Any) -> Provenance:
        return Provenance(from_step=trainer.step, seed=trainer.config.seed)

    def keep(self, path: Path, trainer: Any, name: str) -> None:
        pass

    def branch(self, path: Path, trainer: Any) -> Started:
        raise PrecedenceError("This trainer has no stages.")

    def know(self, trainer: Any, single_tasks: Any) -> None:
        pass

    def offer(self, trainer: Any, stage: int, paths: Sequence[Path], share: float) -> None:
        pass

    def read_off(self, trainer: Any, paths: Sequence[Path]) -> None:
        pass


def fill_disk_on_demand(home: Path) -> None:
    """While the home holds the file FULL, this process cannot write a byte, as on a full disk."""
    write, replace = os.write, files.write_whole

    def refuse() -> None:
        if (home / FULL).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def guarded_write(file: int, data: bytes) -> int:
        refuse()
        return write(file, data)

    def guarded_replace(file: Path, fill: Any) -> None:
        refuse()
        replace(file, fill)

    os.write, files.write_whole = guarded_write, guarded_replace  # type: ignore[assignment]


def main(arguments: list[str]) -> int:
    kind, home = arguments[0], Path(arguments[1])
    fill_disk_on_demand(home)
    if kind == "worker":
        from core.runs.workers import worker

        worker.work(home, arguments[2], CountingEngine())
        return 0
    supervisor = Supervisor(home, 2, command=WORKER)
    if kind == "server":
        supervisor.start()
    else:
        from core.sweeps.service import Sweeps

        Sweeps(supervisor).start()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
