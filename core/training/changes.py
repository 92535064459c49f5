"""Knobs turned while a run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from core.errors import PrecedenceError
from core.methods.interface import ConstrainedConfig, ConstrainedMethod
from core.training.events import Changed
from core.training.knobs import Knobs
from core.training.plan import phases, priority_order, tolerance_list

if TYPE_CHECKING:
    from core.training.trainer import Trainer


def change(run: Trainer, knobs: Knobs) -> list[Changed]:
    """Apply `knobs` between two turns; one event for each value that really changed.

    A tolerance moves its bound at once; a best model that is no longer within the bounds is forgotten.
    A new priority order keeps every stage before the first place that differs; the run goes on from there.
    Raises PrecedenceError, with nothing changed, where a task is unknown or the method has no such knob.
    """
    config = run.config
    wanted = config.model_copy(
        update={
            "tolerances": {**config.tolerances, **(knobs.tolerances or {})},
            "priority": config.priority if knobs.priority is None else knobs.priority,
        }
    )
    tolerances = tolerance_list(wanted, run.tasks)
    order = priority_order(wanted.priority, run.tasks)
    if knobs.dual_rate is not None and not isinstance(config.method, ConstrainedConfig):
        raise PrecedenceError(f"The method '{config.method.kind}' has no dual rate; only a method with bounds has one.")

    changes: list[tuple[str, str, str]] = []
    before = tolerance_list(config, run.tasks)
    for name, old, new in zip(run.tasks, before, tolerances, strict=True):
        if old != new:
            changes.append((f"tolerances.{name}", f"{old:g}", f"{new:g}"))
    if order != run.order:
        changes.append(("priority", " > ".join(run.names(run.order)), " > ".join(run.names(order))))
    if knobs.learning_rate is not None and knobs.learning_rate != run.learning_rate:
        changes.append(("learning_rate", f"{run.learning_rate:g}", f"{knobs.learning_rate:g}"))
        run.learning_rate = knobs.learning_rate
    if knobs.dual_rate is not None and isinstance(config.method, ConstrainedConfig):
        if knobs.dual_rate != config.method.dual_rate:
            changes.append(("dual_rate", f"{config.method.dual_rate:g}", f"{knobs.dual_rate:g}"))
        wanted = wanted.model_copy(update={"method": config.method.model_copy(update={"dual_rate": knobs.dual_rate})})
        if isinstance(run.method, ConstrainedMethod):
            run.method.dual.rate = knobs.dual_rate

    run.config = wanted
    run.bounds.tolerances = torch.tensor(tolerances, dtype=run.losses.base.dtype, device=run.device)
    if order != run.order:
        _reorder(run, order)
    _judge_best_again(run)
    return [Changed(step=run.step, what=what, old=old, new=new) for what, old, new in changes]


def _reorder(run: Trainer, order: tuple[int, ...]) -> None:
    method = run.main_method()
    old = [phase for phase in run.plan if phase.kind == "main"]
    plan = phases(method, order, run.config.reference)
    new = [phase for phase in plan if phase.kind == "main"]
    same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(new))
    run.order, run.plan = order, plan
    if run.place < same:
        return  # only later stages are other ones
    run.place = same
    run.progression = None
    run.kept = run.kept[:same]
    held = {task for phase in new[:same] for task in phase.stage.objective}
    run.bounds.protected = {task: kept for task, kept in run.bounds.protected.items() if task in held}
    run.method = method


def _judge_best_again(run: Trainer) -> None:
    stage = run.progression
    if stage is not None:
        stage.nearest = None  # it was the nearest to the bounds of before
    if stage is not None and stage.best_reading is not None and not run.feasible(stage.best_reading):
        stage.forget_best()
