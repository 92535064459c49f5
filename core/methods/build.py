"""From a method's config to the method. TorchJD is imported only where one of its methods is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.errors import PrecedenceError
from core.methods import config as c
from core.methods.cograd import CoGrad
from core.methods.config import MethodConfig, NMTConfig, SingleTaskConfig, WeightedSumConfig
from core.methods.dual import DualAscent
from core.methods.fixed import FixedWeights
from core.methods.gradnorm import GradNorm
from core.methods.metabalance import MetaBalance
from core.methods.method import Method
from core.methods.nmt import NMT
from core.methods.together import ByGradients, ByLosses, LossRule, Rule

ORDERED = ("pcd", "metabalance")
"""Methods that ask which task is the most important."""


def build(config: MethodConfig, tasks: tuple[str, ...], base: Tensor, seed: int = 0) -> Method:
    """The method for `tasks` in the data set's order; `base` [K]: each task's loss of the best constant prediction.

    `seed`: of methods that draw something.
    """
    ones = torch.ones_like(base)
    if isinstance(config, SingleTaskConfig):
        return FixedWeights(ones, alone=True)
    if isinstance(config, WeightedSumConfig):
        weights = _by_name(config.weights, tasks, base, default=1.0)
        if not bool((weights > 0).any()):
            raise PrecedenceError("All weights are 0, so nothing would be learned; give at least one task a weight.")
        return FixedWeights(weights)
    if isinstance(config, NMTConfig):
        return _nmt(config, tasks, base, ones)
    if config.kind in _BY_LOSSES:
        return ByLosses(_BY_LOSSES[config.kind](config, base), tasks, base)
    if isinstance(config, c.CoGradConfig):
        gammas = _by_name(config.gammas, tasks, base, default=config.gamma)
        asks_again = config.curvature in ("exact", "lookahead")
        rule = CoGrad(gammas, config.curvature, config.normalise, config.decay)
        return ByGradients(rule, tasks, base, asks_again=asks_again)
    return ByGradients(_BY_GRADIENTS[config.kind](config, seed), tasks, base, ordered=config.kind in ORDERED)


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


# ---------------------------------------------------------------------- weights from losses


def _scalariser(config: Any, base: Tensor) -> LossRule:
    from torchjd.scalarization import DWA, FAMO, IMTLL, STCH, UW, GeometricMean

    from core.methods.scalarised import ScalariserRule

    def stch(chosen: list[int]) -> Any:
        return STCH(config.smoothness, weights=1 / base[chosen] if config.normalise else None)

    match config.kind:
        case "uncertainty":
            return ScalariserRule(lambda chosen: UW(len(chosen)).to(base), rate=config.rate)
        case "imtl_l":
            return ScalariserRule(lambda chosen: IMTLL(len(chosen)).to(base), rate=config.rate)
        case "dwa":
            return ScalariserRule(lambda chosen: DWA(config.temperature), interval=config.interval)
        case "famo":
            return ScalariserRule(
                lambda chosen: FAMO(len(chosen), lr=config.rate, weight_decay=config.decay).to(base), looks_back=True
            )
        case "stch":
            return ScalariserRule(stch)
        case _:
            return ScalariserRule(lambda chosen: GeometricMean())


_BY_LOSSES: dict[str, Callable[[Any, Tensor], LossRule]] = dict.fromkeys(
    ("uncertainty", "dwa", "famo", "stch", "imtl_l", "geometric_mean"), _scalariser
)


# ---------------------------------------------------------------------- one update from gradients


def _torchjd(config: Any, seed: int) -> Rule:
    from torchjd import aggregation as jd

    from core.methods.gram_rules import GramRule, RunningRule, SignRule, through_root

    match config.kind:
        case "pcgrad":
            return GramRule(jd.PCGradWeighting(), averages=False, seed=seed)
        case "gradvac":
            return RunningRule(jd.GradVacWeighting(beta=config.decay), seed)
        case "graddrop":
            return SignRule(jd.GradDrop(), seed)
        case "mgda":
            return GramRule(jd.MGDAWeighting())
        case "imtl_g":
            return GramRule(jd.IMTLGWeighting())
        case "aligned_mtl":
            return GramRule(jd.AlignedMTLWeighting(scale_mode=config.scale))
        case "config":
            return GramRule(through_root(jd.ConFIG()), averages=False)
        case "upgrad":
            return GramRule(jd.UPGradWeighting())
        case "dualproj":
            return GramRule(jd.DualProjWeighting())
        case _:
            return RunningRule(jd.PCDWeighting(tau=config.promise, beta=config.decay), seed)


def _cagrad(config: Any, seed: int) -> Rule:
    from core.methods.cagrad import cagrad_weights
    from core.methods.gram_rules import GramRule

    return GramRule(lambda gram: cagrad_weights(gram, config.radius))


def _nash(config: Any, seed: int) -> Rule:
    from core.methods.gram_rules import GramRule
    from core.methods.nash import nash_weights

    return GramRule(nash_weights)


_BY_GRADIENTS: dict[str, Callable[[Any, int], Rule]] = {
    **dict.fromkeys(
        (
            "pcgrad",
            "gradvac",
            "graddrop",
            "mgda",
            "imtl_g",
            "aligned_mtl",
            "config",
            "upgrad",
            "dualproj",
            "pcd",
        ),
        _torchjd,
    ),
    "cagrad": _cagrad,
    "nash_mtl": _nash,
    "gradnorm": lambda config, seed: GradNorm(config.restoring, config.rate),
    "metabalance": lambda config, seed: MetaBalance(config.strategy, config.relax, config.decay),
}
