"""What a layer passes on. No torch until one is built: configs name activations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.lazy_torch import torch

if TYPE_CHECKING:
    from torch import nn

Activation = Literal["relu", "leaky_relu"]

LEAK = 0.1
"""Slope of the leaky ReLU below 0."""


def build_activation(kind: Activation) -> nn.Module:
    """Elementwise: relu(x) = max(0, x); leaky_relu(x) = max(0, x) + 0.1 · min(0, x) (Maas, Hannun & Ng 2013, *Rectifier
    nonlinearities improve neural network acoustic models*, §2, there with a slope of .01).

    A ReLU that is below 0 for every row has no gradient and never wakes. In a last shared layer of eight units, under
    large steps and strong decay, that made losses jump from one weight of a grid to the next (docs/results.md).
    """
    return torch.nn.ReLU() if kind == "relu" else torch.nn.LeakyReLU(LEAK)
