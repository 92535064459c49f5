"""What a method is to everybody else: its config, its card, and what the trainer calls.

A method is one module of this package with three things in it: a config (`MethodConfig`'s subclass, which builds the
method), the rule itself, and `CARD`. `core.methods.registry` finds it there; nothing else has to know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from core.errors import PrecedenceError
from core.lazy_torch import torch
from core.settings_field import YES_NO, setting, with_new_names

if TYPE_CHECKING:
    from torch import Tensor

    from core.methods.dual import DualAscent
    from core.methods.gradients import Combined, Replay, TaskGradients

Needs = Literal["losses", "gradients"]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
ToleranceKind = Literal["relative", "absolute", "metric"]
"""A share of the loss, in the unit of the loss, or in points of the metric (AUC, accuracy, error)."""


# ---------------------------------------------------------------------- what a module declares


@dataclass(frozen=True)
class Problem:
    """What a method is built for: K tasks in the data set's order."""

    tasks: tuple[str, ...]
    base: Tensor  # [K] each task's loss of the best constant prediction; its device and type are the run's
    seed: int = 0  # of methods that draw something

    @property
    def ones(self) -> Tensor:
        return torch.ones_like(self.base)

    def by_task(self, values: Mapping[str, float], default: float) -> Tensor:
        """[K] a number a task, `default` for those that are not named; raises PrecedenceError for an unknown task."""
        unknown = sorted(set(values) - set(self.tasks))
        if unknown:
            raise PrecedenceError(f"There is no task '{unknown[0]}'; the data set has {', '.join(self.tasks)}.")
        chosen = [values.get(task, default) for task in self.tasks]
        return torch.tensor(chosen, dtype=self.base.dtype, device=self.base.device)


class BaseConfig(BaseModel):
    """A method's settings: every field that a paper leaves open is named here. `kind` names the method everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    kind: str = ""

    def build(self, problem: Problem) -> Method:
        """The method for these tasks. Libraries that one method alone needs are imported here."""
        raise NotImplementedError


class WeightedConfig(BaseConfig):
    """Settings of a method under which every task has a fixed weight; a sweep may vary them."""

    weights: dict[str, NonNegative] = setting(
        {}, "Weights", "Of the tasks' losses in the sum; a task that is not named weighs 1."
    )


class ConstrainedConfig(BaseConfig):
    """Settings of a method that holds tasks within tolerances by multipliers: what the trainer, sweeps, prices and
    pages ask of it."""

    tolerance_kind: ToleranceKind = setting(
        "relative", "Tolerance unit", "A share of the loss, the unit of the loss, or points of the metric."
    )
    dual_rate: float = setting(
        1.0,
        "Dual rate",
        "How fast a multiplier grows for a given violation. Turned while a run goes on, it takes effect at once.",
        group="Multipliers",
        unit="a step, per unit of violation",
        step=0.5,
        gt=0,
        le=1e6,
    )
    bound_on: Literal["validation", "train"] = setting(
        "validation",
        "Read the violation on",
        "Validation rows look like the place where the promise must hold; the paper's reading is the training batch.",
        group="Multipliers",
        choices={"validation": "validation rows", "train": "training batches"},
    )
    validation_every: int = setting(
        10,
        "Steps between readings of the violation",
        "Fewer is more exact and slower.",
        group="Multipliers",
        unit="steps",
        step=5,
        gt=0,
    )
    bound: Literal["paired", "constant", "ratchet"] = setting(
        "paired",
        "Compare with the protected model",
        "On the same rows (less noise), or with its mean loss. A ratchet compares on the same rows, and tightens the "
        "bound whenever a model within all bounds is better for the task than any before.",
        group="Multipliers",
        choices={
            "paired": "on the same rows",
            "constant": "by its mean loss",
            "ratchet": "on the same rows, with the best model so far",
        },
    )
    margin: float = setting(
        0.0,
        "Distance from the bound",
        "Keeps so many standard errors of the validation rows' difference from the bound, so that it holds on rows not "
        "seen. 0 keeps none; of tolerances in a metric, NDCG alone has them.",
        group="Multipliers",
        unit="standard errors",
        step=0.5,
        ge=0,
        le=10,
        later=True,
    )
    keep: Literal["best", "line"] = setting(
        "best",
        "A stage keeps",
        "The best of all models that were read within the bounds, or the furthest on the way from the last stage's "
        "model to its own last one, tried step by step until one is outside. Where validation rows are few, the best "
        "of many models is a lucky one.",
        group="Multipliers",
        choices={"best": "the best model within the bounds", "line": "the furthest on the line to its last model"},
        later=True,
    )
    normalise: bool = setting(
        True,
        "Put losses on one scale",
        "Divides each loss by that of the best constant guess, so that tasks of any scale compare.",
        group="Multipliers",
        choices=YES_NO,
    )
    start: Literal["warm", "fresh", "branch"] = setting(
        "warm",
        "A stage begins",
        "From the last stage's model, which is within all bounds, from fresh weights, or from where the common start "
        "ended, where there is one: each stage then takes the same last steps, under its bounds.",
        group="Multipliers",
        choices={
            "warm": "from the last stage's model",
            "fresh": "from fresh weights",
            "branch": "from where the common start ended",
        },
    )
    start_together: float = setting(
        0.0,
        "All tasks together first",
        "Share of the run's steps before the stages in which all tasks are trained together, without bounds; "
        "the later stages divide the rest. 0 is the paper's form: stages alone from the first step.",
        group="Multipliers",
        step=0.05,
        staged=True,
        ge=0,
        le=1,
        later=True,
    )
    together_decay: float = setting(
        1.0,
        "Weight of the next task, together",
        "While all are trained together: each task's weight as a share of that of the task above it; 1 is equal.",
        group="Multipliers",
        step=0.1,
        staged=True,
        gt=0,
        le=1,
        later=True,
    )
    frozen: dict[str, NonNegative] | None = setting(
        None, "Fixed multipliers", "Held at these values, for a comparison with fixed weights.", optional="they move"
    )

    @model_validator(mode="after")
    def _line_is_one(self) -> ConstrainedConfig:
        if self.keep == "line" and self.start == "fresh":
            raise ValueError(
                "between the last stage's model and one from fresh weights lies no line to keep a model on; "
                "set start = warm, or keep = best"
            )
        return self

    @model_validator(mode="after")
    def _start_is_used(self) -> ConstrainedConfig:
        if self.start_together > 0 and self.start == "fresh":
            raise ValueError(
                "stages that begin from fresh weights would throw the common start away; "
                "set start = warm, or start_together = 0"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _new_names(cls, fields: Any) -> Any:
        fields = with_new_names(fields, {"slice_every": "validation_every"})
        if isinstance(fields, Mapping) and fields.get("bound_on") == "slice":
            return {**fields, "bound_on": "validation"}
        return fields


class MethodCard(BaseModel):
    """One method in words, and what pages and sweeps must know of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    config: type[BaseConfig]
    title: str
    needs: Needs
    guarantee: str  # a sentence: what it guarantees
    cost: str  # a sentence: what it costs, × a plain step, measured at 4 tasks
    fails: str  # a sentence: when it fails
    formula: str  # LaTeX
    source: str  # paper, year, section
    place: int = 1000  # in menus and tables, low first; methods of one place by title
    at_hand: str = ""  # a sentence for the method's own button in the menu; without one it stands in the list of others
    pictured: bool = False  # walks in the picture of a landscape from the start; all at once would hide each other
    staged: bool = False  # one stage a task, in the order of priority, instead of all tasks in a single stage
    alone: bool = False  # trains nothing but the first task of the order
    second: str = ""  # symbol of the formula that stands for the second task, beside L_2, g_2, L_j, g_j
    remark: str = ""  # a sentence or two beside its picture
    noiseless: Mapping[str, Any] = {}  # settings for given losses without noise, as on a landscape

    @computed_field  # type: ignore[prop-decorator]
    @property
    def kind(self) -> str:
        """The name in configs, addresses and on the command line."""
        return str(self.config.model_fields["kind"].default)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def constrains(self) -> bool:
        """Holds tasks within tolerances; its multipliers are the bounds' prices."""
        return issubclass(self.config, ConstrainedConfig)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def weighted(self) -> bool:
        """Takes a fixed weight of each task."""
        return issubclass(self.config, WeightedConfig)


