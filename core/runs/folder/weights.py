"""The weights of a finished run as safetensors, read out of its last checkpoint. Imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.files import write_whole
from core.runs.folder.run_folder import RunFolder
from core.training.checkpoint import kept_weights, write_weights


class Wanted(BaseModel):
    """Which run under which home."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    home: str
    run: str


def weights(arguments: Any) -> str:
    """Writes weights.safetensors into the run's folder and gives its path; one that is there already stays.

    The model is the one that the last prioritised stage kept.
    """
    wanted = Wanted.model_validate(arguments)
    folder = RunFolder(Path(wanted.home), wanted.run)
    file = folder.path / "weights.safetensors"
    if folder.result() is None:
        raise PrecedenceError(f"Run {wanted.run} is not finished, so it has no final weights; let it end first.")
    if not file.exists():
        write_whole(file, lambda unfinished: write_weights(unfinished, kept_weights(folder.checkpoint)))
    return str(file)
