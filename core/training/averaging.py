"""An exponential average of the weights, whose model competes with the last one for being kept.

    θ̄_t = β_t θ̄_{t−1} + (1 − β_t) θ_t,   β_t = min(β, t / (t + 9))

where
    θ_t    the weights after step t of the stage
    β      `optimiser.average`; about the last 1 / (1 − β) steps count

A step's noise is averaged out, so that of two models of one training the average mostly has the lower loss (Polyak &
Juditsky 1992; Izmailov et al. 2018, *Averaging weights leads to wider optima and better generalization*). β_t is small
at first, as in TensorFlow's ExponentialMovingAverage, so that where a stage begins is soon forgotten. It costs a copy
of the weights and one more reading of the validation rows where it competes: in the last quarter of a stage, for while
the learning rate is high an average lies between models and is none of them. The heads are averaged with the rest.

Probes read the average as well: about a resting point the last model wanders, and its gradients point back to that
point from wherever it is, each task's its own way; at the average what cancels over the steps has cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.training.measure import Reading
from core.training.stage import Weights
from core.training.state import RunState

COMPETES = 0.75  # of a stage's steps, after which the average is read beside the model itself


def restart(run: RunState) -> None:
    """Begin anew at the weights as they stand; nothing where no average is asked for."""
    run.average = run.weights() if run.config.optimiser.average else {}
    run.averaged_steps = 0


def decay_at(decay: float, step: int) -> float:
    """β_t of the stage's step t."""
    return min(decay, step / (step + 9))


@torch.no_grad()
def follow(run: RunState) -> None:
    """After each step."""
    if not run.average:
        return
    run.averaged_steps += 1
    share = decay_at(run.config.optimiser.average, run.averaged_steps)
    now = run.setup.network.state_dict()
    moving = [name for name, value in run.average.items() if value.is_floating_point()]
    torch._foreach_lerp_([run.average[name] for name in moving], [now[name] for name in moving], 1 - share)


@contextmanager
def in_place(run: RunState) -> Iterator[None]:
    """The network is the average for as long as this lasts; itself where no average is asked for."""
    if not run.average:
        yield
        return
    last = run.weights()
    run.setup.network.load_state_dict(run.average)
    try:
        yield
    finally:
        run.setup.network.load_state_dict(last)


def reading(run: RunState) -> Reading | None:
    """Of the average on the validation rows; None where it does not compete yet."""
    assert run.stage is not None
    if not run.average or run.stage.steps < COMPETES * run.stage_steps:
        return None
    with in_place(run):
        return run.read(run.validation_rows)


def last(run: RunState) -> Weights:
    """The model that a stage's training has come to: the average where there is one."""
    return run.average or run.weights()
