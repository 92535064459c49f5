"""Angles between task gradients, with an honest error bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.dataset import Batch
from core.insight.task_gradients import BatchLosses, SharedNetwork, task_gradients
from core.methods.gradients import TaskGradients
from core.statistics import student_t

_LEAST_NORM = (
    0.02  # a squared norm below this share of its noisy estimate is taken as this share: it cannot be resolved
)


@dataclass(frozen=True)
class Angles:
    """Of the K tasks that were probed, from M batches."""

    cosine: Tensor  # [K, K]
    error: Tensor  # [K, K] standard error
    norm: Tensor  # [K] of the gradient of one batch
    mean_squared: Tensor  # [K] squared length of the mean gradient, the noise of the batch taken out
    layers: Tensor  # [parts, K, K] cosine within each part: the table first, then the trunk's parameters
    interval: Tensor  # [K, K] half-width of a 90 % interval
    each: tuple[TaskGradients, ...]  # of every batch

    @property
    def first(self) -> TaskGradients:
        return self.each[0]

    @property
    def magnitude_similarity(self) -> Tensor:
        """[K, K] Φ = 2|g_i||g_j| / (|g_i|² + |g_j|²) of the mean gradients (PCGrad, Yu et al. 2020, definition 2)."""
        length = self.mean_squared.sqrt()
        both = self.mean_squared[:, None] + self.mean_squared[None]
        return 2 * torch.outer(length, length) / both.clamp_min(torch.finfo(both.dtype).tiny)


def probe(
    network: SharedNetwork,
    losses: BatchLosses,
    batches: Sequence[Batch],
    tasks: Sequence[int],
    groups: Sequence[Sequence[int]] | None = None,
    pooled: float = math.inf,
) -> Angles:
    """Cosines of the tasks' mean gradients, estimated from M ≥ 2 batches.

    A batch's own cosine mixes in the noise that its tasks share, so products are taken *across* batches, where the
    noise is independent:

        A_ij = mean over a ≠ b of ⟨g_i(a), g_j(b)⟩,   W_ij = mean over a of ⟨g_i(a), g_j(a)⟩
        G = A + (W − A) / R,   cos_ij = G_ij / √(G_ii G_jj)

    where
        a, b     among the M batches, g_i(a) the gradient of task i on batch a
        G        unbiased estimate of the products that the mean gradients of R = `pooled` such batches have
        R        ∞ asks for the cosine without any noise, which a few batches cannot tell where the noise outweighs
                 the gradient: lengths near zero then blow the cosine up

    The error is the jackknife over batches. The interval is Student's with M − 1 degrees of freedom, for the cosine
    that R other batches would show: their own noise widens it by √(1 + M / R). The network is used as it is: switch
    dropout off before. `groups`: parts (the table is 0) that make one layer each; by default every part is its own.
    """
    M, K = len(batches), len(tasks)
    found = [task_gradients(network, losses, batch, tasks) for batch in batches]
    products = [_row_products(found)]
    for at in range(len(found[0].trunk)):
        flat = torch.cat([gradients.trunk[at].flatten(1) for gradients in found])  # [M·K, n]
        products.append(flat @ flat.T)
    each = torch.stack(products).double().view(-1, M, K, M, K).transpose(2, 3)  # [parts, M, M, K, K]
    whole, error = jackknife(each.sum(0), pooled)
    own = torch.stack([each.sum(0)[a, a].diagonal() for a in range(M)])  # [M, K]
    parts = groups or [[part] for part in range(len(each))]
    layers = torch.stack([_cosine(each[list(group)].sum(0), list(range(M)), pooled) for group in parts])
    interval = error * student_t(0.9, M - 1) * math.sqrt(1 + M / pooled)
    squared = _mean_squared(each.sum(0), list(range(M)), pooled)
    kind = found[0].rows.dtype
    return Angles(
        cosine=whole.to(kind),
        error=error.to(kind),
        norm=own.mean(0).sqrt().to(kind),
        mean_squared=squared.to(kind),
        layers=layers.to(kind),
        interval=interval.to(kind),
        each=tuple(found),
    )


def jackknife(products: Tensor, pooled: float) -> tuple[Tensor, Tensor]:
    """Cosines [K, K] of the mean vectors and their standard error over M batches (nan for two of them), from the
    products [M, M, K, K] of every pair of batches."""
    M = len(products)
    whole = _cosine(products, list(range(M)), pooled)
    if M == 2:
        return whole, torch.full_like(whole, math.nan)
    left_out = torch.stack([_cosine(products, [b for b in range(M) if b != a], pooled) for a in range(M)])
    return whole, ((left_out - left_out.mean(0)) ** 2).sum(0).mul((M - 1) / M).sqrt()


def _row_products(found: Sequence[TaskGradients]) -> Tensor:
    """[M·K, M·K] products of the table's part."""
    union = torch.cat([gradients.touched for gradients in found]).unique()
    flat = spread_rows(found, union).flatten(0, 1).flatten(1)
    return flat @ flat.T


def spread_rows(found: Sequence[TaskGradients], rows: Tensor) -> Tensor:
    """[M, K, n, d]: each batch's gradients of table rows at their places among `rows` [n], which are sorted."""
    K, _, d = found[0].rows.shape
    spread = found[0].rows.new_zeros(len(found), K, len(rows), d)
    for gradients, into in zip(found, spread, strict=True):
        into.index_copy_(1, torch.searchsorted(rows, gradients.touched), gradients.rows)
    return spread


def pooled_products(products: Tensor, batches: Sequence[int], pooled: float) -> tuple[Tensor, Tensor]:
    """[K, K] products of the mean gradients of `pooled` batches, without bias, and the mean of those within a batch."""
    chosen = products[list(batches)][:, list(batches)]
    M = len(batches)
    within = torch.stack([chosen[a, a] for a in range(M)]).mean(0)
    across = (chosen.sum((0, 1)) - M * within) / (M * (M - 1))
    across = (across + across.T) / 2
    return across + (within - across) / pooled, within


def _mean_squared(products: Tensor, batches: Sequence[int], pooled: float) -> Tensor:
    """[K] squared lengths of those mean gradients."""
    across, within = pooled_products(products, batches, pooled)
    return torch.maximum(across.diagonal(), _LEAST_NORM * within.diagonal()).clamp_min(1e-300)


def _cosine(products: Tensor, batches: Sequence[int], pooled: float) -> Tensor:
    across, _ = pooled_products(products, batches, pooled)
    length = _mean_squared(products, batches, pooled).sqrt()
    return (across / torch.outer(length, length)).clamp(-1, 1)
