"""How near a stage under bounds is to rest: the angle between its two forces where the optimiser sees them.

A step of the optimiser moves the shared weights by

    θ ← θ − η (D Σ_k w_k g_k + δ θ)

so it rests where D Σ_k w_k g_k + δ θ = 0. Multiplied by D^(−1/2), that is u + v = 0 with

    u = D^(1/2) Σ_{k in objective} w_k g_k + δ D^(−1/2) θ     what lowers the objective, weight decay included
    v = D^(1/2) Σ_{k in constraints} w_k g_k                  what the bounds hold against it

where
    g_k      gradient of task k's mean loss over the shared parameters
    w_k      weight of its loss in the step: 1 and the multipliers, on one scale
    D        diagonal of the optimiser: 1 / (√v̂ + ε) of Adam, 1 / (√Σg² + ε) of AdaGrad, 1 of SGD
    δ        weight decay; with AdaGrad inside of D, as its L2 term is

It holds for each weight by itself, so for any part of them; a run reads the last shared layer, where all tasks meet and
every row pulls, and which is at rest long before the rows of a table that few batches touch.

So the Karush–Kuhn–Tucker condition of the stage's own problem, its objective plus the decay under the bounds, reads:
the angle between u and v is 180° and both are of one length. The plain angle between g_objective and g_constraint has
no such value: D turns and stretches gradients, and decay is a third force that may balance both (Nocedal & Wright 2006,
§12.3, for the condition; Loshchilov & Hutter 2019, AdamW, for decay as a force outside of D).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Adagrad, AdamW, Optimizer

from core.insight.angles import jackknife, pooled_products, spread_rows
from core.methods.gradients import TaskGradients


@dataclass(frozen=True)
class Forces:
    """Of a stage under bounds, from M batches."""

    cosine: float  # of the angle between u and v; −1 at rest
    error: float  # standard error; nan for two batches
    residual: float  # |u + v|² / (|u|² + |v|²); 0 at rest, 1 for forces at right angles


def forces(
    found: Sequence[TaskGradients],
    objective: Tensor,
    constraints: Tensor,
    parameters: Sequence[nn.Parameter],
    optimiser: Optimizer,
    pooled: float = math.inf,
    only: Collection[int] | None = None,
) -> Forces | None:
    """Of M ≥ 2 batches' gradients `found` of K tasks; None where a force is 0, as under multipliers that are 0.

    `objective`, `constraints` [K]: weights w_k of either group, 0 elsewhere. `parameters`: the shared ones, the table
    first; `only` at these places, where not all of them are meant. Products are taken across batches, where their noise
    is independent, as in `core.insight.angles.probe`; `pooled` is that of it. Rows of the table that no batch touched
    have no gradient and are left out.
    """
    if not (bool((objective > 0).any()) and bool((constraints > 0).any())):
        return None
    M = len(found)
    products = torch.zeros(2 * M, 2 * M, dtype=torch.float64, device=found[0].rows.device)
    touched = torch.cat([gradients.touched for gradients in found]).unique()
    for at, parameter in enumerate(parameters):
        if only is not None and at not in only:
            continue
        scale, decay = _diagonal(optimiser, parameter)
        weight = parameter.detach()
        if at == 0:
            each = spread_rows(found, touched)  # [M, K, rows, d]
            scale, decay, weight = scale[touched], decay[touched], weight[touched]
        else:
            each = torch.stack([gradients.trunk[at - 1] for gradients in found])  # [M, K, *shape]
        root = scale.sqrt()
        lowers = torch.einsum("k,mk...->m...", objective.to(each), each) * root + decay * weight / root
        holds = torch.einsum("k,mk...->m...", constraints.to(each), each) * root
        flat = torch.stack((lowers, holds), 1).reshape(2 * M, -1).double()
        products += flat @ flat.T
    squares = products.view(M, 2, M, 2).transpose(1, 2)  # [M, M, 2, 2]
    whole, error = jackknife(squares, pooled)
    if not math.isfinite(whole[0, 1].item()):
        return None
    mean, _ = pooled_products(squares, list(range(M)), pooled)
    return Forces(whole[0, 1].item(), error[0, 1].item(), (mean.sum() / mean.diagonal().sum()).item())


def _diagonal(optimiser: Optimizer, parameter: nn.Parameter) -> tuple[Tensor, Tensor]:
    """D of each weight, and the decay δ in the units of D g; before the first step D is 1."""
    group, state = optimiser.param_groups[0], optimiser.state.get(parameter, {})
    one = torch.ones_like(parameter)
    if isinstance(optimiser, AdamW) and "exp_avg_sq" in state:
        corrected = state["exp_avg_sq"] / (1 - group["betas"][1] ** float(state["step"]))
        return 1 / (corrected.sqrt() + group["eps"]), one * group["weight_decay"]
    if isinstance(optimiser, Adagrad) and "sum" in state:
        scale = 1 / (state["sum"].sqrt() + group["eps"])
        return scale, scale * group["weight_decay"]
    return one, one * group["weight_decay"]
