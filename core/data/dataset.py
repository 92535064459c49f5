"""A data set as tensors on one device, and the batches gathered from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from core.data.description import DatasetCard, DatasetDescription
from core.data.preparation import Preparation


@dataclass(frozen=True)
class Batch:
    """Rows gathered for one step, on one device. B rows, F sparse, D dense, S sequence features, K tasks."""

    sparse: Tensor  # [B, F] int64
    dense: Tensor  # [B, D] float
    sequences: tuple[Tensor, ...]  # S of [B, length] int64, 0 = padding; [distinct, length] where the feature has a key
    labels: Tensor  # [B, K] float, 0 where masked
    mask: Tensor  # [B, K] bool, True where the label is known
    weights: Tensor | None = None  # [B, K] float, 0 where masked; None: every known label counts 1
    keys: dict[str, Tensor] = field(default_factory=dict)  # key → [B] int64, row of its sequences in this batch

    @property
    def weight(self) -> Tensor:
        """[B, K] of each loss in its task's mean: 0 where masked, else 1 or the row's weight."""
        return self.mask if self.weights is None else self.weights

    def __len__(self) -> int:
        return self.labels.shape[0]


@dataclass(frozen=True)
class Dataset:
    """A description with its tensors, all on one device. R rows."""

    description: DatasetDescription
    sparse: Tensor  # [R, F] int32
    dense: Tensor  # [R, D] float32
    sequences: tuple[Tensor, ...]  # S of [R, length] int32; [lists of the key, length] where the feature has a key
    labels: Tensor  # [R, K] float32, 0 where masked
    mask: Tensor  # [R, K] bool
    rows: dict[str, Tensor]  # split name → [n] int64 row numbers
    keys: dict[str, Tensor] = field(default_factory=dict)  # key → [R] int32, row of its sequences
    weights: Tensor | None = None  # [R, K] float32, 0 where masked; None: every known label counts 1
    preparation: Preparation | None = None  # how new rows become such tensors; None where they cannot
    content: str = ""  # see `content_of`, where it is known already

    @property
    def weight(self) -> Tensor:
        """[R, K] of each loss in its task's mean: 0 where masked, else 1 or the row's weight."""
        return self.mask if self.weights is None else self.weights

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
            keys={name: index.to(device) for name, index in self.keys.items()},
            weights=None if self.weights is None else self.weights.to(device, dtype),
        )

    def batch(self, index: Tensor) -> Batch:
        """The rows `index` [B] as one batch, by gathers only; a list that several rows share is gathered once."""
        lists, keys = {}, {}
        for name, of_row in self.keys.items():
            lists[name], keys[name] = of_row[index].long().unique(return_inverse=True)
        return Batch(
            sparse=self.sparse[index].long(),
            dense=self.dense[index],
            sequences=tuple(
                ids[index if feature.key is None else lists[feature.key]].long()
                for feature, ids in zip(self.description.sequences, self.sequences, strict=True)
            ),
            labels=self.labels[index],
            mask=self.mask[index],
            weights=None if self.weights is None else self.weights[index],
            keys=keys,
        )

    def groups(self, index: Tensor) -> Tensor | None:
        """[n] which of the rows `index` are drawn together, None where each is drawn alone."""
        group = self.description.group
        return None if group is None else self.keys[group][index].long()


def with_cost(dataset: Dataset, card: DatasetCard) -> Dataset:
    """The same rows under a card with one task more, whose loss is the network's own and so known of every row."""
    one = torch.ones(len(dataset.labels), 1, dtype=dataset.labels.dtype)
    return replace(
        dataset,
        description=dataset.description.model_copy(update={"card": card}),
        labels=torch.cat((dataset.labels, 0 * one), 1),
        mask=torch.cat((dataset.mask, one.bool()), 1),
        weights=None if dataset.weights is None else torch.cat((dataset.weights, one), 1),
    )


def content_of(dataset: Dataset) -> str:
    """Sixteen hexadecimal digits of all that training sees of a data set, wherever and by whatever it was prepared."""
    if dataset.content:
        return dataset.content
    about, found = dataset.description, hashlib.blake2b(digest_size=8)
    names = (about.card.task_names(), about.sparse, about.dense, about.sequences, about.form, about.group)
    found.update(repr(names).encode())
    tensors = [dataset.sparse, dataset.dense, *dataset.sequences, dataset.labels, dataset.mask]
    tensors += [*dataset.rows.values(), *dataset.keys.values()]
    for tensor in [*tensors, *([] if dataset.weights is None else [dataset.weights])]:
        found.update(f"{tuple(tensor.shape)}{tensor.dtype}".encode())
        found.update(tensor.cpu().contiguous().numpy().reshape(-1).view("u1").data)
    return found.hexdigest()
