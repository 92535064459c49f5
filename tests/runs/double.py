"""A trainer without torch for the tests of processes and files: deterministic, resumable, as slow as asked.

`config.batch_size` is the time of a step in microseconds; `config.seed` starts the numbers. As a program it is a
worker process: double.py HOME WORKER_ID.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from core.errors import PrecedenceError
from core.events.events import Changed, Finished, Progress, Started, Step, TaskResult
from core.files import write_text
from core.settings.run import RunConfig
from core.training.provenance import Provenance


class Double:
    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.step = 0
        self.value = config.seed + 1
        self.rate = config.optimiser.learning_rate
        self.done = False

    @property
    def progress(self) -> Progress:
        return Progress(
            step=self.step, most_steps=self.config.stage_steps, stage=0, stages=1, phase="main", seconds=self.step * 1.0
        )

    def run(self):
        if self.step == 0:
            yield [self._started()]
        while self.step < self.config.stage_steps:
            time.sleep(60 if self.config.name == "stuck" else self.config.batch_size / 1e6)
            self.step += 1
            self.value = (self.value * 6364136223846793005 + 1442695040888963407) % 2**63
            if self.config.name == "poison" and self.step == 5:
                raise PrecedenceError("The loss of 'a' became nan at step 5; lower the learning rate.")
            if self.config.name == "defect" and self.step == 5:
                raise IndexError("list index out of range")
            yield [self._point()] if self.step % self.config.record_every == 0 else []
        yield [Finished(step=self.step, seconds=1.0, tasks={"a": self._result(), "b": self._result()})]

    def change(self, knobs):
        if knobs.learning_rate is None:
            raise PrecedenceError("This trainer has only a learning rate.")
        old, self.rate = self.rate, knobs.learning_rate
        return [Changed(step=self.step, what="learning_rate", old=str(old), new=str(self.rate))]

    def _point(self):
        loss = self.value / 2**63
        return Step(
            step=self.step,
            stage=0,
            loss=[loss, None],
            multiplier=[None, self.rate],
            weight=[1.0, 1.0],
            violation=[None, loss - 0.5],
            violation_train=[None, None],
            seconds=self.step * 1.0,
        )

    def _started(self):
        fields = {
            "step": 0,
            "tasks": ["a", "b"],
            "task_kinds": ["binary", "binary"],
            "priority": ["a", "b"],
            "device": "cpu",
            "device_reason": "a double",
            "parameters": 1,
            "rows": {"train": 1},
            "most_steps": self.config.stage_steps,
            "base_loss": [1.0, 1.0],
        }
        return Started(**{name: value for name, value in fields.items() if name in Started.model_fields})

    def _result(self):
        return TaskResult(
            loss=self.value / 2**63,
            kind="binary",
            metric=0.5,
            validation_loss=None,
            bound=None,
            violation=None,
            multiplier=None,
        )


class DoubleEngine:
    def prepare(self) -> None:
        pass

    def warm(self, load) -> None:
        pass

    def load(self, choice):
        if choice.name == "absent":
            raise PrecedenceError("There is no data set 'absent'; choose shop, completejourney, census or own.")
        if choice.name == "slow":
            time.sleep(1.0)
        return choice

    def make(self, config, dataset):
        return Double(config)

    def save(self, path: Path, trainer: Double, offset: int) -> None:
        write_text(path, json.dumps([trainer.step, trainer.value, trainer.rate, offset]))

    def restore(self, path: Path, trainer: Double) -> int:
        trainer.step, trainer.value, trainer.rate, offset = json.loads(path.read_text())
        return offset

    def branch(self, path: Path, trainer: Double) -> Started:
        raise AssertionError("the double has no stages to share")

    def read_off(self, trainer: Double, paths) -> None:
        pass

    def offer(self, trainer: Double, stage, paths, share) -> None:
        raise AssertionError("the double has no stages to begin from another's model")

    def know(self, trainer: Double, single_tasks) -> None:
        pass

    def made_with(self, trainer: Double) -> Provenance:
        return Provenance(from_step=trainer.step, seed=trainer.config.seed)

    def keep(self, path: Path, trainer: Double, name: str) -> None:
        write_text(path, name)


def engine() -> DoubleEngine:
    return DoubleEngine()


if __name__ == "__main__":
    from core.runs.workers import worker

    worker.MOST_RUNS = 6
    worker.work(Path(sys.argv[1]), sys.argv[2], DoubleEngine())
