"""Which method, in one typed object each; every field that a paper leaves open is named here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
ToleranceKind = Literal["relative", "absolute", "metric"]
"""A share of the loss, in the unit of the loss, or in points of the metric (AUC, accuracy, error)."""


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
    are the paper's; all values here are our choices. Plain ascent, `proportional` 0, winds up: `core.methods.nmt`."""

    kind: Literal["nmt"] = "nmt"
    tolerance_kind: ToleranceKind = "relative"
    normalise: bool = True  # divide each loss by that of the best constant prediction, so that tasks are comparable
    dual_rate: float = Field(1.0, gt=0, le=1e6)  # growth of a multiplier a step, per unit of violation
    rescale: bool = True  # divide the primal step by 1 + Σλ
    own_layers: Literal["follow", "weighted"] = "follow"  # a task's own layers descend its loss in full, or as weighted
    bound: Literal["paired", "constant"] = "paired"  # reference loss on the same rows, or its mean
    bound_on: Literal["slice", "train"] = "slice"  # where the violation is read; the paper's reading is train
    slice_every: int = Field(10, gt=0)  # steps between two readings of the slice
    start: Literal["warm", "fresh"] = "warm"  # a stage begins from the last stage's model, or anew
    multipliers: Literal["reset", "carry"] = "reset"  # at a stage's start
    smoothing: float = Field(0.9, ge=0, lt=1)  # nuPI's ν; at 0 the proportional part follows each reading's noise
    integral: float = Field(1.0, ge=0)  # nuPI's K_i
    proportional: float = Field(20.0, ge=0)  # nuPI's K_p; 0 with K_i = 1 is plain dual ascent
    least_share: float = Field(
        0.1, ge=0, le=1
    )  # of the objective in the step, below which over-fitting raises no multiplier
    frozen: dict[str, NonNegative] | None = (
        None  # multipliers held at these values, for a comparison with fixed weights
    )


class CoGradConfig(_Config):
    """Gradient coordination for transference: each task's gradient bent by what the others will do."""

    kind: Literal["cograd"] = "cograd"
    curvature: Literal["diagonal", "fisher_diagonal", "exact", "lookahead"] = "diagonal"  # the paper's is diagonal
    gamma: float = Field(0.1, ge=0, le=1e9)  # strength γ of every task that `gammas` does not name
    gammas: dict[str, NonNegative] = {}  # a task's own γ
    normalise: bool = True  # γ relative to the gradients' scale; false: as the paper writes it
    decay: float = Field(0.99, ge=0, lt=1)  # fisher_diagonal: of the running second moment, a step


class UncertaintyConfig(_Config):
    """Uncertainty weighting: one learnt log-variance a task."""

    kind: Literal["uncertainty"] = "uncertainty"
    rate: float = Field(0.02, gt=0, le=10)  # learning rate of the log-variances (Adam)


class DWAConfig(_Config):
    """Dynamic weight average: more weight for a loss that falls slowly."""

    kind: Literal["dwa"] = "dwa"
    temperature: float = Field(2.0, gt=0, le=1e6)
    interval: int = Field(20, gt=0)  # steps whose mean loss counts as one reading; the paper's is an epoch


class FAMOConfig(_Config):
    """Fast adaptive multitask optimisation: equal relative progress, from losses alone."""

    kind: Literal["famo"] = "famo"
    rate: float = Field(0.025, gt=0, le=10)  # of the weights' own Adam
    decay: float = Field(1e-3, ge=0, le=100)  # pulls the weights back to equal ones


class STCHConfig(_Config):
    """Smooth Tchebycheff: the task that is worst off counts most."""

    kind: Literal["stch"] = "stch"
    smoothness: float = Field(0.1, gt=0, le=1e6)  # μ: small is close to the maximum, large to the mean
    normalise: bool = True  # losses divided by those of the best constant prediction, so that they are comparable


class IMTLLConfig(_Config):
    """Impartial multi-task learning on losses: one learnt scale a task."""

    kind: Literal["imtl_l"] = "imtl_l"
    rate: float = Field(0.02, gt=0, le=10)  # learning rate of the scales (Adam)


