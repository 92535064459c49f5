"""Layers that the networks are built from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from core.models.activation import LEAK, Activation


class Dropout(nn.Module):
    """Dropout that draws from a run's own generator, so that runs sharing a process do not disturb each other.

    output = input · m / (1 − p), m ~ Bernoulli(1 − p) elementwise while training; the input itself otherwise.
    `generator` is set by whoever owns the run; None draws from torch's global one.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.generator)
        return x * keep / (1 - self.p)


def build_activation(kind: Activation) -> nn.Module:
    """Elementwise: relu(x) = max(0, x); leaky_relu(x) = max(0, x) + 0.1 · min(0, x) (Maas, Hannun & Ng 2013, *Rectifier
    nonlinearities improve neural network acoustic models*, §2, there with a slope of .01).

    A ReLU that is below 0 for every row has no gradient and never wakes. In a last shared layer of eight units, under
    large steps and strong decay, that made losses jump from one weight of a grid to the next (docs/results.md).
    """
    return nn.ReLU() if kind == "relu" else nn.LeakyReLU(LEAK)


def mlp(sizes: Sequence[int], dropout: float = 0.0, activation: Activation = "relu") -> nn.Sequential:
    """Linear → activation (→ dropout) for each consecutive pair of `sizes`."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), build_activation(activation)]
        if dropout:
            layers.append(Dropout(dropout))
    return nn.Sequential(*layers)


def head(inputs: int, tower: Sequence[int], outputs: int = 1, activation: Activation = "relu") -> nn.Sequential:
    """A task's own layers: widths of `tower`, then its output (a logit, a standardised value, a logit a class)."""
    sizes = (inputs, *tower)
    return nn.Sequential(*mlp(sizes, activation=activation), nn.Linear(sizes[-1], outputs))


class ExpertBank(nn.Module):
    """E expert networks of equal shape, run as one batched product a layer.

    forward: x [B, inputs] → [B, E, outputs]; each layer is the activation of x W_e + b_e, then dropout.
    """

    def __init__(self, experts: int, sizes: Sequence[int], dropout: float, activation: Activation = "relu") -> None:
        super().__init__()
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for inputs, outputs in pairwise(sizes):
            bound = inputs**-0.5  # the range of nn.Linear's own initialisation
            self.weights.append(nn.Parameter(torch.empty(experts, inputs, outputs).uniform_(-bound, bound)))
            self.biases.append(nn.Parameter(torch.empty(experts, 1, outputs).uniform_(-bound, bound)))
        self.activation = build_activation(activation)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        out = x.expand(self.weights[0].shape[0], *x.shape)  # [E, B, inputs]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            out = self.dropout(self.activation(torch.baddbmm(bias, out, weight)))  # [E, B, outputs]
        return out.transpose(0, 1)


def mix(gate: nn.Linear, x: Tensor, experts: Tensor) -> Tensor:
    """Σ_e softmax(gate(x))_e · expert_e: x [B, inputs], experts [B, E, width] → [B, width]."""
    return torch.bmm(torch.softmax(gate(x), -1).unsqueeze(1), experts).squeeze(1)
