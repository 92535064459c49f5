"""What may be turned while a run goes on, and what that makes of its config: the same for the trainer and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.errors import PrecedenceError
from core.methods.interface import ConstrainedConfig
from core.settings.run import RunConfig


class Knobs(BaseModel):
    """Changes asked for; what is None stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tolerances: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] | None = None
    priority: tuple[str, ...] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=10)] | None = None
    dual_rate: Annotated[float, Field(gt=0, le=1e6)] | None = None


@dataclass(frozen=True)
class Change:
    """A value of the config that a knob really changed, as a person reads it."""

    what: str  # tolerances.relevance | priority | learning_rate | dual_rate
    old: str
    new: str


def turned(config: RunConfig, knobs: Knobs, tasks: tuple[str, ...]) -> tuple[RunConfig, list[Change]]:
    """`config` with the knobs turned, and what changed by it; `tasks` are the data set's, in its order.

    Raises PrecedenceError where a task is unknown or the method has no such knob.
    """
    method, optimiser = config.method, config.optimiser
    if knobs.dual_rate is not None:
        if not isinstance(method, ConstrainedConfig):
            raise PrecedenceError(f"The method '{method.kind}' has no dual rate; only a method with bounds has one.")
        method = method.model_copy(update={"dual_rate": knobs.dual_rate})
    if knobs.learning_rate is not None:
        optimiser = optimiser.model_copy(update={"learning_rate": knobs.learning_rate})
    changed = config.model_copy(
        update={
            "tolerances": {**config.tolerances, **(knobs.tolerances or {})},
            "priority": config.priority if knobs.priority is None else knobs.priority,
            "optimiser": optimiser,
            "method": method,
        }
    )
    before, after = _values(config, tasks), _values(changed, tasks)
    return changed, [
        Change(what, _words(before[what]), _words(new)) for what, new in after.items() if new != before[what]
    ]


def knobs_between(before: RunConfig, after: RunConfig, tasks: tuple[str, ...]) -> Knobs | None:
    """What to turn so that a run with `before` goes on with `after`; None where nothing that can be turned differs."""
    tolerances = {name: to for name in tasks if (to := after.tolerance_of(name)) != before.tolerance_of(name)}
    order = after.priority or tasks
    knobs = Knobs(
        tolerances=tolerances or None,
        priority=order if order != (before.priority or tasks) else None,
        learning_rate=_other(before.optimiser.learning_rate, after.optimiser.learning_rate),
        dual_rate=_other(_dual_rate(before), _dual_rate(after)) if before.method.kind == after.method.kind else None,
    )
    return None if knobs == Knobs() else knobs


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


def check_several(order: Sequence[str]) -> None:
    """Raises PrecedenceError where nothing is below the most important task: then no tolerance buys anything."""
    if len(order) < 2:
        raise PrecedenceError(f"'{order[0]}' alone has no task below it; name at least two in 'priority'.")


def tolerance_list(config: RunConfig, tasks: tuple[str, ...]) -> list[float]:
    """Each task's tolerance in the data set's order."""
    for name in config.tolerances:
        if name not in tasks:
            raise PrecedenceError(
                f"A tolerance is given for '{name}', which is no task here; choose from {', '.join(tasks)}."
            )
    return [config.tolerance_of(name) for name in tasks]


def _values(config: RunConfig, tasks: tuple[str, ...]) -> dict[str, float | list[str]]:
    """Everything that can be turned, by the name it has in `Change`."""
    tolerances = zip(tasks, tolerance_list(config, tasks), strict=True)
    values: dict[str, float | list[str]] = {f"tolerances.{name}": value for name, value in tolerances}
    values["priority"] = [tasks[at] for at in priority_order(config.priority, tasks)]
    values["learning_rate"] = config.optimiser.learning_rate
    rate = _dual_rate(config)
    return values if rate is None else values | {"dual_rate": rate}


def _words(value: float | list[str]) -> str:
    return " > ".join(value) if isinstance(value, list) else f"{value:g}"


def _dual_rate(config: RunConfig) -> float | None:
    return config.method.dual_rate if isinstance(config.method, ConstrainedConfig) else None


def _other(old: float | None, new: float | None) -> float | None:
    return None if new == old else new