class GeometricMeanConfig(_Config):
    """The geometric mean of the losses."""

    kind: Literal["geometric_mean"] = "geometric_mean"


class GradNormConfig(_Config):
    """GradNorm: weights that bring the gradients' norms to a common rate of training."""

    kind: Literal["gradnorm"] = "gradnorm"
    restoring: float = Field(1.5, ge=0, le=100)  # α: how strongly a task that lags is pulled up
    rate: float = Field(0.025, gt=0, le=10)  # of the weights


class PCGradConfig(_Config):
    """Gradient surgery: each gradient loses what opposes another one."""

    kind: Literal["pcgrad"] = "pcgrad"


class GradVacConfig(_Config):
    """Gradient vaccine: each pair is brought to the cosine it usually has."""

    kind: Literal["gradvac"] = "gradvac"
    decay: float = Field(0.5, ge=0, le=1)  # β of the running cosine


class GradDropConfig(_Config):
    """Gradient sign dropout: each coordinate keeps one sign, drawn by its share."""

    kind: Literal["graddrop"] = "graddrop"


class CAGradConfig(_Config):
    """Conflict-averse: the best worst-case progress near the mean gradient."""

    kind: Literal["cagrad"] = "cagrad"
    radius: float = Field(0.5, ge=0, lt=1)  # c: how far from the mean gradient, as a share of its length


class MGDAConfig(_Config):
    """The shortest vector in the hull of the gradients."""

    kind: Literal["mgda"] = "mgda"


class IMTLGConfig(_Config):
    """The direction with equal projections on all gradients."""

    kind: Literal["imtl_g"] = "imtl_g"


class NashConfig(_Config):
    """The Nash bargaining solution among tasks."""

    kind: Literal["nash_mtl"] = "nash_mtl"


class AlignedConfig(_Config):
    """The gradients' principal components brought to one scale."""

    kind: Literal["aligned_mtl"] = "aligned_mtl"
    scale: Literal["min", "median", "rmse"] = "min"  # of the singular values


class ConFIGConfig(_Config):
    """The direction at one angle from all gradients."""

    kind: Literal["config"] = "config"


class UPGradConfig(_Config):
    """Each gradient projected onto the cone of non-conflict, then added."""

    kind: Literal["upgrad"] = "upgrad"


class DualProjConfig(_Config):
    """The sum of gradients projected onto the cone of non-conflict."""

    kind: Literal["dualproj"] = "dualproj"


class PCDConfig(_Config):
    """The most important task first, a little progress promised to the others."""

    kind: Literal["pcd"] = "pcd"
    promise: float = Field(0.02, ge=0, le=1)  # τ: share of its normalised progress kept for each other task
    decay: float = Field(0.999, ge=0, lt=1)  # β of the running squared norms


class MetaBalanceConfig(_Config):
    """Every part of an auxiliary gradient brought near the length that the most important task's has."""

    kind: Literal["metabalance"] = "metabalance"
    strategy: Literal["reduce", "enlarge", "both"] = "both"  # which lengths are changed (the paper's A, B, C)
    relax: float = Field(0.7, ge=0, le=1)  # r: 0 leaves the gradient, 1 gives it the other's length
    decay: float = Field(0.9, ge=0, lt=1)  # β of the running lengths


MethodConfig = Annotated[
    SingleTaskConfig
    | WeightedSumConfig
    | NMTConfig
    | CoGradConfig
    | UncertaintyConfig
    | DWAConfig
    | FAMOConfig
    | STCHConfig
    | IMTLLConfig
    | GeometricMeanConfig
    | GradNormConfig
    | PCGradConfig
    | GradVacConfig
    | GradDropConfig
    | CAGradConfig
    | MGDAConfig
    | IMTLGConfig
    | NashConfig
    | AlignedConfig
    | ConFIGConfig
    | UPGradConfig
    | DualProjConfig
    | PCDConfig
    | MetaBalanceConfig,
    Field(discriminator="kind"),
]
