"""The weights of a finished run as safetensors, read out of its last checkpoint. Imports torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict
from safetensors.torch import save_file

from core.errors import PrecedenceError
from core.runs.folder import RunFolder


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
        try:
            saved = torch.load(folder.checkpoint, map_location="cpu", weights_only=True)["run"]["kept"][-1]
        except (OSError, EOFError, RuntimeError, KeyError, IndexError) as error:
            raise PrecedenceError(f"The checkpoint of run {wanted.run} cannot be read; train it again.") from error
        unfinished = file.with_suffix(f".{os.getpid()}")
        save_file({name: value.contiguous() for name, value in saved.items()}, unfinished)
        os.replace(unfinished, file)
    return str(file)
