"""A data set as tensors on one device, and the batches gathered from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.data.description import DatasetDescription


@dataclass(frozen=True)
class Batch:
    """Rows gathered for one step, on one device. B rows, F sparse, D dense, S sequence features, K tasks."""

    sparse: Tensor  # [B, F] int64
    dense: Tensor  # [B, D] float
    sequences: tuple[Tensor, ...]  # S of [B, length] int64, 0 = padding
    labels: Tensor  # [B, K] float, 0 where masked
    mask: Tensor  # [B, K] bool, True where the label is known

    def __len__(self) -> int:
        return self.labels.shape[0]


@dataclass(frozen=True)
class Dataset:
    """A description with its tensors, all on one device. R rows."""

    description: DatasetDescription
    sparse: Tensor  # [R, F] int32
    dense: Tensor  # [R, D] float32
    sequences: tuple[Tensor, ...]  # S of [R, length] int32
    labels: Tensor  # [R, K] float32, 0 where masked
    mask: Tensor  # [R, K] bool
    rows: dict[str, Tensor]  # split name → [n] int64 row numbers

    def to(self, device: torch.device | str, dtype: torch.dtype = torch.float32) -> Dataset:
        """The same data on another device; `dtype` is that of dense features and labels."""
        return replace(
            self,
            sparse=self.sparse.to(device),
            dense=self.dense.to(device, dtype),
            sequences=tuple(ids.to(device) for ids in self.sequences),
            labels=self.labels.to(device, dtype),
            mask=self.mask.to(device),
            rows={name: index.to(device) for name, index in self.rows.items()},
        )

    def batch(self, index: Tensor) -> Batch:
        """The rows `index` [B] as one batch, by gathers only."""
        return Batch(
            sparse=self.sparse[index].long(),
            dense=self.dense[index],
            sequences=tuple(ids[index].long() for ids in self.sequences),
            labels=self.labels[index],
            mask=self.mask[index],
        )
