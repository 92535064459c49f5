"""Which method, in one typed object each; every field that a paper leaves open is named here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SingleTaskConfig(_Config):
    """One task alone: the first of the priority order."""

    kind: Literal["single_task"] = "single_task"


class WeightedSumConfig(_Config):
    """All tasks at once under fixed weights; a task that is not named weighs 1."""

    kind: Literal["weighted_sum"] = "weighted_sum"
    weights: dict[str, NonNegative] = {}


class NMTConfig(_Config):
    """Prioritised tasks by Lagrangian multipliers. Only the order of stages, the constraint and the descent–ascent
    are the paper's; all values here are our choices."""

    kind: Literal["nmt"] = "nmt"
    tolerance_kind: Literal["relative", "absolute"] = "relative"  # of the reference loss, or in the loss's own unit
    normalise: bool = True  # divide each loss by that of the best constant prediction, so that tasks are comparable
    dual_rate: float = Field(2.0, gt=0, le=1e6)  # growth of a multiplier a step, per unit of violation
    rescale: bool = True  # divide the primal step by 1 + Σλ
    own_layers: Literal["follow", "weighted"] = "follow"  # a task's own layers descend its loss in full, or as weighted
    bound: Literal["paired", "constant"] = "paired"  # reference loss on the same rows, or its mean
    bound_on: Literal["slice", "train"] = "slice"  # where the violation is read; the paper's reading is train
    slice_every: int = Field(20, gt=0)  # steps between two readings of the slice
    start: Literal["warm", "fresh"] = "warm"  # a stage begins from the last stage's model, or anew
    multipliers: Literal["reset", "carry"] = "reset"  # at a stage's start
    smoothing: float = Field(0.0, ge=0, lt=1)  # nuPI's ν
    integral: float = Field(1.0, ge=0)  # nuPI's K_i
    proportional: float = Field(0.0, ge=0)  # nuPI's K_p; 0 with K_i = 1 is plain dual ascent
    least_share: float = Field(
        0.1, ge=0, le=1
    )  # of the objective in the step, below which over-fitting raises no multiplier
    frozen: dict[str, NonNegative] | None = (
        None  # multipliers held at these values, for a comparison with fixed weights
    )


MethodConfig = Annotated[SingleTaskConfig | WeightedSumConfig | NMTConfig, Field(discriminator="kind")]
