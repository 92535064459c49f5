"""Everything random in a run, each from its own generator made from the run's seed."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.data.batches import Shuffler
from core.data.dataset import Batch, Dataset
from core.data.stratified import Stratified

PROBE_SHARE = 4
"""A probe's batches are a quarter of training's: more of them for the same cost give a better error bar."""

PROBE_POOLED = 16 * PROBE_SHARE // 2
"""A probe estimates the angles that gradients of so many of its batches have: about 16 of training's, since a
stratified batch scatters as little as an unweighted one of twice its rows (docs/benchmarks.md)."""


class Draws:
    """Training batches, validation batches, probe batches, dropout: one generator each, so that reading more often or
    probing less does not change what is trained."""

    def __init__(self, seed: int, dataset: Dataset, validation_rows: Tensor, batch_size: int) -> None:
        """Validation batches are places in `validation_rows` [n], row numbers on the run's device."""
        train, device = dataset.rows["train"], validation_rows.device
        groups, validation_groups = dataset.groups(train), dataset.groups(validation_rows)
        generators = [torch.Generator(device).manual_seed(4 * seed + at) for at in range(4)]
        self.train = Shuffler(train, batch_size, generators[0], groups)
        self.validation = Shuffler(
            torch.arange(len(validation_rows), device=device), batch_size, generators[1], validation_groups
        )
        size = max(1, batch_size // PROBE_SHARE)
        grouped = groups is not None  # rows that share a list come together, whatever their labels
        self.probe = (
            Shuffler(train, size, generators[2], groups)
            if grouped
            else Stratified(dataset, "train", size, generators[2])
        )
        self.dropout = generators[3]

    def probe_batch(self, dataset: Dataset) -> Batch:
        """The next batch of a probe."""
        return self.probe.next() if isinstance(self.probe, Stratified) else dataset.batch(self.probe.next())

    def state_dict(self) -> dict[str, Any]:
        return {
            "train": self.train.state_dict(),
            "slice": self.validation.state_dict(),
            "probe": self.probe.state_dict(),
            "dropout": self.dropout.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.train.load_state_dict(state["train"])
        self.validation.load_state_dict(state["slice"])
        self.probe.load_state_dict(state["probe"])
        self.dropout.set_state(state["dropout"].cpu())
