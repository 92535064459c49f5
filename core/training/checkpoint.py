"""A run on disk."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import torch

from core.errors import PrecedenceError
from core.training.state import restore, state_of
from core.training.trainer import Trainer


def save(path: Path, run: Trainer, offset: int) -> None:
    """Write the run's whole state; `offset` is the length in bytes of its event log at this step. Atomic."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save({"offset": offset, "run": state_of(run)}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def load(path: Path, run: Trainer) -> int:
    """Bring a trainer made for the same data set to the saved state; returns the offset in the event log.

    Raises PrecedenceError where the file cannot be read or belongs to another network.
    """
    try:
        saved = torch.load(path, map_location=run.device, weights_only=True)
        restore(run, saved["run"])
        return int(saved["offset"])
    except (OSError, EOFError, KeyError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        first = str(error).splitlines()[0][:120]
        raise PrecedenceError(
            f"The checkpoint {path.name} cannot be used ({first}); start the run again from its config."
        ) from error


def save_weights(path: Path, run: Trainer) -> None:
    """The network's weights alone, as safetensors."""
    from safetensors.torch import save_file  # here, so that training itself needs torch alone

    save_file({name: value.cpu().contiguous() for name, value in run.network.state_dict().items()}, path)
