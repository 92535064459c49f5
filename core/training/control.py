"""Knobs turned while a run goes on: what they make of its state."""

from __future__ import annotations

from core.events.events import Changed
from core.methods.interface import ConstrainedConfig, ConstrainedMethod
from core.training.knobs import Knobs, priority_order, tolerance_list, turned
from core.training.stage import phases
from core.training.state import RunState


def change(run: RunState, knobs: Knobs) -> list[Changed]:
    """Apply `knobs` between two turns; one event for each value that really changed.

    A tolerance moves its bound at once; a best model that is no longer within the bounds is forgotten.
    A new priority order keeps every stage before the first place that differs; the run goes on from there.
    Raises PrecedenceError, with nothing changed, where a task is unknown or the method has no such knob.
    """
    config, changes = turned(run.config, knobs, run.setup.tasks)
    run.config = config
    run.bounds.tolerances = run.setup.losses.base.new_tensor(tolerance_list(config, run.setup.tasks))
    if isinstance(config.method, ConstrainedConfig) and isinstance(run.method, ConstrainedMethod):
        run.method.dual.rate = config.method.dual_rate
    order = priority_order(config.priority, run.setup.tasks)
    if order != run.order:
        _reorder(run, order)
    judge_best_again(run)
    return [Changed(step=run.step, what=one.what, old=one.old, new=one.new) for one in changes]


def _reorder(run: RunState, order: tuple[int, ...]) -> None:
    method = run.main_method()
    old = [phase for phase in run.plan if phase.is_own]
    plan = phases(method, order, run.config)
    new = [phase for phase in plan if phase.is_own]
    same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(new))
    run.order, run.plan = order, plan
    if run.place < same:
        return  # only later stages are other ones
    run.place = same
    run.stage = None
    run.kept = run.kept[:same]
    held = {task for phase in new[:same] if phase.kind == "main" for task in phase.stage.objective}
    run.bounds.protected = {task: kept for task, kept in run.bounds.protected.items() if task in held}
    run.method = method


def judge_best_again(run: RunState) -> None:
    """After a bound has moved: a best model outside it is forgotten."""
    stage = run.stage
    if stage is None:
        return
    stage.nearest = None  # it was the nearest to the bounds of before
    if stage.best_reading is not None and not run.feasible(stage.best_reading):
        stage.forget_best()
