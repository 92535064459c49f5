"""How long a training on judged pairs is: in passes over the training pairs, whatever the file's size."""

from __future__ import annotations

from pathlib import Path

from core.data import parquet
from core.data.prepared import SPLIT, TABLE

PASSES = 2.0
"""Of a training on a file: how often each pair is seen."""
LEAST_STEPS, MOST_STEPS = 100, 600


def training_pairs(folder: Path) -> int:
    """Rows of the training split of a prepared folder."""
    return int((parquet.read(folder / TABLE, (SPLIT,))[SPLIT] == 0).sum())


def steps_of(passes: float, pairs: int, batch: int) -> int:
    """Steps of `batch` pairs for so many passes; at least and at most what a person can watch."""
    return min(MOST_STEPS, max(LEAST_STEPS, round(passes * pairs / batch)))


def passes_of(steps: int, pairs: int, batch: int) -> float:
    """How often each of `pairs` is seen."""
    return steps * batch / max(1, pairs)
