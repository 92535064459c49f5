"""The two forces of a stage under bounds against plain autograd, and that they oppose each other at rest."""

from __future__ import annotations

import math

import pytest
import torch
from torch.optim import SGD, Adagrad, AdamW

from core.bench.synthetic import synthetic_dataset
from core.insight.resting import forces
from core.insight.task_gradients import task_gradients
from core.methods.gradients import TaskGradients
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses

DECAY = 0.3
OPTIMISERS = {
    "adam": lambda parameters: AdamW(parameters, lr=0.01, weight_decay=DECAY),
    "adagrad": lambda parameters: Adagrad(parameters, lr=0.01, weight_decay=DECAY),
    "sgd": lambda parameters: SGD(parameters, lr=0.01, weight_decay=DECAY),
}


def diagonal(optimiser, parameter):
    """1 / what the optimiser divides a gradient by, read off its state the long way."""
    state = optimiser.state[parameter]
    if isinstance(optimiser, AdamW):
        return 1 / ((state["exp_avg_sq"] / (1 - 0.999 ** state["step"].item())).sqrt() + 1e-8)
    return 1 / (state["sum"].sqrt() + 1e-10) if isinstance(optimiser, Adagrad) else torch.ones_like(parameter)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_forces_equal_plain_autograd_over_all_shared_weights(kind):
    data = synthetic_dataset(rows=2000, regression=False).to("cpu", torch.float64)
    network = build(ModelConfig(trunk=(8,), dropout=0), data.description, 0).double()
    losses, batch = TaskLosses(data), data.batch(torch.arange(1500))
    optimiser = OPTIMISERS[kind](list(network.parameters()))
    for _ in range(20):
        network.zero_grad()
        losses(network(batch), batch).sum().backward()
        optimiser.step()
    weights = [0.7, 0.3]  # task 0 is improved, task 1 is held
    found = [task_gradients(network, losses, batch, [0, 1])] * 3
    mine = forces(found, torch.tensor([0.7, 0.0]), torch.tensor([0.0, 0.3]), network.shared_parameters(), optimiser)

    lowers, holds = [], []
    value = losses(network(batch), batch)
    touched = found[0].touched
    for parameter in network.shared_parameters():
        g = [torch.autograd.grad(value[task], parameter, retain_graph=True)[0] * weights[task] for task in (0, 1)]
        d, decayed = diagonal(optimiser, parameter), DECAY * parameter.detach()
        inside = kind == "adagrad"
        u = d.sqrt() * (g[0] + decayed) if inside else d.sqrt() * g[0] + decayed / d.sqrt()
        v = d.sqrt() * g[1]
        rows = touched if parameter is network.table else slice(None)
        lowers.append(u[rows].flatten())
        holds.append(v[rows].flatten())
    u, v = torch.cat(lowers), torch.cat(holds)
    assert mine.cosine == pytest.approx((u @ v / u.norm() / v.norm()).item(), abs=1e-6)
    assert mine.residual == pytest.approx(((u + v) @ (u + v) / (u @ u + v @ v)).item(), abs=1e-6)
    assert mine.error == pytest.approx(0, abs=1e-6)


def test_at_the_minimum_of_a_decayed_lagrangian_the_forces_are_opposite_and_the_plain_gradients_are_not():
    """min ½|θ − a|² + λ ½|θ − b|² + ½ δ |θ|², solved by hand: θ = (a + λ b) / (1 + λ + δ)."""
    a, b, multiplier, decay = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0]), 2.0, 4.0
    theta = torch.nn.Parameter((a + multiplier * b) / (1 + multiplier + decay))
    optimiser = SGD([theta], lr=0.1, weight_decay=decay)
    gradients = torch.stack((theta.detach() - a, theta.detach() - b))
    table = torch.nn.Parameter(torch.zeros(0, 1))
    found = [TaskGradients.of_matrix(gradients)] * 3
    rest = forces(found, torch.tensor([1.0, 0.0]), torch.tensor([0.0, multiplier]), [table, theta], optimiser)
    assert rest.cosine == pytest.approx(-1, abs=1e-6)
    assert rest.residual == pytest.approx(0, abs=1e-6)
    assert torch.cosine_similarity(gradients[0], gradients[1], 0) > -0.5


def test_where_nothing_presses_there_are_no_forces():
    theta, table = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.zeros(0, 1))
    found = [TaskGradients.of_matrix(torch.eye(2))] * 2
    optimiser = SGD([theta], lr=0.1)
    assert forces(found, torch.tensor([1.0, 0.0]), torch.zeros(2), [table, theta], optimiser) is None
    two = forces(found, torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), [table, theta], optimiser)
    assert math.isnan(two.error)
    assert two.cosine == pytest.approx(0, abs=1e-6)