ONE_BACKWARD = "One backward, like a plain step: 1.0 ×."
ONE_BACKWARD_A_TASK = "One backward a task: 2.2 to 2.7 × a plain step at four tasks."
"""What most methods cost: `python -m core bench methods`."""


# ---------------------------------------------------------------------- what the trainer calls


@dataclass(frozen=True)
class Stage:
    """One part of a run: tasks (as positions in the data set's order) whose loss is lowered, tasks held in bounds."""

    objective: tuple[int, ...]
    constraints: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()  # of the objective's losses; empty: 1 each
    waiting: tuple[int, ...] = ()  # less important tasks, whose own stages come later


class Method(Protocol):
    """From losses to the weights of one step. K tasks in the data set's order; tensors live on the run's device."""

    needs: Needs  # "gradients": a `GradientMethod`, one backward a task
    follow: bool  # weights apply to the shared parameters alone; a task's own layers descend their own loss in full
    looks_back: bool  # wants the batch's losses once more after the step

    @property
    def multipliers(self) -> Tensor:
        """[K] ≥ 0; 0 for a task that is not constrained."""

    def stages(self, priority: tuple[int, ...]) -> tuple[Stage, ...]:
        """The parts of a run under a priority order, most important task first."""

    def begin(self, stage: Stage) -> None:
        """Forget what belongs to the last stage."""

    def observe(self, violation: Tensor, overfitted: Tensor) -> None:
        """Dual step from the violations [K]; `overfitted` [K] marks those that no primal step can mend."""

    def see(self, losses: Tensor) -> None:
        """The batch's losses [K], before the step."""

    def look_back(self, losses: Tensor) -> None:
        """The same batch's losses [K] after the step; asked for where `looks_back`."""

    def weights(self) -> Tensor:
        """[K] weight of each task's loss in the primal step; nan where the step is no weighted sum."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class GradientMethod(Method, Protocol):
    """A method that makes one update of the task gradients; a task's own layers descend their own loss in full."""

    needs_replay: bool  # wants the batch's losses at other points, for curvature

    def tasks(self) -> list[int]:
        """Whose gradients it wants, in this order."""

    def combine(self, gradients: TaskGradients, replay: Replay | None = None) -> Combined:
        """The update over the shared parameters; raises PrecedenceError where a gradient is not finite."""


@runtime_checkable
class ConstrainedMethod(Method, Protocol):
    """A method whose multipliers hold tasks within their bounds. `state_dict` has the state of `dual` by that name, so
    that another run's stage can begin at its multipliers."""

    dual: DualAscent

    def start_from(self, multipliers: Tensor) -> None:
        """Begin the stage at these multipliers [K] instead of zero."""

    def allow(self, tolerances: Tensor) -> None:
        """What each task may lose now [K], in the unit of the loss; told before each dual step that counts in
        tolerances."""
