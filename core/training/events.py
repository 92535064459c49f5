"""Telemetry: what a run says about itself, one JSON object a line of events.jsonl.

Lists over tasks follow `Started.tasks`, which is the order of the data set and never changes; `None` stands for
"not defined here" (a task without a bound, a metric that the kind of task does not have).
violation = loss − bound: positive is bad; multiplier ≥ 0.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Numbers = list[float | None]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    step: int  # optimiser steps done in the whole run when this was written


class Started(_Event):
    kind: Literal["started"] = "started"
    tasks: list[str]
    task_kinds: list[str]  # binary | regression | multiclass | cost
    base_loss: list[float]  # training loss of the best constant prediction; loss / base_loss is the normalised entropy
    priority: list[str]
    device: str
    device_reason: str
    parameters: int  # of the network
    rows: dict[str, int]  # of each split
    most_steps: int  # if no stage ends early


class StageStarted(_Event):
    kind: Literal["stage_started"] = "stage_started"
    stage: int  # 0-based
    phase: Literal["main", "reference"] = "main"  # reference: a task trained alone, to compare with
    objective: list[str]  # tasks whose loss is lowered
    constraints: list[str]  # tasks held within their bound
    reference_loss: Numbers  # slice loss of the protected model, at its own stage's end
    bound: Numbers  # reference loss + tolerance, on the slice
    bound_train: Numbers  # the same on a fixed sample of training rows
    tolerance: Numbers  # in the unit of the loss


class Step(_Event):
    """One point of the fast curves, every `record_every` steps."""

    kind: Literal["step"] = "step"
    stage: int
    loss: Numbers  # mean of the training batches since the last record
    multiplier: Numbers  # now
    weight: Numbers  # of each loss in the primal step
    violation: Numbers  # last reading of the slice: loss − bound
    violation_train: Numbers  # training loss − training bound, mean since the last record
    seconds: float  # of training so far, pauses left out
    pairs: list[tuple[int, int]] = []  # of the next line, i < j; both are empty in most records
    last_layer_cosine: Numbers = []  # the cheap angle: this batch alone, last shared layer alone
    correction: float | None = None  # |update − Σg| / |Σg|, of CoGrad


class Evaluated(_Event):
    """The whole slice, read every `evaluate_every` steps."""

    kind: Literal["evaluated"] = "evaluated"
    stage: int
    phase: Literal["main", "reference"] = "main"
    loss: Numbers
    auc: Numbers
    rmse: Numbers
    accuracy: Numbers = []
    measures: dict[str, float] = {}  # what the network itself can say of the rows beside its tasks
    violation: Numbers
    feasible: bool
    best: bool  # kept as the stage's result so far

    @property
    def metrics(self) -> Numbers:
        """Each task's AUC, its RMSE where it is a number, its accuracy where it is one of several classes."""
        accuracy = self.accuracy or [None] * len(self.auc)
        return [_known(*values) for values in zip(self.auc, self.rmse, accuracy, strict=True)]


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
    compass: Compass | None = None


class Changed(_Event):
    """A knob turned while the run goes on."""

    kind: Literal["changed"] = "changed"
    what: str  # tolerances.relevance | priority | learning_rate | dual_rate
    old: str
    new: str


class StageFinished(_Event):
    kind: Literal["stage_finished"] = "stage_finished"
    stage: int
    phase: Literal["main", "reference"] = "main"
    objective: list[str]
    reason: str  # a sentence
    kept_step: int  # step of the checkpoint that the stage keeps
    loss: Numbers  # of that checkpoint, on the slice
    bound: Numbers
    violation: Numbers
    multiplier: Numbers  # mean over the last half of the stage: the price of a unit of tolerance
    found: bool = True  # a model within all bounds; else the model of the stage before is kept
    gain: float | None  # fall of the objective's normalised loss from the stage's start; 0: none at this tolerance


class TaskResult(BaseModel):
    """What a finished run says of one task: loss and metrics on the test split, bound and violation on the slice."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    loss: float | None
    auc: float | None
    rmse: float | None
    accuracy: float | None = None
    slice_loss: float | None
    bound: float | None
    violation: float | None
    multiplier: float | None
    single_task_loss: float | None = None
    single_task_auc: float | None = None
    single_task_rmse: float | None = None
    single_task_accuracy: float | None = None

    @property
    def metric(self) -> float | None:
        """The one of AUC, RMSE and accuracy that the task's kind has."""
        return _known(self.auc, self.rmse, self.accuracy)

    @property
    def single_task_metric(self) -> float | None:
        """The same of the task trained alone."""
        return _known(self.single_task_auc, self.single_task_rmse, self.single_task_accuracy)


class Finished(_Event):
    kind: Literal["finished"] = "finished"
    seconds: float
    tasks: dict[str, TaskResult]
    measures: dict[str, float] = {}  # of the final model on the test rows, as in Evaluated


def _known(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


Event = Annotated[
    Started | StageStarted | Step | Evaluated | Probed | Changed | StageFinished | Finished, Field(discriminator="kind")
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads a line: `EVENT.validate_json(line)`."""
