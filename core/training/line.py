"""The line from the model of the stage before to the last one of a stage: which model on it the stage keeps.

    θ(α) = θ + α (θ' − θ),   0 < α ≤ `REACH`

where θ is what the stage before kept, which is within all bounds, and θ' the stage's last model, averaged where
averages are asked for. They have most of their training in common, so losses along the line are smooth (Frankle et al.
2020, *Linear mode connectivity*; Wortsman et al. 2022, *Robust fine-tuning of zero-shot models*, §3). The furthest that
is within all bounds uses the tolerance as far as it goes.

`search` finds it by bisection, beside the models that were seen on the way: where stages branch. `walk` is for few
validation rows (`ConstrainedConfig.keep` = line). Of many models, all tried on the same few rows, the best one within
the bounds is a lucky one. So nothing competes but the line, tried in one order that is fixed before,

    α_j = REACH (j / STEPS)²,   j = 1, 2, …   until one is outside a bound,

and the last one before is the furthest. A step is taken only after all steps before it have passed, so that the chance
of going too far at all is that of a single test, however many there are: fixed-sequence testing (Angelopoulos et al.
2021, *Learn then Test*, arXiv 2110.01052). With a margin (`core.training.margin`) the test has a level; and as both
models become one as α goes to 0, so does the standard error of their difference: something can be bought wherever the
beginning of the line is free, however few the rows are.

A model passes where it is within the bounds on the validation rows and, by the same measure, on the training rows.
These are many, but the models have learnt from them: alone they let pass what rows not seen would not. Yet a model that
is outside even there was lucky on the validation rows. Both must agree, so each keeps its level: an intersection-union
test (Berger 1982, *Multiparameter hypothesis testing and acceptance sampling*).
"""

from __future__ import annotations

from dataclasses import replace

from core.methods.interface import ConstrainedConfig
from core.training import averaging
from core.training.between import on_line
from core.training.bounds import Bounds
from core.training.margin import distances
from core.training.measure import Reading, read
from core.training.stage import StageProgress, Weights
from core.training.state import RunState, sample_rows

REACH = 3.0  # of the way from the model of the stage before to the stage's own
LOOKS = 8  # of the bisection, each half as far from the furthest model within the bounds
STEPS = 32  # of the walk to its end; short ones first
TRAINED_ROWS = 20_000  # so many of the training rows are read, or as many as there are validation rows


def is_kept(run: RunState) -> bool:
    """Whether the stage under way keeps a model on the line, and none that was seen on its way."""
    method = run.config.method
    return isinstance(method, ConstrainedConfig) and method.keep == "line" and bool(run.phase.stage.constraints)


def search(run: RunState, stage: StageProgress) -> None:
    """Lets models on the line compete for the one that the stage keeps. The stage's last model is left in place."""
    low, high = 0.0, REACH
    now, last = run.weights(), averaging.last(run)
    for _ in range(LOOKS):
        share = (low + high) / 2
        reading = _at(run, last, share)
        if run.feasible(reading):
            low = share
            stage.offer(run.score(reading), run.step, reading, run.weights())
        else:
            high = share
    run.setup.network.load_state_dict(now)


def walk(run: RunState, stage: StageProgress) -> None:
    """Offers models on the line, step by step, until one is outside a bound. The stage's last model is left in place;
    nothing is offered where the last stage's model itself is outside, because a bound was tightened."""
    now, last = run.weights(), averaging.last(run)
    trained = _bounds_on_training_rows(run)
    for step in range(STEPS + 1):
        reading = _at(run, last, REACH * (step / STEPS) ** 2)
        if not (run.feasible(reading) and _holds(run, trained)):
            break
        stage.offer(run.score(reading), run.step, reading, run.weights())
    run.setup.network.load_state_dict(now)


def _at(run: RunState, last: Weights, share: float) -> Reading:
    """Puts the model at `share` of the way to `last` into the network, and reads it on the validation rows."""
    run.setup.network.load_state_dict(on_line(run.kept[-1], last, share))
    return run.read(run.validation_rows)


def _bounds_on_training_rows(run: RunState) -> Bounds:
    """The same tolerances over the models that the constraints' own stages kept, read on the training rows."""
    network, data = run.setup.network, run.setup.dataset
    most = max(TRAINED_ROWS, len(run.validation_rows))
    bounds = replace(run.bounds, validation_rows=sample_rows(data, run.config.seed, "train", most), protected={})
    for phase, kept in zip(run.plan, run.kept, strict=False):
        for task in phase.stage.objective if phase.kind == "main" else ():
            network.load_state_dict(kept)
            bounds.protect(task, network, read(network, run.setup.losses, data, bounds.validation_rows).loss[task])
    return bounds


def _holds(run: RunState, bounds: Bounds) -> bool:
    """Whether the model in the network is within these bounds on their rows."""
    network = run.setup.network
    reading = read(network, run.setup.losses, run.setup.dataset, bounds.validation_rows)
    if bounds.margin:
        reading = replace(reading, distance=distances(bounds, network))
    return all(bounds.violation(task, reading) <= 0 for task in bounds.protected)
