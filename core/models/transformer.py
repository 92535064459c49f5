"""A small Transformer encoder over padded sequences (Vaswani et al., NeurIPS 2017; layer norm first)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.layers import Dropout

_WAVES = 10_000.0


def positions(length: int, dim: int, like: Tensor) -> Tensor:
    """[length, dim] sines and cosines of the place (Vaswani et al., §3.5): no longest text."""
    place = torch.arange(length, device=like.device, dtype=like.dtype).unsqueeze(1)
    rate = _WAVES ** (-torch.arange(0, dim, 2, device=like.device, dtype=like.dtype) / dim)
    return torch.cat((torch.sin(place * rate), torch.cos(place * rate)), 1)


class Block(nn.Module):
    """x + attention(norm(x)), then x + W₂ relu(W₁ norm(x)). x [N, L, d], real [N, L] bool → [N, L, d]."""

    def __init__(self, dim: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_inner = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.mix = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.widen, self.narrow = nn.Linear(dim, inner), nn.Linear(inner, dim)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        count, length, dim = x.shape
        parts = self.mix(self.before_attention(x)).view(count, length, 3, self.heads, dim // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each [N, heads, L, d/heads]
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=real[:, None, None, :])
        x = x + self.out(mixed.transpose(1, 2).reshape(count, length, dim))
        return x + self.narrow(torch.relu(self.widen(self.before_inner(x))))


class Encoder(nn.Module):
    """Rows of ids and their places → states. x [N, L, d], real [N, L] bool → [N, L, d]; L ≥ 1.

    Dropout acts on the input alone: drawing it in every layer costs a CPU a tenth of the step.
    """

    def __init__(self, dim: int, heads: int, inner: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(dim, heads, inner) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.place = nn.Parameter(torch.tensor(0.1))  # how loud places are
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        x = self.dropout(x + self.place * positions(x.shape[1], x.shape[2], x))
        seen = real.clone()
        seen[:, 0] = True  # an empty text attends to its padding: no state of it is ever used
        for block in self.blocks:
            x = block(x, seen)
        return self.norm(x)


def masked_mean(x: Tensor, real: Tensor) -> Tensor:
    """Mean over real places: x [N, L, d], real [N, L] → [N, d]; 0 where there is none."""
    weight = real.to(x.dtype).unsqueeze(-1)
    return (x * weight).sum(1) / weight.sum(1).clamp_min(1)
