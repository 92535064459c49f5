"""How far a long calculation is, as a small file that others read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.records import read_record, write_record

Report = Callable[[str, int, int], None]
"""stage in words, done, total (0: not known)."""


class Progress(BaseModel):
    """Of the process that works; `problem` is the sentence it failed with."""

    model_config = ConfigDict(frozen=True)

    process: int
    stage: str
    done: int = 0
    total: int = 0
    problem: str | None = None

    @property
    def words(self) -> str:
        return f"{self.stage}: {self.done:,} of {self.total:,}" if self.total else self.stage

    @property
    def part(self) -> float | None:
        return self.done / self.total if self.total else None

    def write(self, file: Path) -> None:
        """A reader finds the old or the new, never half of either."""
        write_record(file, self)

    @classmethod
    def read(cls, file: Path) -> Progress | None:
        """What was said last; None where nobody says anything."""
        try:
            return read_record(cls, file, "it is written again while the work goes on")
        except (FileNotFoundError, PrecedenceError):
            return None

    def alive(self) -> bool:
        """Is the process that said it still there?"""
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


@contextmanager
def telling(file: Path, also: Report = lambda stage, done, total: None) -> Iterator[Report]:
    """Gives a report that writes how far this process is into `file`, and calls `also`.

    The file goes away with a good end; after a PrecedenceError it keeps the sentence.
    """
    file.parent.mkdir(parents=True, exist_ok=True)

    def report(stage: str, done: int = 0, total: int = 0) -> None:
        Progress(process=os.getpid(), stage=stage, done=done, total=total).write(file)
        also(stage, done, total)

    try:
        yield report
    except PrecedenceError as error:
        Progress(process=os.getpid(), stage="failed", problem=str(error)).write(file)
        raise
    file.unlink(missing_ok=True)
