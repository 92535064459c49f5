"""The whole of a run in one typed object: the same for the page, the URL, the command line and the run folder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.source import DatasetChoice
from core.methods.interface import ConstrainedConfig, ToleranceKind
from core.methods.nmt import NMTConfig
from core.methods.registry import MethodConfig
from core.models.config import ModelChoice, ModelConfig
from core.models.deepbow_config import DeepBoWConfig


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


OPTIMISERS = frozenset(("adam", "adagrad", "sgd"))


class OptimiserConfig(_Config):
    """The primal optimiser."""

    kind: Literal["adam", "adagrad", "sgd"] = "adam"
    learning_rate: float = Field(2e-3, gt=0, le=10)
    warm_up: int = Field(20, ge=0)  # steps at a stage's start over which the learning rate rises from 0
    final_rate: float = Field(0.1, gt=0, le=1)  # learning rate at a stage's end as a share of its start; linear
    later_rate: float = Field(1.0, gt=0, le=1)  # learning rate of stages that begin from a trained model, as a share
    momentum: float = Field(0.0, ge=0, lt=1)  # sgd only
    weight_decay: float = Field(1e-5, ge=0, le=100)
    clip: float | None = Field(None, gt=0)  # largest norm of the whole gradient


class RunConfig(_Config):
    """One run. `presets.default_run` gives what trains well on a data set."""

    dataset: DatasetChoice = DatasetChoice()
    priority: tuple[str, ...] = ()  # task names, most important first; empty: as the data set lists them
    tolerances: dict[str, Annotated[float, Field(ge=0)]] = {}  # a task's allowed loss increase; unnamed: `tolerance`
    tolerance: float = Field(0.01, ge=0)  # for every task that `tolerances` does not name
    model: ModelChoice = ModelConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    method: MethodConfig = NMTConfig()
    batch_size: int = Field(1024, gt=0, le=1_000_000)
    stage_steps: int = Field(600, gt=0)  # most steps a stage
    slice_rows: int | None = Field(None, gt=0)  # read bounds and violations on so many rows of the slice; None: all
    evaluate_every: int = Field(50, gt=0)  # steps between two readings of the whole slice
    patience: int = Field(6, gt=0)  # evaluations without a better feasible model that end a stage
    record_every: int = Field(4, gt=0)  # steps between two points of the curves
    probe_every: int = Field(300, ge=0)  # steps between two exact gradient probes; 0: none
    probe_batches: int = Field(8, ge=2, le=64)  # batches a probe, for the error bar of the cosine
    reference: bool = True  # train each task alone too, to compare with
    seed: int = Field(0, ge=0)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    name: str = ""  # what a person calls this run

    def tolerance_of(self, task: str) -> float:
        """What a task may lose, in the unit that `tolerance_kind` names."""
        return self.tolerances.get(task, self.tolerance)

    @property
    def tolerance_kind(self) -> ToleranceKind:
        """The unit of `tolerances`; a method without bounds has the usual one."""
        return self.method.tolerance_kind if isinstance(self.method, ConstrainedConfig) else "relative"

    @property
    def makes_bags(self) -> bool:
        """True where the trained network turns texts into bags of words, by which a catalogue can be searched."""
        return isinstance(self.model, DeepBoWConfig) and self.model.score == "bags"
