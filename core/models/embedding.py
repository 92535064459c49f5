"""Features to one vector a row: embedded ids, pooled sequences, dense values."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.data.dataset import Batch
from core.data.description import DatasetDescription


class FeatureEmbedding(nn.Module):
    """All sparse and sequence features in one table of rows, each feature in its own range of row numbers.

    x = [ rows of the F sparse ids | mean over known ids of each of the S sequences | D dense values ],
    width = (F + S)·d + D, with d the embedding's dimension.

    One table keeps three things simple: a single gather a step, gradients with respect to just the rows that a batch
    touches, and row-wise optimisers. A row number is `offset of the feature + id`.
    """

    def __init__(self, description: DatasetDescription, dim: int) -> None:
        super().__init__()
        sizes = [feature.size for feature in description.sparse] + [feature.size for feature in description.sequences]
        starts = [sum(sizes[:i]) for i in range(len(sizes))]
        fields = len(description.sparse)
        self.lengths = [feature.length for feature in description.sequences]
        self.keys = [feature.key for feature in description.sequences]
        self.table = nn.Embedding(max(1, sum(sizes)), dim)
        nn.init.normal_(self.table.weight, std=0.05)
        offsets = starts[:fields] + [
            start for start, length in zip(starts[fields:], self.lengths, strict=True) for _ in range(length)
        ]
        self.register_buffer("offsets", torch.tensor(offsets, dtype=torch.long), persistent=False)
        self.offsets: Tensor
        self.fields = fields
        self.width = (fields + len(self.lengths)) * dim + len(description.dense)

    def row_numbers(self, batch: Batch) -> Tensor:
        """Table rows that the batch reads: [B, F + Σ lengths]."""
        return torch.cat((batch.sparse, *self._lists(batch)), 1) + self.offsets

    def assemble(self, rows: Tensor, batch: Batch) -> Tensor:
        """x [B, width] from the gathered rows [B, F + Σ lengths, d]."""
        parts = [rows[:, : self.fields].flatten(1)]
        at = self.fields
        for ids, length in zip(self._lists(batch), self.lengths, strict=True):
            known = (ids > 0).to(rows.dtype).unsqueeze(-1)  # [B, length, 1]
            total = (rows[:, at : at + length] * known).sum(1)
            parts.append(total / known.sum(1).clamp_min(1))
            at += length
        return torch.cat((*parts, batch.dense), 1)

    def _lists(self, batch: Batch) -> list[Tensor]:
        """The sequences of every row, S of [B, length]; one with a key is repeated for the rows that share it."""
        return [
            ids if key is None else ids[batch.keys[key]] for ids, key in zip(batch.sequences, self.keys, strict=True)
        ]
