"""The calculations that the side process answers, by name. Imports torch: only that process may import this.

A later room adds its own by a line in CALCULATIONS: plain JSON in, plain JSON out, PrecedenceError for what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import PrecedenceError
from core.insight.given_gradients import direction
from core.insight.landscapes import LANDSCAPES, Landscape, path
from core.methods.registry import METHODS
from core.runs.folder.weights import weights
from core.users.embedding.reading import embed_composed, read_user

Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Vector = Annotated[list[Number], Field(min_length=1, max_length=512)]


class _Arguments(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    methods: tuple[str, ...] | None = None  # registry keys; None: all

    @model_validator(mode="after")
    def _known(self) -> _Arguments:
        for name in self.methods or ():
            if name not in METHODS:
                raise ValueError(f"there is no method {name!r}; the methods are {', '.join(METHODS)}")
        return self

    def chosen(self) -> tuple[str, ...]:
        return tuple(METHODS) if self.methods is None else self.methods


class Directions(_Arguments):
    """Task gradients, one row a task, all of one length."""

    gradients: Annotated[list[Vector], Field(min_length=1, max_length=8)]
    multiplier: float = Field(1.0, ge=0, le=1e6)  # NMT's, of every task but the last

    @model_validator(mode="after")
    def _even(self) -> Directions:
        if len({len(row) for row in self.gradients}) > 1:
            raise ValueError("all gradients must have the same number of coordinates")
        return self


class Paths(_Arguments):
    """Where on which landscape every method starts, and how far it goes."""

    landscape: str
    start: tuple[Number, Number]
    steps: int = Field(200, ge=1, le=2000)
    rate: float | None = Field(None, gt=0, le=10)  # None: the landscape's own
    tolerance: float | None = Field(None, ge=0, le=1e6)  # NMT's; None: the landscape's own


class Surface(_Arguments):
    landscape: str
    cells: int = Field(61, ge=5, le=161)  # points along each side


def directions(arguments: Any) -> dict[str, Any]:
    """What each method makes of the gradients g_1 … g_K.

    `methods`: name → {"update" [P], to be subtracted; "products" [K] = ⟨g_k, update⟩: positive where the step lowers
    loss k to first order} or {"problem"}; `cosines` [K][K], None beside a zero gradient; `cone`: in two dimensions the
    directions that no gradient opposes, as arcs [from, to] in radians, an empty list where there is none.
    """
    asked = Directions.model_validate(arguments)
    gradients = torch.tensor(asked.gradients, dtype=torch.float64)
    methods: dict[str, Any] = {}
    for name in asked.chosen():
        try:
            if METHODS[name].needs == "losses":  # weights that no gradient changes: the same sum, looked up
                update = gradients.new_tensor(_weights(name, len(gradients), asked.multiplier)) @ gradients
            else:
                update = direction(name, gradients)
            methods[name] = {"update": update.tolist(), "products": (gradients @ update).tolist()}
        except PrecedenceError as error:
            methods[name] = {"problem": str(error)}
    return {
        "methods": methods,
        "cosines": _cosines(gradients),
        "cone": non_conflict_cone(asked.gradients) if gradients.shape[1] == 2 else None,
    }


@lru_cache(maxsize=512)
def _weights(name: str, tasks: int, multiplier: float) -> tuple[float, ...]:
    """Weights of the gradients under a method that looks at losses alone, all of them 1."""
    multipliers = torch.full((tasks - 1,), multiplier, dtype=torch.float64)
    return tuple(direction(name, torch.eye(tasks, dtype=torch.float64), multipliers=multipliers).tolist())


def _cosines(gradients: torch.Tensor) -> list[list[float | None]]:
    norms = gradients.norm(dim=1)
    units = gradients / norms.clamp_min(1e-300)[:, None]
    cosines = (units @ units.T).clamp(-1, 1).tolist()
    zero = (norms == 0).tolist()
    return [[None if zero[i] or zero[j] else value for j, value in enumerate(row)] for i, row in enumerate(cosines)]


def non_conflict_cone(gradients: list[list[float]]) -> list[tuple[float, float]]:
    """The directions a in the plane with ⟨g_k, (cos a, sin a)⟩ ≥ 0 for every k, as arcs in radians.

    Each gradient allows the half circle around its own direction; a zero gradient allows everything. Two opposed
    gradients leave the two rays between them, arcs of no width.
    """
    angles = [math.atan2(y, x) for x, y in gradients if x or y]
    if not angles:
        return [(-math.pi, math.pi)]
    arcs = [(angles[0] - math.pi / 2, angles[0] + math.pi / 2)]
    for angle in angles[1:]:
        turns = [angle + turn * 2 * math.pi for turn in (-1, 0, 1)]
        pieces = [(max(low, at - math.pi / 2), min(high, at + math.pi / 2)) for (low, high), at in product(arcs, turns)]
        arcs = [(low, max(low, high)) for low, high in pieces if high > low - 1e-9]
    return arcs


def landscapes(arguments: Any) -> dict[str, Any]:
    """What there is to walk on: name → title, words, range, start points."""
    return {name: _described(landscape) for name, landscape in LANDSCAPES.items()}


def surface(arguments: Any) -> dict[str, Any]:
    """Both losses on a grid: x, y, and losses[task][row of y][column of x]; and what is known of the landscape."""
    asked = Surface.model_validate(arguments)
    landscape = _landscape(asked.landscape)
    x, y = (
        torch.linspace(low, high, asked.cells, dtype=torch.float64)
        for low, high in zip(landscape.low, landscape.high, strict=True)
    )
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)  # [y, x, 2]
    losses = landscape.losses(grid).movedim(-1, 0)
    return {
        "x": _short(x.tolist()),
        "y": _short(y.tolist()),
        "losses": [[_short(row) for row in task] for task in losses.tolist()],
        **_described(landscape),
    }


def paths(arguments: Any) -> dict[str, Any]:
    """Each method's way from one start: name → columns {"x", "y", "losses" [2][steps + 1], "stage", "multiplier"}, or
    {"problem"}. A way that leaves the picture for good is shorter than asked."""
    asked = Paths.model_validate(arguments)
    _landscape(asked.landscape)
    ways: dict[str, Any] = {}
    for name in asked.chosen():
        try:
            ways[name] = _way(asked.landscape, name, asked.start, asked.steps, asked.rate, asked.tolerance)
        except PrecedenceError as error:
            ways[name] = {"problem": str(error)}
    return {"methods": ways}


@lru_cache(maxsize=1024)  # a class that opens the page asks for the same ways
def _way(
    landscape: str, name: str, start: tuple[float, float], steps: int, rate: float | None, tolerance: float | None
) -> dict[str, Any]:
    points = path(landscape, name, start, steps, rate, tolerance)
    return {
        "x": _short([point.x for point in points]),
        "y": _short([point.y for point in points]),
        "losses": [_short([point.losses[task] for point in points]) for task in (0, 1)],
        "stage": [point.stage for point in points],
        "multiplier": _short([point.multiplier for point in points]),
    }


def _landscape(name: str) -> Landscape:
    if name not in LANDSCAPES:
        raise PrecedenceError(f"There is no landscape {name!r}; the landscapes are {', '.join(LANDSCAPES)}.")
    return LANDSCAPES[name]


def _described(landscape: Landscape) -> dict[str, Any]:
    return {
        "title": landscape.title,
        "about": landscape.about,
        "starts": landscape.starts,
        "optima": landscape.optima,
        "tolerance": landscape.tolerance,
        "rate": landscape.rate,
        "facts": landscape.facts,
    }


def _short(values: list[float]) -> list[float]:
    """Six significant digits: more than a screen shows, a third of the bytes."""
    return [float(f"{value:.6g}") for value in values]


CALCULATIONS: dict[str, Callable[[Any], Any]] = {
    "directions": directions,
    "landscapes": landscapes,
    "surface": surface,
    "path": paths,
    "weights": weights,
    "user": read_user,
    "embed_composed": embed_composed,
}
