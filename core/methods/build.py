"""From a method's config to the method."""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import PrecedenceError
from core.methods.config import MethodConfig, NMTConfig, SingleTaskConfig, WeightedSumConfig
from core.methods.dual import DualAscent
from core.methods.fixed import FixedWeights
from core.methods.method import Method
from core.methods.nmt import NMT


def build(config: MethodConfig, tasks: tuple[str, ...], base: Tensor) -> Method:
    """The method for `tasks` in the data set's order; `base` [K]: each task's loss of the best constant prediction."""
    ones = torch.ones_like(base)
    if isinstance(config, SingleTaskConfig):
        return FixedWeights(ones, alone=True)
    if isinstance(config, WeightedSumConfig):
        weights = _by_name(config.weights, tasks, base, default=1.0)
        if not bool((weights > 0).any()):
            raise PrecedenceError("All weights are 0, so nothing would be learned; give at least one task a weight.")
        return FixedWeights(weights)
    return _nmt(config, tasks, base, ones)


def _nmt(config: NMTConfig, tasks: tuple[str, ...], base: Tensor, ones: Tensor) -> NMT:
    return NMT(
        scale=base if config.normalise else ones,
        dual=DualAscent(base, config.dual_rate, config.smoothing, config.integral, config.proportional),
        rescale=config.rescale,
        carry=config.multipliers == "carry",
        frozen=None if config.frozen is None else _by_name(config.frozen, tasks, base, default=0.0),
        follow=config.own_layers == "follow",
        least_share=config.least_share,
    )


def _by_name(values: dict[str, float], tasks: tuple[str, ...], like: Tensor, default: float) -> Tensor:
    unknown = sorted(set(values) - set(tasks))
    if unknown:
        raise PrecedenceError(f"There is no task '{unknown[0]}'; the data set has {', '.join(tasks)}.")
    return torch.tensor([values.get(task, default) for task in tasks], dtype=like.dtype, device=like.device)
