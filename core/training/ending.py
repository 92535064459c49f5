"""When a stage is over, and why, in a sentence."""

from __future__ import annotations

from enum import Enum, auto

from core.events.events import Numbers
from core.training import line
from core.training.measure import Reading
from core.training.state import RunState
from core.wording import listed


class Ending(Enum):
    """Why a stage is over; `explain` says it."""

    NONE_FEASIBLE = auto()  # no model was within the bounds
    NO_BETTER_THAN_OFFERED = auto()  # than the model of another run, from which it began
    NO_GAIN = auto()  # it began within the bounds, and nothing better stayed there
    BOUND_IS_SET = auto()  # of the first task after a common start: nothing more is asked of the stage
    READ_OFF = auto()  # it was not trained: the best model between those of other runs is kept
    PATIENCE = auto()  # evaluations in a row without a better feasible model
    ALL_STEPS = auto()


def is_over(run: RunState) -> Ending | None:
    """Asked after each evaluation: why the stage under way ends here; None while it goes on.

    It ends with its last step, or earlier where `patience` evaluations in a row brought no better feasible model.
    Where stages branch, all take their steps: models are compared at the end of the learning rate's way down. So do
    those that keep a model on the line to their last one.
    """
    stage = run.stage
    assert stage is not None
    out_of_patience = stage.stale >= run.config.patience and not run.branches and not line.is_kept(run)
    if stage.steps < run.stage_steps and not out_of_patience:
        return None
    if stage.best_reading is None:
        return Ending.NONE_FEASIBLE
    if run.sets_bound:
        return Ending.BOUND_IS_SET
    began_with_best = stage.best_step == stage.start_step
    if began_with_best and stage.share < 1:
        return Ending.NO_BETTER_THAN_OFFERED
    if began_with_best and stage.start_score is not None:
        return Ending.NO_GAIN
    return Ending.PATIENCE if out_of_patience else Ending.ALL_STEPS


def explain(run: RunState, ending: Ending, kept: Reading) -> str:
    """A sentence for a person; `kept` is the reading of the model that the stage ends with."""
    assert run.stage is not None
    objective = listed(run.names(run.phase.stage.objective))
    match ending:
        case Ending.NONE_FEASIBLE:
            return _none_feasible(run, kept)
        case Ending.NO_BETTER_THAN_OFFERED:
            return f"Nothing better for {objective} than the neighbouring run's model stayed within the bounds."
        case Ending.NO_GAIN:
            return f"No gain for {objective} is available at this tolerance: nothing better stayed within the bounds."
        case Ending.BOUND_IS_SET:
            return f"The bound of {objective} is taken from the model that all tasks trained together."
        case Ending.READ_OFF:
            count = len(run.between or [])
            return f"Nothing was trained for {objective}: the best model between those of {count} runs is kept."
        case Ending.PATIENCE:
            return f"{run.stage.stale} readings in a row brought nothing better for {objective} within the bounds."
        case Ending.ALL_STEPS:
            return f"All {run.stage_steps} steps of the stage are done."


def _none_feasible(run: RunState, kept: Reading) -> str:
    """Names the wish, the model that came nearest to it, and whether the model that is kept keeps it."""
    stage = run.stage
    assert stage is not None
    held = run.phase.stage.constraints
    wishes = [
        f"{run.setup.tasks[task]} within {_amount(run, task, run.bounds.tolerance(task).item())}" for task in held
    ]
    said = f"No model seen in {stage.steps} steps keeps {listed(wishes)}"
    if stage.nearest is not None:
        _, step, violations = stage.nearest
        said += f"; the nearest, at step {step}, misses by {_misses(run, violations)}"
    outside = run.violations_of(kept)
    if any((value or 0.0) > 0 for value in outside):
        said += f". The model of the stage before is kept, which itself misses by {_misses(run, outside)}"
    else:
        said += ". The model of the stage before is kept"
    return said + "; allow more, or lower the learning rate."


def _misses(run: RunState, violations: Numbers) -> str:
    return listed(
        [
            f"{_amount(run, task, value)} ({run.setup.tasks[task]})"
            for task, value in enumerate(violations)
            if value and value > 0
        ]
    )


def _amount(run: RunState, task: int, amount: float) -> str:
    """In the unit of the run's tolerances: per cent of the loss, units of it, or points of the metric."""
    kind = run.config.tolerance_kind
    if kind == "relative":
        return f"{100 * amount / run.bounds.protected[task].validation_loss.item():.2g} %"
    return f"{amount:.2g}" + (f" {run.setup.losses.tasks[task].metric.name}" if kind == "metric" else "")
