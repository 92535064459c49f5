"""The whole of a run in one typed object: the same for the page, the URL, the command line and the run folder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.choice import DatasetChoice


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelConfig(_Config):
    """Widths and shapes of the network; `kind` names the sharing scheme."""

    kind: Literal["shared_bottom", "mmoe", "ple"] = "shared_bottom"
    embedding_dim: int = Field(16, gt=0, le=512)  # per sparse feature
    trunk: tuple[int, ...] = (64, 32)  # widths of the shared layers (of each expert in mmoe and ple)
    tower: tuple[int, ...] = (16,)  # widths of each task's own layers before its single output
    experts: int = Field(4, gt=0, le=64)  # mmoe: experts; ple: shared experts a level
    task_experts: int = Field(1, gt=0, le=16)  # ple: own experts of a task a level
    levels: int = Field(2, gt=0, le=4)  # ple: extraction levels
    dropout: float = Field(0.1, ge=0, lt=1)  # on the embedded input and after each shared layer


class OptimiserConfig(_Config):
    """The primal optimiser."""

    kind: Literal["adam", "adagrad", "sgd"] = "adam"
    learning_rate: float = Field(2e-3, gt=0, le=10)
    momentum: float = Field(0.0, ge=0, lt=1)  # sgd only
    weight_decay: float = Field(1e-5, ge=0, le=1)
    clip: float | None = Field(None, gt=0)  # largest norm of the whole gradient


class SingleTask(_Config):
    """One task alone: the first of the priority order."""

    kind: Literal["single_task"] = "single_task"


class WeightedSum(_Config):
    """All tasks at once under fixed weights; a task that is not named weighs 1."""

    kind: Literal["weighted_sum"] = "weighted_sum"
    weights: dict[str, Annotated[float, Field(ge=0)]] = {}


class NMT(_Config):
    """Prioritised tasks by Lagrangian multipliers; every field that the paper leaves open is named here."""

    kind: Literal["nmt"] = "nmt"
    tolerance_kind: Literal["relative", "absolute"] = "relative"  # of the reference loss, or in its own unit
    dual_rate: float = Field(
        5.0, gt=0
    )  # multiplier's gain a step per unit of violation (relative to the reference loss if so)
    rescale: bool = True  # divide the primal step by 1 + Σλ
    bound: Literal["paired", "constant"] = "paired"  # reference loss on the same rows, or its mean
    bound_on: Literal["slice", "train"] = "slice"  # where the violation is read; the paper's reading is train
    slice_every: int = Field(20, gt=0)  # steps between two readings of the slice
    start: Literal["warm", "fresh"] = "warm"  # a stage begins from the last stage's model, or anew
    multipliers: Literal["reset", "carry"] = "reset"  # at a stage's start
    nu: float = Field(0.0, ge=0, lt=1)  # nuPI: smoothing of the violation
    proportional: float = Field(0.0, ge=0)  # nuPI: gain on the smoothed violation's change; 0 is plain ascent
    frozen: dict[str, Annotated[float, Field(ge=0)]] | None = None  # multipliers held at these values


Method = Annotated[SingleTask | WeightedSum | NMT, Field(discriminator="kind")]


class RunConfig(_Config):
    """One run. Defaults are the example a person sees first."""

    dataset: DatasetChoice = DatasetChoice()
    priority: tuple[str, ...] = ()  # task names, most important first; empty: as the data set lists them
    tolerances: dict[str, Annotated[float, Field(ge=0)]] = {}  # a task's allowed loss increase; unnamed: `tolerance`
    tolerance: float = Field(0.01, ge=0)  # for every task that `tolerances` does not name
    model: ModelConfig = ModelConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    method: Method = NMT()
    batch_size: int = Field(1024, gt=0, le=1_000_000)
    stage_steps: int = Field(600, gt=0)  # most steps a stage
    evaluate_every: int = Field(50, gt=0)  # steps between two readings of the whole slice
    patience: int = Field(6, gt=0)  # evaluations without a better feasible model that end a stage
    record_every: int = Field(4, gt=0)  # steps between two points of the curves
    probe_every: int = Field(100, ge=0)  # steps between two exact gradient probes; 0: none
    probe_batches: int = Field(4, ge=2, le=64)  # batches a probe, for the error bar of the cosine
    reference: bool = True  # train each task alone too, to compare with
    seed: int = Field(0, ge=0)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    name: str = ""  # what a person calls this run
