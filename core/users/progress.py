"""How far a long calculation is, as a small file that others read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.users.folders import write_whole

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
        write_whole(file, lambda temporary: temporary.write_text(self.model_dump_json(), encoding="utf-8"))

    @classmethod
    def read(cls, file: Path) -> Progress | None:
        """What was said last; None where nobody says anything."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except (FileNotFoundError, ValidationError):
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
