"""Random batches whose sums scatter little: every kind of label has its share, telling rows come more often."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core.data.dataset import Batch, Dataset

EVENLY = 0.3
"""Share of the draws that no label sways: no row's weight exceeds 1 / EVENLY."""


class Stratified:
    """Endless weighted batches of one split, unbiased for every mean over it.

    Row r is drawn with probability q_r a place and weighs 1 / (R q_r), so that Σ w_r f_r / Σ w_r of a batch estimates
    the mean of any f over the R rows:

        q_r ∝ EVENLY / R + (1 − EVENLY) s_r / Σ s,   s_r² = Σ_k n_rk² e_rk / mean over rows of n_rk² e_rk

    where
        e_rk  the squared error of task k's best constant prediction on row r: (y − ȳ)², or Σ_c (1[y=c] − p_c)²
        n_rk  the row's weight for task k, 0 where its label is unknown

    A row's gradient is about as long as its error, and drawing in proportion to that length scatters least (importance
    sampling: Zhao & Zhang 2015, §3; the constant prediction in place of the network's is ours: it needs no forward).
    Rows lie in the order of their labels and a batch of B takes one from each of B equal parts of the whole
    probability (stratified sampling with the allocation of Neyman 1934), so that no batch has more of the rare labels
    than another. Two batches are independent of each other. `generator` is all that goes on from one to the next.
    """

    def __init__(self, dataset: Dataset, split: str, size: int, generator: torch.Generator) -> None:
        self.dataset = dataset
        self.rows = dataset.rows[split]
        self.size = size
        self._generator = generator
        self._upto: Tensor | None = None  # made at the first batch: many runs never ask for one

    def next(self) -> Batch:
        if self._upto is None:
            self._order, self._probability = _ordered(self.dataset, self.rows)
            self._upto = self._probability.cumsum(0)
        device = self._generator.device
        jitter = torch.rand(self.size, generator=self._generator, device=device, dtype=torch.float64)
        points = (torch.arange(self.size, device=device) + jitter).to(self.rows.device) / self.size * self._upto[-1]
        at = torch.searchsorted(self._upto, points).clamp_max(len(self.rows) - 1)
        batch = self.dataset.batch(self._order[at])
        weight = 1 / (len(self.rows) * self._probability[at])  # [B]
        return replace(batch, weights=batch.weight * weight[:, None].to(batch.labels))

    def state_dict(self) -> Tensor:
        return self._generator.get_state()

    def load_state_dict(self, state: Tensor) -> None:
        self._generator.set_state(state.cpu())


def _ordered(dataset: Dataset, rows: Tensor) -> tuple[Tensor, Tensor]:
    """`rows` in the order of their labels, and the probability q of each [R] float64."""
    labels, weight = dataset.labels[rows], dataset.weight[rows].double()
    score = torch.zeros(len(rows), dtype=torch.float64, device=rows.device)
    order = torch.arange(len(rows), device=rows.device)
    for k in reversed(range(labels.shape[1])):  # the last sort, by the first task, counts most
        error = weight[:, k] ** 2 * _error(labels[:, k], weight[:, k], dataset.description.card.tasks[k].classes)
        score += error / error.mean().clamp_min(torch.finfo(torch.float64).tiny)
        place = torch.where(weight[:, k] > 0, labels[:, k], -torch.inf)
        order = order[place[order].argsort(stable=True)]
    length = score.sqrt()
    if not length.any():  # nothing but tasks without labels
        length += 1
    probability = EVENLY / len(rows) + (1 - EVENLY) * length / length.sum()
    return rows[order], probability[order]


def _error(label: Tensor, weight: Tensor, classes: int) -> Tensor:
    """[R] squared errors of the best constant prediction."""
    known = weight.sum().clamp_min(torch.finfo(torch.float64).tiny)
    if classes:
        share = torch.bincount(label.long(), weights=weight, minlength=classes) / known
        return 1 - 2 * share[label.long()] + (share**2).sum()
    return (label.double() - (label.double() * weight).sum() / known) ** 2
