"""How many steps each stage of a run may take: the same for the trainer, for sweeps and for the pages."""

from __future__ import annotations

from core.methods.interface import ConstrainedConfig
from core.methods.registry import METHODS
from core.settings.run import RunConfig

BOUND_STEPS = 1
"""Of the first task's own stage after a common start: its bound is measured, nothing more is learnt alone."""


def starts_together(config: RunConfig, tasks: int) -> bool:
    """Whether a run of so many tasks trains them all together before its stages; one task has no company."""
    method = config.method
    return isinstance(method, ConstrainedConfig) and method.start_together > 0 and tasks > 1


def branches(config: RunConfig, tasks: int) -> bool:
    """Whether each of a run's stages begins where the common start ended."""
    method = config.method
    return isinstance(method, ConstrainedConfig) and method.start == "branch" and starts_together(config, tasks)


def steps_alone(config: RunConfig, tasks: int) -> int:
    """Most steps of a task alone, to compare with: as many as the run's own models have behind them, where its stages
    branch off a common start, else those of a stage."""
    return sum(stage_lengths(config, tasks)[:2]) if branches(config, tasks) else config.stage_steps


def steps_until_bounds(config: RunConfig, tasks: int) -> int:
    """Most steps before the first stage that keeps a bound."""
    lengths = stage_lengths(config, tasks)
    return sum(lengths[: max(1, len(lengths) - tasks + 1)])


def stage_lengths(config: RunConfig, tasks: int) -> tuple[int, ...]:
    """Most steps of each of the run's own stages; tasks trained alone, to compare with, come after them.

    A common start takes its share s of all n·K steps, the first task's stage `BOUND_STEPS`, and the other K − 1 stages
    divide the rest between them, n·K·(1 − s) / (K − 1) each, at least one step.

    where n is `stage_steps`, K `tasks`. Where stages branch off the common start, each of the K takes the same last
    n·K·(1 − s) / (K − 1) steps: every model has n·K behind it, and the run n·K·(2 − s), however many tasks there are.
    """
    steps = config.stage_steps
    if not METHODS[config.method.kind].staged:
        return (steps,)
    if not starts_together(config, tasks):
        return (steps,) * tasks
    assert isinstance(config.method, ConstrainedConfig)
    later = tasks - 1
    together = min(round(config.method.start_together * steps * tasks), steps * tasks - BOUND_STEPS - later)
    together = max(1, together)
    if branches(config, tasks):
        last = max(1, round((steps * tasks - together) / later))
        return (steps * tasks - last, *(last,) * tasks)
    rest = max(later, steps * tasks - together - BOUND_STEPS)
    each = [rest // later + (at < rest % later) for at in range(later)]
    return (together, BOUND_STEPS, *each)
