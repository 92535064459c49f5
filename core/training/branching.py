"""Stages that branch: each begins where the common start ended, and takes the same last steps under its bounds.

All tasks are trained together first, at weights that fall with priority. Then every stage begins there, optimiser and
batches included, and takes the same last steps at the same learning rates: the first task's stage, which sets its
bound, each later one with multipliers in the place of the weights. So the models that are compared differ in what they
are asked for and not in their training, and a bound is neither loose because its reference had fewer steps nor tight
because it had more. Tasks whose stage is still to come may keep a little weight (`NMTConfig.waiting`), so that a model
that sets a bound has not forgotten them: what is kept in the end may lie near it.

While a learning rate falls, so do all losses, and a bound of the end cannot be met at the beginning. A branch is
therefore held to what its reference had at the same step:

    c_i(t) = L_i(θ_i(t)) + ε_i            while it trains
    c_i    = L_i(θ_i) + ε_i               for a model that is to be kept

where θ_i(t) is the reference's model at that step and θ_i the one that it kept.

At the end the models on the line between the last stage's and the branch's last one compete too
(`core.training.line.search`).
"""

from __future__ import annotations

import copy
from bisect import bisect_right

import torch
from torch import Tensor

from core.methods.interface import ConstrainedConfig, ConstrainedMethod
from core.training.measure import Reading
from core.training.primal import build_optimiser
from core.training.state import RunState


def after_step(run: RunState) -> None:
    """At the end of a common start that stages branch from: keeps where it stands."""
    stage = run.stage
    if not run.branches or run.place > 0 or stage is None or stage.steps != run.stage_steps:
        return
    run.branch.point = {
        "network": run.weights(),
        "optimiser": copy.deepcopy(run.optimiser.state_dict()),
        "draws": run.draws.state_dict(),
        "average": {name: value.clone() for name, value in run.average.items()},
        "averaged_steps": run.averaged_steps,
    }
    run.branch.first = run.read(run.validation_rows)


def begin(run: RunState) -> None:
    """A stage goes back to that point. Its multipliers begin where the stage before left its own, with that stage's
    objective at 1, all divided by `together_decay`: of the first bound, what the weights together were."""
    point, method = run.branch.point, run.config.method
    assert point is not None
    assert run.branch.first is not None
    assert isinstance(method, ConstrainedConfig)
    run.setup.network.load_state_dict(point["network"])
    run.optimiser = build_optimiser(run.config.optimiser, run.setup.network)
    run.optimiser.load_state_dict(copy.deepcopy(point["optimiser"]))
    run.draws.load_state_dict(point["draws"])
    run.average = {name: value.clone() for name, value in point["average"].items()}
    run.averaged_steps = point["averaged_steps"]
    run.branch.trace = [(0, run.branch.first)]
    if run.phase.stage.constraints and isinstance(run.method, ConstrainedMethod):
        base = run.setup.losses.base
        before = base.new_tensor(run.branch.price) if run.branch.price else torch.zeros_like(base)
        before[list(run.plan[run.place - 1].stage.objective)] = 1
        run.method.start_from(before / method.together_decay)


def after_reading(run: RunState, reading: Reading) -> None:
    """How the losses of a branch run down, for the stages that will be compared with it."""
    assert run.stage is not None
    if run.branches and run.place > 0:
        run.branch.trace.append((run.stage.steps, reading))


def after_protecting(run: RunState, task: int) -> None:
    """Of the stage that set a bound: its multipliers, and how far above its reference the task was at each reading."""
    if run.branches:
        assert run.stage is not None
        bounds, run.branch.price = run.bounds, run.stage.price(len(run.setup.tasks))
        run.branch.ahead[task] = [
            (since, max(0.0, bounds.violation(task, reading) + bounds.tolerance(task).item()))
            for since, reading in run.branch.trace
        ]


def still_ahead(run: RunState) -> Tensor:
    """[K] L_i(θ_i(t)) − L_i(θ_i) at the step under way, between two readings on the line that joins them; 0 where
    there is none. Of bounds on a metric: in its points."""
    out = torch.zeros_like(run.setup.losses.base)
    assert run.stage is not None
    for task in run.phase.stage.constraints if run.branches else ():
        out[task] = _between(run.branch.ahead.get(task, []), run.stage.steps)
    return out


def ahead_on_train(run: RunState, ahead: Tensor) -> Tensor:
    """[K] the same of training batches, whose losses are taken to run down alike; a metric is not read there."""
    out = torch.zeros_like(ahead)
    for task in run.phase.stage.constraints if run.bounds.kind != "metric" else ():
        held = run.bounds.protected[task]
        out[task] = ahead[task] * held.train_loss / held.validation_loss
    return out


def _between(points: list[tuple[int, float]], at: int) -> float:
    """A value at `at` on the line through the points, in rising order; beyond the last one, its own."""
    after = bisect_right([step for step, _ in points], at)
    if not points or after == len(points):
        return points[-1][1] if points else 0.0
    if after == 0:
        return points[0][1]
    (left, low), (right, high) = points[after - 1], points[after]
    return low + (high - low) * (at - left) / (right - left)
