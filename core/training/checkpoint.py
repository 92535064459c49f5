"""A run on disk."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import torch

from core.errors import PrecedenceError
from core.training.config import RunConfig
from core.training.stage import StageEnd, Weights
from core.training.state import RunState

VERSION = 2
"""Of the file. 1 (unnumbered) had the learning rate beside the config and other names for what a bound is kept by."""


def save(path: Path, run: RunState, offset: int) -> None:
    """Write the run's whole state; `offset` is the length in bytes of its event log at this step. Atomic."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save({"version": VERSION, "offset": offset, "run": run.state_dict()}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def load(path: Path, run: RunState) -> int:
    """Bring a run that was just made for the same data set to the saved state; returns the offset in the event log.

    Raises PrecedenceError where the file cannot be read or belongs to another network.
    """
    saved = _read(path, run.setup.device)
    try:
        run.load_state_dict(saved["run"])
        return int(saved["offset"])
    except (KeyError, RuntimeError, ValueError) as error:
        raise _unusable(path, error) from error


def branch(path: Path, run: RunState) -> None:
    """Bring a run that was just made to where another run's stage ended, under its own config.

    The rest has the same bits as if it had trained so far itself, where both configs ask the same of those stages.
    """
    saved = _read(path, run.setup.device)
    try:
        run.load_state_dict({**saved["run"], "config": run.config.model_dump_json()})
    except (KeyError, RuntimeError, ValueError) as error:
        raise _unusable(path, error) from error


def stage_end(path: Path, run: RunState) -> StageEnd:
    """What the saved run's last finished stage ended with; its method is NMT, no other has a stage to begin from."""
    saved = _read(path, run.setup.device)["run"]
    return StageEnd(saved["kept"][-1], saved["method"]["dual"]["multipliers"])


def kept_weights(path: Path) -> Weights:
    """On the CPU: the model that the saved run's last finished stage kept; raises PrecedenceError where none did."""
    kept: list[Weights] = _read(path, "cpu")["run"]["kept"]
    if not kept:
        raise PrecedenceError(f"The checkpoint {path.name} holds no finished stage's model; train the run again.")
    return kept[-1]


def save_weights(path: Path, run: RunState) -> None:
    """The weights of the model that the run ended with, as safetensors; of the one under way before any stage ended.

    Tasks trained alone after the last stage, to compare with, leave other weights in the network.
    """
    write_weights(path, run.kept[-1] if run.kept else run.weights())


def write_weights(path: Path, weights: Weights) -> None:
    """A model's weights as safetensors."""
    from safetensors.torch import save_file  # here, so that training itself needs torch alone

    save_file({name: value.cpu().contiguous() for name, value in weights.items()}, path)


def _read(path: Path, device: torch.device | str) -> dict[str, Any]:
    try:
        saved: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        version = saved.get("version", 1)
        if version > VERSION:
            raise ValueError(f"it has the form {version}, this program reads up to {VERSION}")
        return {**saved, "run": _as_newest(saved["run"])} if version < VERSION else saved
    except (OSError, EOFError, KeyError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        raise _unusable(path, error) from error


def _as_newest(run: dict[str, Any]) -> dict[str, Any]:
    protected = {
        task: {name.replace("slice_", "validation_"): value for name, value in held.items()}
        for task, held in run["protected"].items()
    }
    config = RunConfig.model_validate_json(run["config"])
    optimiser = config.optimiser.model_copy(update={"learning_rate": run["learning_rate"]})
    changed = config.model_copy(update={"optimiser": optimiser})
    return {**run, "config": changed.model_dump_json(), "protected": protected}


def _unusable(path: Path, error: Exception) -> PrecedenceError:
    first = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return PrecedenceError(f"The checkpoint {path.name} cannot be used ({first}); start the run again from its config.")
