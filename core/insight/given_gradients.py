"""What each method makes of task gradients that are simply given: for the geometry bench and the toy landscapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from core.errors import PrecedenceError
from core.methods.gradients import Replay, TaskGradients
from core.methods.interface import BaseConfig, ConstrainedMethod, GradientMethod, Method, Problem
from core.methods.registry import METHODS, MethodConfig

_CONFIG: TypeAdapter[BaseConfig] = TypeAdapter(MethodConfig)


def direction(
    kind: str,
    gradients: Tensor,
    losses: Tensor | None = None,
    multipliers: Tensor | None = None,
    **options: Any,
) -> Tensor:
    """[P] the update, to be subtracted, that a fresh method makes of `gradients` [K, P], most important task first.

    `losses` [K]: what weights from losses are made of; ones where not given.
    `multipliers` [K − 1]: of a method with bounds, of all tasks but the last, which it then improves; ones where not
    given.
    `options`: fields of the method's config.
    Zero gradients give a zero update. Raises PrecedenceError where the method or an option is unknown, or a number is
    not finite.
    """
    check(gradients, "gradient")
    toy = Toy(kind, len(gradients), options)
    if isinstance(toy.method, ConstrainedMethod):
        held = torch.ones(len(gradients), dtype=torch.float64)
        if multipliers is not None:
            held[:-1] = multipliers
        toy.method.start_from(held)
    return toy.direction(gradients, torch.ones(len(gradients)) if losses is None else losses)


class Toy:
    """A method that is kept over several steps on given gradients; K tasks, the most important first."""

    def __init__(self, kind: str, tasks: int, options: Mapping[str, Any] | None = None) -> None:
        names = tuple(f"task {k + 1}" for k in range(tasks))
        problem = Problem(names, torch.ones(tasks, dtype=torch.float64))
        self.method: Method = config_of(kind, options or {}).build(problem)
        self.method.begin(self.method.stages(tuple(range(tasks)))[-1])

    def direction(self, gradients: Tensor, losses: Tensor, replay: Replay | None = None) -> Tensor:
        gradients, losses = gradients.double(), losses.double()
        self.method.see(losses)
        if self.method.needs == "gradients":
            method = cast(GradientMethod, self.method)
            return method.combine(TaskGradients.of_matrix(gradients), replay).update.flat()
        return self.method.weights() @ gradients


def config_of(kind: str, options: Mapping[str, Any]) -> BaseConfig:
    """The config of a method from its kind and some of its fields."""
    if kind not in METHODS:
        raise PrecedenceError(f"There is no method '{kind}'; choose from {', '.join(METHODS)}.")
    try:
        return _CONFIG.validate_python({"kind": kind, **options})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"][1:])
        raise PrecedenceError(
            f"The option '{name}' = {first['input']} of {METHODS[kind].title} cannot be used: {first['msg'].lower()}."
        ) from error


def check(gradients: Tensor, what: str) -> None:
    """[K, P] finite, K ≥ 1."""
    if gradients.ndim != 2 or not len(gradients):
        raise PrecedenceError(f"One {what} a task is wanted, not a table of shape {tuple(gradients.shape)}.")
    bad = (~torch.isfinite(gradients)).any(1).nonzero().flatten().tolist()
    if bad:
        raise PrecedenceError(
            f"The {what} of task {bad[0] + 1} is not finite ({gradients[bad[0]].tolist()[:4]}); give finite numbers."
        )
