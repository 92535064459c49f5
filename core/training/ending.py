"""Why a stage is over, in a sentence; where no model kept all bounds, which came nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.training.events import Numbers
from core.training.measure import Reading
from core.training.stage import Progression

if TYPE_CHECKING:
    from core.training.trainer import Trainer


def distance(run: Trainer, reading: Reading) -> float:
    """How far a model is outside the bounds: its violations above 0, each as a share of the task's base loss."""
    violation = run.losses.base.new_tensor([value or 0.0 for value in run.violations(reading)])
    return (run.bounds.for_dual(violation) / run.losses.base).clamp_min(0).sum().item()


def why_over(run: Trainer, stage: Progression, kept: Reading) -> str:
    """`kept` is the reading of the model that the stage ends with."""
    objective = _join(run.names(run.phase.stage.objective))
    if stage.best_reading is None:
        return _none_seen(run, stage, kept)
    if stage.best_step == stage.start_step and stage.share < 1:
        return f"Nothing better for {objective} than the neighbouring run's model stayed within the bounds."
    if stage.start_score is not None and stage.best_step == stage.start_step:
        return f"No gain for {objective} is available at this tolerance: nothing better stayed within the bounds."
    if stage.stale >= run.config.patience:
        return f"{stage.stale} readings in a row brought nothing better for {objective} within the bounds."
    return f"All {run.stage_steps} steps of the stage are done."


def _none_seen(run: Trainer, stage: Progression, kept: Reading) -> str:
    """Names the wish, the model that came nearest to it, and whether the model that is kept keeps it."""
    held = run.phase.stage.constraints
    wishes = [f"{run.tasks[task]} within {_amount(run, task, run.bounds.tolerance(task).item())}" for task in held]
    said = f"No model seen in {stage.steps} steps keeps {_join(wishes)}"
    if stage.nearest is not None:
        _, step, violations = stage.nearest
        said += f"; the nearest, at step {step}, misses by {_misses(run, violations)}"
    outside = run.violations(kept)
    if any((value or 0.0) > 0 for value in outside):
        said += f". The model of the stage before is kept, which itself misses by {_misses(run, outside)}"
    else:
        said += ". The model of the stage before is kept"
    return said + "; allow more, or lower the learning rate."


def _misses(run: Trainer, violations: Numbers) -> str:
    parts = [
        f"{_amount(run, task, value)} ({run.tasks[task]})"
        for task, value in enumerate(violations)
        if value and value > 0
    ]
    return _join(parts)


def _amount(run: Trainer, task: int, amount: float) -> str:
    """In the unit of the run's tolerances: per cent of the loss, units of it, or points of the metric."""
    kind = run.config.tolerance_kind
    if kind == "relative":
        return f"{100 * amount / run.bounds.protected[task].slice_loss.item():.2g} %"
    return f"{amount:.2g}" + (f" {run.losses.tasks[task].metric.name}" if kind == "metric" else "")


def _join(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)
