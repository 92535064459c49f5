"""Transference: by how much a step for one task lowers the loss of another (TAG, Fifty et al., NeurIPS 2021)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.insight.batch_replay import BatchReplay
from core.methods.gradients import TaskGradients

STEP = 0.01
"""Share of its own loss by which each task's look-ahead step would lower it, to first order."""


@dataclass(frozen=True)
class Transference:
    """[K, K] each, row i: the task that steps; column j: the task whose loss is read; the diagonal means nothing."""

    looked: Tensor  # 1 − L_j(θ − η_i g_i) / L_j(θ), really stepped
    first_order: Tensor  # η_i ⟨g_i, g_j⟩ / L_j(θ), from the angles alone


def transference(again: BatchReplay, gradients: TaskGradients, losses: Tensor, share: float = STEP) -> Transference:
    """Z_{i→j} = 1 − L_j(θ − η_i g_i) / L_j(θ): same batch, heads fixed, shared parameters only; positive: i helps j.

    where
        g_i    `gradients` of that batch,  L_j  `losses` [K] there
        η_i    `share` · L_i / |g_i|²: a step that lowers L_i itself by 1 % to first order. Ours: TAG takes the
               learning rate for every task, which depends on the losses' units and says little with Adam.

    One forward a task, no backward.
    """
    gram = gradients.gram().to(losses)
    lengths = share * losses / gram.diagonal().clamp_min(torch.finfo(losses.dtype).tiny)  # η [K]
    lengths = torch.where(gram.diagonal() > 0, lengths, torch.zeros_like(lengths))
    after = torch.stack(
        [again.losses_at(gradients.task(i).scaled(lengths[i]))[again.tasks] for i in range(len(gradients))]
    )
    floor = losses.clamp_min(torch.finfo(losses.dtype).tiny)
    return Transference(1 - after / floor, lengths[:, None] * gram / floor)
