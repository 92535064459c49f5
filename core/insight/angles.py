"""Angles between task gradients, with an honest error bar."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.dataset import Batch
from core.insight.task_gradients import BatchLosses, SharedNetwork, task_gradients

_LEAST_NORM = (
    0.02  # a squared norm below this share of its noisy estimate is taken as this share: it cannot be resolved
)


@dataclass(frozen=True)
class Angles:
    """Of the K tasks that were probed."""

    cosine: Tensor  # [K, K]
    error: Tensor  # [K, K] standard error
    norm: Tensor  # [K] of the gradient of one batch


def probe(network: SharedNetwork, losses: BatchLosses, batches: list[Batch], tasks: list[int]) -> Angles:
    """Cosines of the tasks' mean gradients, estimated from M ≥ 2 batches.

    A batch's own cosine mixes in the noise that its tasks share, so products are taken *across* batches, where the
    noise is independent:  G_ij = mean over a ≠ b of ⟨g_i(a), g_j(b)⟩,  cos_ij = G_ij / √(G_ii G_jj),
    with a, b among the M batches and g_i(a) the gradient of task i on batch a. Unbiased in G; the error is the
    jackknife over batches. The network is used as it is: switch dropout off before.
    """
    numbers = [network.embedding.row_numbers(batch) for batch in batches]
    touched = torch.cat([n.flatten() for n in numbers]).unique()
    flat = torch.stack([task_gradients(network, losses, b, tasks, touched).flat() for b in batches])  # [M, K, P]
    M = len(batches)
    products = torch.einsum("akp,blp->abkl", flat, flat)  # [M, M, K, K]
    whole = _cosine(products, list(range(M)))
    if M > 2:
        left_out = torch.stack([_cosine(products, [b for b in range(M) if b != a]) for a in range(M)])
        error = ((left_out - left_out.mean(0)) ** 2).sum(0).mul((M - 1) / M).sqrt()
    else:
        error = torch.full_like(whole, float("nan"))
    own = torch.stack([products[a, a].diagonal() for a in range(M)])  # [M, K]
    return Angles(whole, error, own.mean(0).sqrt())


def _cosine(products: Tensor, batches: list[int]) -> Tensor:
    chosen = products[batches][:, batches]
    same = torch.stack([chosen[a, a] for a in range(len(batches))]).sum(0)  # [K, K]
    M = len(batches)
    across = (chosen.sum((0, 1)) - same) / (M * (M - 1))
    across = (across + across.T) / 2
    squared = torch.maximum(across.diagonal(), _LEAST_NORM * same.diagonal() / M).clamp_min(1e-300)
    return (across / (squared[:, None] * squared[None]).sqrt()).clamp(-1, 1)
