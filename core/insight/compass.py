"""Task gradients as arrows in a plane of their own."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Plane:
    """Coordinates in units of the longest gradient."""

    gradients: Tensor  # [K, 2]
    update: Tensor  # [2]
    kept: float  # share of the gradients' squared length in the plane; 1 for two tasks


def compass(gram: Tensor, onto: Tensor) -> Plane:
    """The plane of the first two principal directions of K gradients, from products alone.

    gram [K, K] = ⟨g_i, g_j⟩ = V diag(λ) Vᵀ, so g_i has coordinates V_i √λ; an update u with products `onto` [K] =
    ⟨u, g_i⟩ has coordinates Vᵀ onto / √λ. The first axis points where the first task does.
    """
    gram, onto = gram.double(), onto.double()
    values, vectors = torch.linalg.eigh(gram)
    order = values.argsort(descending=True)[:2]
    values, vectors = values[order].clamp_min(0), vectors[:, order]
    if len(values) < 2:  # one task
        values, vectors = torch.cat((values, values.new_zeros(1))), torch.cat((vectors, vectors.new_zeros(1, 1)), 1)
    root = values.sqrt()
    arrows = vectors * root  # [K, 2]
    there = root > 1e-9 * root[0].clamp_min(1e-300)
    update = torch.where(there, (vectors.T @ onto) / torch.where(there, root, torch.ones_like(root)), 0.0)
    unit = gram.diagonal().max().clamp_min(1e-300).sqrt()
    turn = _turn(arrows[0])
    kept = float(values.sum() / gram.diagonal().sum().clamp_min(1e-300))
    return Plane(arrows @ turn / unit, update @ turn / unit, min(kept, 1.0))


def _turn(first: Tensor) -> Tensor:
    """[2, 2] the rotation that brings `first` to the positive first axis."""
    length = first.norm()
    if length == 0:
        return torch.eye(2, dtype=first.dtype)
    x, y = first / length
    return torch.stack((torch.stack((x, -y)), torch.stack((y, x))))
