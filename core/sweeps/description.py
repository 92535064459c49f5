"""What a sweep is asked to vary, and the points that follow from it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import PrecedenceError, first_problem
from core.methods.registry import CONSTRAINED, METHODS, PLAIN
from core.records import schema_left_out
from core.settings.address import parse
from core.settings.run import RunConfig

MOST_POINTS = 1000
Values = Annotated[tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...], Field(min_length=1, max_length=200)]


class Point(BaseModel):
    """One run of a sweep; points of one `setting` differ in their seed alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    number: int  # 0-based place in the sweep
    setting: int  # 0-based
    config: RunConfig


class SweepConfig(BaseModel):
    """A base run and what varies around it: every method × its own grid × every priority order × every seed.

    A method with bounds has the grid over `tolerances`, one with fixed weights that over `weights`; any other is one
    setting.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    name: str = Field("", max_length=120)
    base: RunConfig
    methods: tuple[str, ...] = ()  # registry keys; empty: the base's own
    tolerances: dict[str, Values] = {}  # task → values, in the base's unit; a task that is not named keeps the base's
    weights: dict[str, Values] = {}  # task → values for the weighted sum; a task that is not named weighs 1
    priorities: tuple[tuple[str, ...], ...] = ()  # empty: the base's own
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = ()  # empty: the base's own
    equal_steps: bool = True  # a method with one stage gets the steps of all stages of a staged one together
    shared_stages: bool = True  # stages that points have in common are trained once; the results are the same bits
    warm_start: bool = False  # a stage may begin from a finished neighbour's model and is shorter then
    warm_share: float = Field(0.5, gt=0, lt=1)  # of a stage's steps, when it begins from a neighbour's model
    stop_dominated: bool = False  # ends a point in its last stage that a finished one beats clearly in every task
    workers: Literal["here", "ray"] = "here"

    @model_validator(mode="before")
    @classmethod
    def _of_any_schema(cls, fields: Any) -> Any:
        return schema_left_out(fields)

    @model_validator(mode="after")
    def _fits(self) -> SweepConfig:
        for name in self.methods:
            if name not in METHODS:
                raise ValueError(f"there is no method {name!r}; choose from {', '.join(METHODS)}")
        for field in ("methods", "priorities", "seeds"):
            values = getattr(self, field)
            if len(set(values)) < len(values):
                raise ValueError(f"'{field}' names something twice; name each once")
        taking_part = [METHODS[kind] for kind in self.kinds()]
        if self.tolerances and not any(card.constrains for card in taking_part):
            raise ValueError(f"'tolerances' vary only under a method with bounds; add {CONSTRAINED} to 'methods'")
        if self.weights and not any(card.weighted for card in taking_part):
            raise ValueError(f"'weights' vary only under a method with fixed weights; add {PLAIN} to 'methods'")
        if self.count() > MOST_POINTS:
            raise ValueError(f"the sweep has {self.count()} points, at most {MOST_POINTS} are trained; vary less")
        return self

    def kinds(self) -> tuple[str, ...]:
        """The methods that take part."""
        return self.methods or (self.base.method.kind,)

    def count(self) -> int:
        """How many points there are."""
        settings = 0
        for kind in self.kinds():
            size = 1
            for values in self._varied(kind).values():
                size *= len(values)
            settings += size
        return settings * max(1, len(self.priorities)) * max(1, len(self.seeds))

    def points(self, tasks: tuple[str, ...]) -> list[Point]:
        """All points, those with stages in common beside each other; `tasks` are those of the data set.

        Raises PrecedenceError where a task or a field does not fit.
        """
        self._check_tasks(tasks)
        points: list[Point] = []
        for setting, config in enumerate(self._settings(tasks)):
            for seed in self.seeds or (self.base.seed,):
                points.append(Point(number=0, setting=setting, config=config.model_copy(update={"seed": seed})))
        points.sort(key=lambda point: point.config.seed)  # one seed after the other, so that what is shared is near
        return [point.model_copy(update={"number": number}) for number, point in enumerate(points)]

    def _settings(self, tasks: tuple[str, ...]) -> Iterator[RunConfig]:
        for kind in self.kinds():
            for order in self.priorities or (self.base.priority,):
                yield from self._grid(kind, order or tasks, order)

    def _varied(self, kind: str) -> dict[str, Values]:
        """What the grid of a method goes over."""
        card = METHODS[kind]
        return self.tolerances if card.constrains else self.weights if card.weighted else {}

    def _grid(self, kind: str, order: tuple[str, ...], priority: tuple[str, ...]) -> Iterator[RunConfig]:
        varied = self._varied(kind)
        # The most important task outermost: what later stages have in common then stands together.
        names = sorted(varied, key=lambda name: order.index(name) if name in order else len(order))
        for values in itertools.product(*(sorted(varied[name]) for name in names)):
            yield self._config(kind, order, priority, dict(zip(names, values, strict=True)))

    def _config(
        self, kind: str, order: tuple[str, ...], priority: tuple[str, ...], values: dict[str, float]
    ) -> RunConfig:
        fields: dict[str, Any] = self.base.model_dump()
        fields |= {"priority": priority, "reference": False, "name": ""}
        if kind != self.base.method.kind:
            fields["method"] = METHODS[kind].config().model_dump()
        card = METHODS[kind]
        if card.constrains:
            fields["tolerances"] = {**fields["tolerances"], **values}
        elif card.weighted:
            fields["method"]["weights"] = {**fields["method"].get("weights", {}), **values}
        if not card.staged and self.equal_steps and any(METHODS[other].staged for other in self.kinds()):
            fields["stage_steps"] *= len(order)
            fields["patience"] *= len(order)
        return parse(fields, "sweep")

    def _check_tasks(self, tasks: tuple[str, ...]) -> None:
        named = [*self.tolerances, *self.weights, *itertools.chain(*self.priorities), *self.base.priority]
        for name in named:
            if name not in tasks:
                raise PrecedenceError(f"The sweep names the task '{name}'; this data set has {', '.join(tasks)}.")


def parse_sweep(fields: Any, where: str) -> SweepConfig:
    """A sweep from plain fields; `where` names their place in the sentence of the PrecedenceError."""
    try:
        return SweepConfig.model_validate(fields)
    except ValidationError as error:
        place, _, problem = first_problem(error)
        name = ".".join(map(str, place)) or "sweep"
        raise PrecedenceError(f"In the {where}, '{name}' cannot be used: {problem}.") from error
