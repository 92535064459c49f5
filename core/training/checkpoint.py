"""A run on disk."""

from __future__ import annotations

import os
import pickle
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZipFile
from zlib import crc32

import torch

from core.errors import PrecedenceError
from core.records import UNREADABLE
from core.settings.run import RunConfig
from core.training.stage import StageEnd, Weights
from core.training.state import RunState

VERSION = 2
"""Of the file. 1 (unnumbered) had the learning rate beside the config and other names for what a bound is kept by."""

_END = b"PRECEDENCE-CRC32"
"""Stands before the checksum at a checkpoint's end."""

_CHANGED = "its bytes have changed since it was written"


def save(path: Path, run: RunState, offset: int) -> None:
    """Write the run's whole state; `offset` is the length in bytes of its event log at this step. Atomic.

    The file ends with a checksum of all its bytes, so that one that has changed is never trained on.
    """
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            summed = _Summed(file)
            content = {"version": VERSION, "offset": offset, "run": run.state_dict(), "summed": True}
            torch.save(content, summed)  # type: ignore[arg-type]  # it only writes
            file.write(_END + summed.sum.to_bytes(4, "little"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)  # half a file on a full disk is only in the way
        raise


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
        data, has_sum = _whole(path)
        saved: dict[str, Any] = torch.load(BytesIO(data), map_location=device, weights_only=True)
        version = saved.get("version", 1)
        if version > VERSION:
            raise ValueError(f"it has the form {version}, this program reads up to {VERSION}")
        if saved.get("summed") and not has_sum:
            raise ValueError(_CHANGED)
        return {**saved, "run": _as_newest(saved["run"])} if version < VERSION else saved
    except (
        *UNREADABLE,
        RuntimeError,
        AttributeError,
        NotImplementedError,
        IndexError,
        pickle.UnpicklingError,
    ) as error:
        raise _unusable(path, error) from error


def check(path: Path) -> None:
    """Raises PrecedenceError where the file is not as it was written."""
    try:
        _whole(path)
    except UNREADABLE as error:
        raise _unusable(path, error) from error


def _whole(path: Path) -> tuple[bytes, bool]:
    """What torch wrote, where it is as it was written, and whether the file has a checksum.

    In those of before there were any, each part has one of its own.
    """
    data = path.read_bytes()
    content, end, summed = data[: -len(_END) - 4], data[-len(_END) - 4 : -4], data[-4:]
    if end == _END:
        if crc32(content) != int.from_bytes(summed, "little"):
            raise ValueError(_CHANGED)
        return content, True
    with ZipFile(BytesIO(data)) as parts:
        if parts.testzip() is not None:
            raise ValueError(_CHANGED)
    return data, False


class _Summed:
    """A file that is written, and the CRC-32 of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sum = 0

    def write(self, data: bytes) -> int:
        self.sum = crc32(data, self.sum)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


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
