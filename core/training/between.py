"""Models between trained ones: what several runs of one start know of a tolerance that none of them was trained at.

Runs that differ in a tolerance alone branch off one start, so that losses between their models are smooth (Frankle et
al. 2020, *Linear mode connectivity*). At other bounds the best model in hand is then looked for among all of them and
on the lines between them:

    θ(α) = (1 − α) θ_a + α θ_b,    α the largest at which θ(α) is within all bounds

where
    θ_a    one of the `NEAREST` best models within the bounds
    θ_b    one of the `NEAREST` models outside that are nearest to them

Of all models that were read, the one within the bounds with the lowest loss of the objective is the answer. It costs
readings of the validation rows and no training. One more trained model makes no answer worse, where its lines compete
with what was found before. Our own; along one line it is rewarded soups (Ramé et al. 2023).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from core.training.measure import Reading
from core.training.stage import Weights
from core.training.state import RunState

NEAREST = 2
LOOKS = 5  # models on a line that are read: the loss along it is smooth, and secants find the bound fast


@dataclass(frozen=True, eq=False)
class Known:
    """A model and what it has on the validation rows."""

    weights: Weights
    reading: Reading


def on_line(first: Weights, last: Weights, share: float) -> Weights:
    """θ + α (θ' − θ)."""
    return {
        name: torch.lerp(first[name], value, share) if value.is_floating_point() else value
        for name, value in last.items()
    }


def search(run: RunState) -> None:
    """Let the best model between that of the stage before and those that the run is read off compete for the one that
    the stage keeps; the network is left as it was."""
    stage, now = run.stage, run.weights()
    assert stage is not None

    def read(weights: Weights) -> Reading:
        run.setup.network.load_state_dict(weights)
        return run.read(run.validation_rows)

    def outside(reading: Reading) -> float:
        return max(value for value in run.violations_of(reading) if value is not None)

    models = [Known(weights, read(weights)) for weights in [run.kept[-1], *(run.between or [])]]
    found = best_between(models, read, run.score, outside)
    if found is not None:
        stage.offer(run.score(found.reading), run.step, found.reading, found.weights)
    run.setup.network.load_state_dict(now)


def best_between(
    models: Sequence[Known],
    read: Callable[[Weights], Reading],
    score: Callable[[Reading], float],
    outside: Callable[[Reading], float],
    through: Known | None = None,
) -> Known | None:
    """The best model within the bounds on the lines between `models`, themselves included; None where none is within.

    `score` is what is to be low, `outside` how far a reading is outside the bounds, at most 0 within them. With
    `through`, one of the models, those lines alone that begin or end there: what it adds to an earlier search.
    """
    within = sorted((one for one in models if outside(one.reading) <= 0), key=lambda one: score(one.reading))
    beyond = sorted((one for one in models if outside(one.reading) > 0), key=lambda one: outside(one.reading))
    if not within:
        return None
    best = within[0]
    for first in [through] if through in within else within[:NEAREST]:
        better = [one for one in beyond if score(one.reading) < score(first.reading)]  # others have nothing to give
        for last in [through] if through in better else better[:NEAREST]:
            if through is not None and through is not first and through is not last:
                continue
            best = min(best, *_along(first, last, read, outside), key=lambda one: score(one.reading))
    return best


def _along(
    first: Known, last: Known, read: Callable[[Weights], Reading], outside: Callable[[Reading], float]
) -> Iterator[Known]:
    """Models within the bounds on a line that leaves them, nearer and nearer to the bound: the Illinois form of the
    secant method (Dowell & Jarratt 1971)."""
    low, high = 0.0, 1.0
    at_low, at_high = outside(first.reading), outside(last.reading)
    kept = 0
    yield first
    for _ in range(LOOKS):
        share = low - at_low * (high - low) / (at_high - at_low) if at_low < 0 else low
        if share <= low:
            return
        weights = on_line(first.weights, last.weights, share)
        reading = read(weights)
        now = outside(reading)
        if now <= 0:
            yield Known(weights, reading)
            low, at_low, at_high = share, now, at_high / 2 if kept == 1 else at_high
            kept = 1
        else:
            high, at_high, at_low = share, now, at_low / 2 if kept == -1 else at_low
            kept = -1
