"""What a multi-task data set is, in words and types; its tensors are in `dataset`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SPLITS = ("train", "slice", "test")
"""`train` is fitted; `slice` looks like the place where a promise must hold (with a time split, the latest
period before the test) and serves bounds, violations and the choice of a checkpoint; `test` is only reported."""


class _Description(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Task(_Description):
    """One thing to predict from a row."""

    name: str
    title: str = Field(description="a noun or two for a person, e.g. 'Coupon use': it stands in sentences too")
    kind: Literal["binary", "regression"] = "binary"
    label: str = Field(description="column that holds the label; a missing value masks the row for this task")


class SparseFeature(_Description):
    """A categorical column as integer ids; id 0 stands for unseen or missing."""

    name: str
    size: int = Field(gt=1, description="number of ids, 0 included")


class DenseFeature(_Description):
    """A numeric column, standardised on the training rows (mean 0, variance 1; missing becomes 0)."""

    name: str


class SequenceFeature(_Description):
    """A list of ids a row, newest last, cut to `length`; padded on the right with id 0."""

    name: str
    size: int = Field(gt=1)
    length: int = Field(gt=0)


class Split(_Description):
    """How rows are divided into `train`, `slice` and `test`."""

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

    def task_names(self) -> tuple[str, ...]:
        return tuple(task.name for task in self.tasks)


class DatasetDescription(_Description):
    """The card, and the features that a network is built on."""

    card: DatasetCard
    sparse: tuple[SparseFeature, ...] = ()
    dense: tuple[DenseFeature, ...] = ()
    sequences: tuple[SequenceFeature, ...] = ()
