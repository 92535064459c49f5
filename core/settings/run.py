"""The whole of a run in one typed object: the same for the page, the URL, the command line and the run folder."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.data.source import DatasetChoice
from core.methods.interface import ConstrainedConfig, ToleranceKind
from core.methods.nmt import NMTConfig
from core.methods.registry import MethodConfig
from core.models.config import ModelChoice, ModelConfig
from core.models.deepbow_config import DeepBoWConfig
from core.records import schema_left_out
from core.settings_field import YES_NO, setting, with_new_names


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


OPTIMISERS = frozenset(("adam", "adagrad", "sgd"))


class OptimiserConfig(_Config):
    """The primal optimiser."""

    kind: Literal["adam", "adagrad", "sgd"] = setting(
        "adam",
        "Optimiser",
        "Moves the weights of the network.",
        group="Training",
        choices={"adam": "Adam", "adagrad": "AdaGrad", "sgd": "SGD"},
    )
    learning_rate: float = setting(
        2e-3,
        "Learning rate",
        "Size of the optimiser's steps. Turned while a run goes on, it takes effect at once.",
        group="Training",
        step=0.0005,
        format="%.5f",
        gt=0,
        le=10,
    )
    warm_up: int = setting(
        20,
        "Warm-up steps",
        "Steps at a stage's start over which the learning rate rises from 0.",
        group="Training",
        step=10,
        ge=0,
    )
    final_rate: float = setting(
        0.1,
        "Learning rate at a stage's end",
        "As a share of its start; 1 keeps it level.",
        group="Training",
        step=0.1,
        format="%.3f",
        gt=0,
        le=1,
    )
    schedule: Literal["linear", "cosine"] = setting(
        "linear",
        "Way of the learning rate",
        "How it falls to its end: in a straight line, or along half a cosine, which has longer at small steps.",
        group="Training",
        choices={"linear": "straight line", "cosine": "half a cosine"},
        later=True,
    )
    later_rate: float = setting(
        1.0,
        "Learning rate of later stages",
        "As a share of the first stage's: they begin from a trained model, which full steps would first undo.",
        group="Training",
        step=0.1,
        format="%.3f",
        staged=True,
        gt=0,
        le=1,
    )
    average: float = setting(
        0.0,
        "Averaged weights",
        "Decay of a running average of the weights, which competes for the model that a stage keeps; 0 makes none, "
        "0.97 averages over some 30 steps.",
        group="Training",
        step=0.01,
        format="%.3f",
        ge=0,
        lt=1,
        later=True,
    )
    momentum: float = setting(0.0, "Momentum", "Of SGD; written in a config file alone.", ge=0, lt=1)
    weight_decay: float = setting(
        1e-5,
        "Weight decay",
        "Pulls weights towards 0; helps where ids are learnt by heart.",
        group="Training",
        step=0.00001,
        format="%.6f",
        ge=0,
        le=100,
    )
    clip: float | None = setting(
        None,
        "Longest gradient",
        "A longer gradient is shortened to this.",
        group="Training",
        step=0.5,
        optional="no limit",
        gt=0,
    )


class RunConfig(_Config):
    """One run. `presets.default_run` gives what trains well on a data set."""

    dataset: DatasetChoice = DatasetChoice()
    priority: tuple[str, ...] = setting(
        (), "Priority", "Task names, most important first; empty: as the data set lists them."
    )
    tolerances: dict[str, Annotated[float, Field(ge=0)]] = setting(
        {}, "Tolerances", "What a task may lose, by name; `tolerance` holds for the others."
    )
    tolerance: float = setting(0.01, "Tolerance", "What each task may lose that has none of its own.", ge=0)
    model: ModelChoice = ModelConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    method: MethodConfig = NMTConfig()
    batch_size: int = setting(
        1024,
        "Rows a step",
        "How many rows one optimiser step looks at.",
        group="Training",
        step=256,
        gt=0,
        le=1_000_000,
    )
    stage_steps: int = setting(
        600, "Most steps a stage", "A stage ends here at the latest.", group="Training", step=100, gt=0
    )
    validation_rows: int | None = setting(
        None,
        "Validation rows",
        "Reads bounds on so many validation rows only; faster, less exact.",
        group="Measuring",
        step=1000,
        optional="all",
        gt=0,
    )
    evaluate_every: int = setting(
        50,
        "Steps between full evaluations",
        "Each reads all validation rows: a point of the quality chart and a chance to keep the model.",
        group="Measuring",
        step=10,
        gt=0,
    )
    patience: int = setting(
        6,
        "Patience",
        "Evaluations without a better model within the bounds that end a stage.",
        group="Training",
        step=1,
        gt=0,
    )
    record_every: int = setting(
        4,
        "Steps between two points of the curves",
        "The curves show means in between.",
        group="Measuring",
        step=1,
        gt=0,
    )
    probe_every: int = setting(
        300, "Steps between two angle measurements", "0 measures none.", group="Measuring", step=50, ge=0
    )
    probe_batches: int = setting(
        8,
        "Batches an angle measurement",
        "Each a quarter as large as a training batch; more give narrower error bars.",
        group="Measuring",
        step=1,
        ge=2,
        le=64,
    )
    reference: bool = setting(
        True,
        "Train each task alone too",
        "Gives the dashed lines of the quality chart.",
        group="Measuring",
        choices=YES_NO,
    )
    seed: int = setting(
        0,
        "Seed",
        "Everything random is drawn from it; the same seed gives the same run.",
        group="Training",
        step=1,
        ge=0,
    )
    device: Literal["auto", "cpu", "cuda"] = setting(
        "auto",
        "Device",
        "Auto takes the graphics card where there is one with room.",
        group="Training",
        choices={"auto": "auto", "cpu": "CPU", "cuda": "graphics card (CUDA)"},
    )
    name: str = setting("", "Name", "What a person calls this run.")

    @model_validator(mode="before")
    @classmethod
    def _new_names(cls, fields: Any) -> Any:
        return with_new_names(schema_left_out(fields), {"slice_rows": "validation_rows"})

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

    def without_place(self) -> RunConfig:
        """The config with the name of an uploaded data set's folder instead of its path on this machine."""
        path = self.dataset.path
        if path is None:
            return self
        return self.model_copy(update={"dataset": self.dataset.model_copy(update={"path": PurePath(path).name})})
