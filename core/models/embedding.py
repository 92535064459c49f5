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
        self.keys = [feature.key for feature in description.sequences]
        self.table = nn.Embedding(max(1, sum(sizes)), dim)
        nn.init.normal_(self.table.weight, std=0.05)
        self.register_buffer("offsets", torch.tensor(starts[:fields], dtype=torch.long), persistent=False)
        self.offsets: Tensor
        self.starts = starts[fields:]
        self.fields = fields
        self.width = (fields + len(self.keys)) * dim + len(description.dense)

    def row_numbers(self, batch: Batch) -> Tensor:
        """Table rows that the batch reads, one feature after another: [M]. A list that rows share is read once."""
        lists = [(ids + start).flatten() for ids, start in zip(batch.sequences, self.starts, strict=True)]
        return torch.cat(((batch.sparse + self.offsets).flatten(), *lists))

    def assemble(self, rows: Tensor, batch: Batch) -> Tensor:
        """x [B, width] from the gathered rows [M, d]."""
        sparse, *lists = rows.split([batch.sparse.numel(), *(ids.numel() for ids in batch.sequences)])
        parts = [sparse.reshape(batch.sparse.shape[0], self.fields * rows.shape[1])]  # len() would fix an exported size
        for own, ids, key in zip(lists, batch.sequences, self.keys, strict=True):
            known = (ids > 0).to(rows.dtype).unsqueeze(-1)  # [lists, length, 1]
            mean = (own.view(*ids.shape, -1) * known).sum(1) / known.sum(1).clamp_min(1)
            parts.append(mean if key is None else mean[batch.keys[key]])
        return torch.cat((*parts, batch.dense), 1)
