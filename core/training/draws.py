"""Everything random in a run, each from its own generator made from the run's seed."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.data.batches import Shuffler
from core.data.dataset import Dataset

PROBE_SHARE = 2
"""A probe's batches are half as large as training's: more of them for the same cost give a better error bar."""

PROBE_POOLED = 16 * PROBE_SHARE
"""A probe estimates the angles that gradients of so many of its batches have: 16 of training's."""


class Draws:
    """Training batches, slice batches, probe batches, dropout: one generator each, so that reading more often or
    probing less does not change what is trained."""

    def __init__(self, seed: int, dataset: Dataset, slice_rows: Tensor, batch_size: int) -> None:
        """Slice batches are places in `slice_rows` [n], row numbers on the run's device."""
        train, device = dataset.rows["train"], slice_rows.device
        groups, slice_groups = dataset.groups(train), dataset.groups(slice_rows)
        generators = [torch.Generator(device).manual_seed(4 * seed + at) for at in range(4)]
        self.train = Shuffler(train, batch_size, generators[0], groups)
        self.slice = Shuffler(torch.arange(len(slice_rows), device=device), batch_size, generators[1], slice_groups)
        self.probe = Shuffler(train, max(1, batch_size // PROBE_SHARE), generators[2], groups)
        self.dropout = generators[3]

    def state_dict(self) -> dict[str, Any]:
        return {
            "train": self.train.state_dict(),
            "slice": self.slice.state_dict(),
            "probe": self.probe.state_dict(),
            "dropout": self.dropout.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.train.load_state_dict(state["train"])
        self.slice.load_state_dict(state["slice"])
        self.probe.load_state_dict(state["probe"])
        self.dropout.set_state(state["dropout"].cpu())
