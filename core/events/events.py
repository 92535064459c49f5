"""Telemetry: what a run says about itself, one JSON object a line of events.jsonl.

Lists over tasks follow `Started.tasks`, which is the order of the data set and never changes; `None` stands for
"not defined here" (a task without a bound, an AUC of rows of one class).
violation = loss − bound: positive is bad; multiplier ≥ 0.

The first event and the last carry the version of this schema; older ones are read as the newest:
1 (unnumbered) had a slot for each kind of metric, `auc`, `rmse`, `accuracy`; 2 has one `metric`, that of the task's
kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from core.settings_field import with_new_names
from core.task_kinds.kinds import KINDS

VERSION = 2
Numbers = list[float | None]
Version = Annotated[int, Field(ge=1, le=VERSION)]
PhaseKind = Literal["together", "main", "reference"]
"""All tasks together before the stages, without bounds; a stage of the method; a task alone, to compare with."""


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    OVER_TASKS: ClassVar[tuple[str, ...]] = ()  # fields with one entry a task
    step: int  # optimiser steps done in the whole run when this was written

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        """A damaged line may still be JSON: one whose lists do not fit together is no event."""
        if len({len(getattr(self, name)) for name in self.OVER_TASKS}) > 1:
            raise ValueError(f"{', '.join(self.OVER_TASKS)} have different lengths")
        return self

    def task_count(self) -> int | None:
        """Of how many tasks it speaks; None where it has no list over tasks."""
        return len(getattr(self, self.OVER_TASKS[0])) if self.OVER_TASKS else None


class Started(_Event):
    kind: Literal["started"] = "started"
    OVER_TASKS: ClassVar[tuple[str, ...]] = ("tasks", "task_kinds", "base_loss")
    version: Version = 1
    tasks: list[str]
    task_kinds: list[str]  # names in core.task_kinds.kinds
    base_loss: list[float]  # training loss of the best constant prediction; loss / base_loss is the normalised entropy
    constant_loss: Numbers = []  # of that prediction on the validation rows; None where a task has no such
    priority: list[str]
    device: str
    device_reason: str
    parameters: int  # of the network
    rows: dict[str, int]  # of each split
    most_steps: int  # if no stage ends early

    @model_validator(mode="before")
    @classmethod
    def _new_names(cls, fields: Any) -> Any:
        if isinstance(fields, Mapping) and isinstance(fields.get("rows"), Mapping):
            return {**fields, "rows": with_new_names(fields["rows"], {"slice": "validation"})}
        return fields


class StageStarted(_Event):
    kind: Literal["stage_started"] = "stage_started"
    OVER_TASKS: ClassVar[tuple[str, ...]] = ("reference_loss", "bound", "bound_train", "tolerance")
    stage: int  # 0-based
    phase: PhaseKind = "main"
    objective: list[str]  # tasks whose loss is lowered
    constraints: list[str]  # tasks held within their bound
    reference_loss: Numbers  # validation loss of the protected model, at its own stage's end
    bound: Numbers  # reference loss + tolerance, on the validation rows
    bound_train: Numbers  # the same on a fixed sample of training rows
    tolerance: Numbers  # in the unit of the loss


class Step(_Event):
    """One point of the fast curves, every `record_every` steps."""

    kind: Literal["step"] = "step"
    OVER_TASKS: ClassVar[tuple[str, ...]] = ("loss", "multiplier", "weight", "violation", "violation_train")
    stage: int
    loss: Numbers  # mean of the training batches since the last record
    multiplier: Numbers  # now
    weight: Numbers  # of each loss in the primal step
    violation: Numbers  # last reading of the validation rows: loss − bound
    violation_train: Numbers  # training loss − training bound, mean since the last record
    seconds: float  # of training so far, pauses left out
    pairs: list[tuple[int, int]] = []  # of the next line, i < j; both are empty in most records
    last_layer_cosine: Numbers = []  # the cheap angle: this batch alone, last shared layer alone
    correction: float | None = None  # |update − Σg| / |Σg|, of CoGrad


class Evaluated(_Event):
    """All validation rows, read every `evaluate_every` steps."""

    kind: Literal["evaluated"] = "evaluated"
    OVER_TASKS: ClassVar[tuple[str, ...]] = ("loss", "metric", "violation")
    stage: int
    phase: PhaseKind = "main"
    loss: Numbers
    metric: Numbers  # each that of its task's kind
    measures: dict[str, float] = {}  # what the network itself can say of the rows beside its tasks
    violation: Numbers
    feasible: bool
    best: bool  # kept as the stage's result so far

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, fields: Any) -> Any:
        return one_metric(fields) if isinstance(fields, Mapping) else fields


class Compass(BaseModel):
    """Task gradients and the method's update in the plane of the gradients' first two principal directions."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tasks: list[int]
    gradients: list[tuple[float, float]]  # in units of the longest gradient
    update: tuple[float, float]  # the same unit; −update is the step
    kept: float  # share of the gradients' squared length that lies in the plane


