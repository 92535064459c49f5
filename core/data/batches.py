"""Row numbers of one batch after another, shuffled anew each epoch; no loader processes, only index gathers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.errors import PrecedenceError


class Shuffler:
    """Endless full batches over `rows`, each row at most once an epoch.

    Every epoch begins with one permutation from `generator`. The remainder that does not fill a batch is dropped: it
    is a different random set of rows each epoch, so no row is favoured, and every batch has the same size (which a
    captured CUDA graph needs). A `batch_size` above the number of rows is cut to it. With `groups` whole groups are
    shuffled and the rows of one stay neighbours; only at a batch's end may one be divided.

    The generator must be this shuffler's own: its state at the epoch's start and the position within the epoch are
    all that `state_dict` holds, and a shuffler that loads them goes on with exactly the same batches.
    """

    def __init__(self, rows: Tensor, batch_size: int, generator: torch.Generator, groups: Tensor | None = None) -> None:
        """`rows` [n] int64 row numbers, on the device where batches are wanted; `groups` [n] int64 or None."""
        if rows.numel() == 0:
            raise PrecedenceError("There are 0 rows to train on; give a data set whose training split is not empty.")
        if batch_size < 1:
            raise PrecedenceError(f"A batch of {batch_size} rows is not possible; give a batch size of at least 1.")
        self.rows = rows
        self.batch_size = min(batch_size, rows.numel())
        self.batches_per_epoch = rows.numel() // self.batch_size
        self._generator = generator
        self._groups = groups
        self._begin_epoch()

    def next(self) -> Tensor:
        """Row numbers [B] of the next batch."""
        if self._position == self.batches_per_epoch:
            self._begin_epoch()
        start = self._position * self.batch_size
        self._position += 1
        return self._shuffled[start : start + self.batch_size]

    def state_dict(self) -> dict[str, Any]:
        """The generator's state at the epoch's start and the batches already given since."""
        return {"epoch_start": self._epoch_start, "position": self._position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes back to the epoch and position of `state`; rows and batch size must be the same as when it was saved."""
        self._generator.set_state(state["epoch_start"].cpu())
        self._begin_epoch()
        self._position = int(state["position"])

    def _begin_epoch(self) -> None:
        self._epoch_start = self._generator.get_state()
        self._shuffled = self.rows[shuffled(self.rows, self._generator, self._groups)]
        self._position = 0


def shuffled(rows: Tensor, generator: torch.Generator, groups: Tensor | None = None) -> Tensor:
    """Places [n] of `rows` in random order; those of a group, where `groups` [n] are given, beside each other."""
    if groups is None:
        return torch.randperm(rows.numel(), generator=generator, device=generator.device).to(rows.device)
    distinct, place = groups.unique(return_inverse=True)
    rank = torch.randperm(distinct.numel(), generator=generator, device=generator.device).to(rows.device)
    return rank[place].argsort(stable=True)
