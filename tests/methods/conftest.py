"""The two-task quadratic L_1 = ½|θ − a|², L_2 = ½|θ − b|² with |a − b| = 1: multipliers in closed form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from core.methods.interface import Method, Stage

A = torch.tensor([0.0, 0.0], dtype=torch.float64)
B = torch.tensor([0.6, 0.8], dtype=torch.float64)


def losses(theta: Tensor) -> Tensor:
    return torch.stack((0.5 * (theta - A).square().sum(), 0.5 * (theta - B).square().sum()))


def descend(method: Method, tolerance: float, steps: int, rate: float) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Task 2 under task 1's bound, from task 1's optimum; yields θ, multipliers and violations after each step."""
    theta = A.clone()
    method.begin(Stage((1,), (0,)))
    never = torch.zeros(2, dtype=torch.bool)
    for _ in range(steps):
        theta.requires_grad_()
        value = losses(theta)
        violation = torch.stack((value[0].detach() - tolerance, torch.zeros((), dtype=torch.float64)))
        method.observe(violation, never)
        (slope,) = torch.autograd.grad((method.weights() * value).sum(), theta)
        theta = (theta - rate * slope).detach()
        yield theta, method.multipliers, violation


@pytest.fixture
def quadratic():
    return descend
