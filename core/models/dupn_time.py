"""The age of an event as a continuous encoding beside the paper's buckets (ours)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.data.histories.fields import AGE_STEPS


class TimeWaves(nn.Module):
    """[…, d] of ages: Time2Vec (Kazemi et al., 2019) over the logarithm of the age.

        s = log(1 + age) / log(1 + oldest) ∈ [0, 1]
        t = [ω_0 s + b_0, sin(ω_1 s + b_1), …, sin(ω_{d−1} s + b_{d−1})]

    ω and b are learnt. ω begins at half a wave to three over all ages, so that what is learnt is smooth at first: the
    paper's buckets do not know that the seventh is between the sixth and the eighth. Ages come as steps of s
    (`core.data.histories.fields`), 0 where padded.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        waves = torch.cat((torch.ones(1), torch.linspace(math.pi, 6 * math.pi, width - 1)))
        self.speed = nn.Parameter(waves)
        self.shift = nn.Parameter(torch.rand(width) - 0.5)

    def forward(self, ages: Tensor) -> Tensor:
        """[…, d] from ids of ages […]."""
        share = ((ages - 1).clamp_min(0) / AGE_STEPS).unsqueeze(-1)
        turned = share * self.speed + self.shift
        return torch.cat((turned[..., :1], torch.sin(turned[..., 1:])), -1)