class Probed(_Event):
    """Angles between task gradients over all shared parameters, pairs (i, j) with i < j in task order."""

    kind: Literal["probed"] = "probed"
    stage: int
    pairs: list[tuple[int, int]]
    cosine: Numbers  # from products across batches: g_i from one, g_j from another
    error: Numbers  # standard error of that cosine
    interval: Numbers = []  # half-width of its 90 % interval
    norm: Numbers  # of each task's gradient
    magnitude_similarity: Numbers = []  # of each pair, 2|g_i||g_j| / (|g_i|² + |g_j|²): 1 where lengths are equal
    transference: list[Numbers] = []  # [i][j] share by which a step on i lowers the loss of j; None on the diagonal
    transference_first_order: list[Numbers] = []  # the same, read off the angles alone
    layers: dict[str, Numbers] = {}  # each shared layer's cosine of each pair, across batches
    resting: float | None = None  # cosine of the stage's two forces where the optimiser sees them; −1 at rest
    resting_error: float | None = None  # its standard error
    compass: Compass | None = None


class Changed(_Event):
    """A knob turned while the run goes on."""

    kind: Literal["changed"] = "changed"
    what: str  # tolerances.relevance | priority | learning_rate | dual_rate
    old: str
    new: str


class BoundMoved(_Event):
    """A ratchet tightened bounds: a model within all of them was better for a protected task than any before. What
    `StageStarted` said of them, as it is now."""

    kind: Literal["bound_moved"] = "bound_moved"
    OVER_TASKS: ClassVar[tuple[str, ...]] = ("reference_loss", "bound", "bound_train", "tolerance")
    stage: int
    reference_loss: Numbers
    bound: Numbers
    bound_train: Numbers
    tolerance: Numbers


class StageFinished(_Event):
    kind: Literal["stage_finished"] = "stage_finished"
    OVER_TASKS: ClassVar[tuple[str, ...]] = ("loss", "bound", "violation", "multiplier")
    stage: int
    phase: PhaseKind = "main"
    objective: list[str]
    reason: str  # a sentence
    kept_step: int  # step of the checkpoint that the stage keeps
    loss: Numbers  # of that checkpoint, on the validation rows
    bound: Numbers
    violation: Numbers
    multiplier: Numbers  # mean over the last half of the stage: the price of a unit of tolerance
    found: bool = True  # a model within all bounds; else the model of the stage before is kept
    gain: float | None  # fall of the objective's normalised loss from the stage's start; 0: none at this tolerance


class TaskResult(BaseModel):
    """What a finished run says of one task: loss and metric on test rows, bound and violation on validation rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str  # of the task; empty where an old run does not tell, for want of a metric
    loss: float | None
    metric: float | None  # that of the task's kind
    validation_loss: float | None
    bound: float | None
    violation: float | None
    multiplier: float | None
    single_task_loss: float | None = None
    single_task_metric: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, fields: Any) -> Any:
        if not isinstance(fields, Mapping):
            return fields
        fields = with_new_names(fields, {"slice_loss": "validation_loss"})
        kinds = [kind.name for kind in KINDS.values() if fields.get(kind.metric.key) is not None]
        return {"kind": kinds[0] if kinds else "", **one_metric(one_metric(fields), "single_task_")}

    def by_key(self) -> dict[str, Any]:
        """As commands print it: every metric once more under its own key, `auc`, `rmse`, `accuracy`, null in all kinds
        of task but one; and the loss on validation rows under its old key."""
        keys: dict[str, float | None] = {}
        own = KINDS[self.kind].metric.key if self.kind in KINDS else ""
        for key in dict.fromkeys(kind.metric.key for kind in KINDS.values()):
            keys[key] = self.metric if key == own else None
            keys[f"single_task_{key}"] = self.single_task_metric if key == own else None
        return self.model_dump() | keys | {"slice_loss": self.validation_loss}


class Finished(_Event):
    kind: Literal["finished"] = "finished"
    version: Version = 1
    seconds: float
    tasks: dict[str, TaskResult]
    measures: dict[str, float] = {}  # of the final model on the test rows, as in Evaluated


_SLOTS = ("auc", "accuracy", "rmse")


def one_metric(fields: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Fields of a reading or result, with one metric a task also where version 1 had a slot for each kind of it."""
    found = dict(fields)
    slots = [found.pop(prefix + name) for name in _SLOTS if prefix + name in found]
    if not slots:
        return found
    if any(isinstance(slot, list) for slot in slots):
        found[prefix + "metric"] = [_known(*values) for values in zip(*filter(None, slots), strict=True)]
    else:
        found[prefix + "metric"] = _known(*slots)
    return found


def _known(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


Event = Annotated[
    Started | StageStarted | Step | Evaluated | Probed | Changed | BoundMoved | StageFinished | Finished,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads a line: `EVENT.validate_json(line)`."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    step: int  # optimiser steps done
    most_steps: int  # done plus all that may still come; stages may end earlier
    stage: int  # 0-based; the one step that sets a bound after a common start counts to that start
    stages: int  # of the run itself, without each task trained alone to compare with
    phase: PhaseKind
    seconds: float  # of training, pauses left out
