"""The primal optimiser."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import SGD, Adagrad, AdamW, Optimizer

from core.training.config import OptimiserConfig


def build(config: OptimiserConfig, network: nn.Module, learning_rate: float) -> Optimizer:
    """A fresh optimiser over all parameters; weight decay is decoupled with adam, an L2 term with the others."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    if config.kind == "adam":
        fused = all(p.dtype in (torch.float32, torch.float64) for p in parameters)
        return AdamW(parameters, lr=learning_rate, weight_decay=config.weight_decay, fused=fused)
    if config.kind == "adagrad":
        return Adagrad(parameters, lr=learning_rate, weight_decay=config.weight_decay)
    return SGD(parameters, lr=learning_rate, momentum=config.momentum, weight_decay=config.weight_decay)


def set_rate(optimiser: Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
