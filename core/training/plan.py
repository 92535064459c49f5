"""From the config's task names to positions, tolerances and stages; everything a person wrote is checked here."""

from __future__ import annotations

from core.errors import PrecedenceError
from core.methods.interface import Method, Stage
from core.training.config import RunConfig
from core.training.stage import Phase


def priority_order(priority: tuple[str, ...], tasks: tuple[str, ...]) -> tuple[int, ...]:
    """Positions of `priority` in `tasks`; all tasks in the data set's order when `priority` is empty.

    Naming some of the tasks trains just those.
    """
    for name in priority:
        if name not in tasks:
            raise PrecedenceError(f"There is no task '{name}' in this data set; choose from {', '.join(tasks)}.")
        if priority.count(name) > 1:
            raise PrecedenceError(f"Task '{name}' stands twice in the priority order; name each task once.")
    return tuple(tasks.index(name) for name in priority) or tuple(range(len(tasks)))


def tolerance_list(config: RunConfig, tasks: tuple[str, ...]) -> list[float]:
    """Each task's tolerance in the data set's order."""
    for name in config.tolerances:
        if name not in tasks:
            raise PrecedenceError(
                f"A tolerance is given for '{name}', which is no task here; choose from {', '.join(tasks)}."
            )
    return [config.tolerances.get(name, config.tolerance) for name in tasks]


def phases(method: Method, order: tuple[int, ...], reference: bool) -> list[Phase]:
    """The method's stages, then each task alone, to compare with; a first stage of one task is that already."""
    stages = method.stages(order)
    plan = [Phase(stage) for stage in stages]
    if reference:
        known = stages[0].objective if len(stages[0].objective) == 1 else ()
        plan += [Phase(Stage((task,)), "reference") for task in order if task not in known]
    return plan
