"""What a multi-task data set is, in words and types; its tensors are in `dataset`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.task_kinds.kinds import KINDS, Metric

SPLITS = ("train", "validation", "test")
"""`train` is fitted; `validation` looks like the place where a promise must hold (with a time split,
the latest period before the test) and serves bounds, violations and the choice of a checkpoint; `test` is reported.
"""

UPLOADED = "own"
"""The name of whatever a user brought, told apart by its path; run folders and addresses of all versions have it."""

Form = Literal["rows", "pairs", "histories"]


class _Description(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Task(_Description):
    """One thing to predict from a row."""

    name: str
    title: str = Field(description="a noun or two for a person, e.g. 'Coupon use': it stands in sentences too")
    kind: str = Field("binary", description=f"one of {', '.join(KINDS)}; see core.task_kinds.kinds")
    label: str | None = Field(
        None, description="column that holds the label, a class number if multiclass; a missing value masks the row"
    )
    classes: int = Field(0, ge=0, description="multiclass: number of classes, numbered from 0")
    words: tuple[str, ...] = Field((), description="multiclass: what the classes are called, in order of their number")
    weight: str | None = Field(None, description="column of row weights n_i ≥ 0 of this task's loss; None: all 1")

    @model_validator(mode="after")
    def _complete(self) -> Task:
        if self.kind not in KINDS:
            raise ValueError(f"task '{self.name}' is of the kind '{self.kind}'; the kinds are {', '.join(KINDS)}")
        if KINDS[self.kind].has_label != (self.label is not None):
            raise ValueError(f"task '{self.name}' of kind {self.kind} has the label {self.label}")
        if KINDS[self.kind].has_classes != (self.classes > 1):
            raise ValueError(f"task '{self.name}' of kind {self.kind} has {self.classes} classes")
        return self

    @property
    def columns(self) -> int:
        """How many numbers a network predicts for this task."""
        return KINDS[self.kind].columns(self.classes)

    @property
    def metric(self) -> Metric:
        """What is shown of the task's quality, and in whose points a tolerance may be given."""
        return KINDS[self.kind].metric


class SparseFeature(_Description):
    """A categorical column as integer ids; id 0 stands for unseen or missing."""

    name: str
    size: int = Field(gt=1, description="number of ids, 0 included")


class DenseFeature(_Description):
    """A numeric column, standardised on the training rows (mean 0, variance 1; missing becomes 0)."""

    name: str


class SequenceFeature(_Description):
    """A list of ids a row, newest last, cut to `length`; padded on the right with id 0.

    With a `key` many rows share one list: the key's column holds, for every row, the row of the list's own table.
    """

    name: str
    size: int = Field(gt=1)
    length: int = Field(gt=0)
    key: str | None = None


class Split(_Description):
    """How rows are divided into training, validation and test."""

    kind: Literal["time", "random", "given"]
    column: str | None = Field(None, description="the time column (time) or the column of split names (given)")
    says: str = Field(description="one sentence for a person, e.g. 'weeks 43-47 / 48 / 49'")


class DatasetCard(_Description):
    """What a person chooses by: known before any row is read."""

    name: str
    title: str
    about: str = Field(description="one or two sentences: what a row is, where it comes from")
    notice: str = Field("", description="what must be shown wherever the data set is chosen")
    tasks: tuple[Task, ...]
    split: Split
    gains: tuple[float, ...] = Field(
        (), description="pairs of texts: gain of each grade, 0 first, in NDCG; empty: 2^grade − 1"
    )

    def task_names(self) -> tuple[str, ...]:
        return tuple(task.name for task in self.tasks)


class DatasetDescription(_Description):
    """The card, and the features that a network is built on."""

    card: DatasetCard
    sparse: tuple[SparseFeature, ...] = ()
    dense: tuple[DenseFeature, ...] = ()
    sequences: tuple[SequenceFeature, ...] = ()
    form: Form = Field("rows", description="what networks may ask for: pairs of two texts, or histories of behaviour")
    group: str | None = Field(
        None,
        description="a key whose rows are drawn together: a list is then encoded once for all of them; where tasks are "
        "rankings, the list whose rows are compared",
    )

    @model_validator(mode="after")
    def _has_lists(self) -> DatasetDescription:
        for task in self.card.tasks:
            if KINDS[task.kind].in_lists and self.group is None:
                raise ValueError(f"task '{task.name}' of kind {task.kind} is in lists, but the data set has none")
        return self

    def keys(self) -> tuple[str, ...]:
        """The key columns in the order of their first sequence, then the group's."""
        keys = [one.key for one in self.sequences if one.key is not None]
        return tuple(dict.fromkeys(keys if self.group is None else [*keys, self.group]))
