"""Grids of weights that are kept in a folder: a grid does not depend on how the runs beside it are made.

A file holds the losses of one seed's lanes and is named by a hash of all that they depend on: the data's settings and
content, network, optimiser, steps, readings, seed and weights. Whatever is changed in a method of bounds, the grid that
judges it is trained once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from core.bench.side_by_side import Lanes, train_side_by_side
from core.data.dataset import Dataset, content_of
from core.errors import PrecedenceError
from core.files import short_hash, write_text
from core.records import LaterError, read_record, record_text
from core.settings.run import RunConfig

ARITHMETIC = 1
"""Raise it when `train_side_by_side` comes to other losses, so that no stale grid is read."""

DEPENDS_ON = frozenset(("dataset", "model", "optimiser", "batch_size", "stage_steps", "evaluate_every", "seed"))
"""Fields of a run from which lanes follow; patience, records and probes change nothing in them."""


class KeptGrid(BaseModel):
    """Losses of `core.bench.side_by_side.Lanes`, as a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    key: str
    validation: list[list[float]]
    test: list[list[float]]


def trained_or_kept(
    config: RunConfig, data: Dataset, weights: Tensor, folder: Path | None, report: Callable[[str], None]
) -> Lanes:
    """The lanes of these weights [L, K], read from the folder where they lie there, else trained and written there; a
    file that cannot be used is reported and made anew, one of a later program left alone. None: trained, not kept."""
    if folder is None:
        return train_side_by_side(config, data, weights)
    key = key_of(config, data, weights)
    file = folder / f"{key}.json"
    try:
        return _read(file, key, weights)
    except FileNotFoundError:
        pass
    except LaterError:
        raise
    except PrecedenceError as error:
        report(str(error))
    _make(folder)
    lanes = train_side_by_side(config, data, weights)
    kept = KeptGrid(key=key, validation=lanes.validation.tolist(), test=lanes.test.tolist())
    try:
        write_text(file, record_text(kept))
    except OSError as error:
        raise _unwritable(file, error) from error
    return lanes


def key_of(config: RunConfig, data: Dataset, weights: Tensor) -> str:
    """24 hexadecimal digits of all that the lanes depend on; a later stage's learning rate is left out, for a lane has
    no stages."""
    fields = config.model_dump(mode="json", include=set(DEPENDS_ON))
    del fields["optimiser"]["later_rate"]
    said = json.dumps([ARITHMETIC, fields, content_of(data), weights.tolist()], sort_keys=True)
    return short_hash(said)


def _read(file: Path, key: str, weights: Tensor) -> Lanes:
    advice = "the grid is trained anew"
    kept = read_record(KeptGrid, file, advice)
    if kept.key != key or any(_shape(rows) != tuple(weights.shape) for rows in (kept.validation, kept.test)):
        raise PrecedenceError(f"{file.parent.name}/{file.name} is of another grid; {advice}.")
    return Lanes(torch.tensor(kept.validation), torch.tensor(kept.test))


def _shape(rows: list[list[float]]) -> tuple[int, int] | None:
    widths = {len(row) for row in rows}
    return (len(rows), widths.pop()) if len(widths) == 1 else None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(path: Path, error: OSError) -> PrecedenceError:
    return PrecedenceError(
        f"'{path}' cannot be written ({error.strerror or type(error).__name__}); give --grids a folder that can."
    )
