"""The kinds of task: what a label is, how good a model is called at it, how a table's column is read for it.

A kind is declared twice, under one name: here, without torch, for every process; and in `functions` by its loss,
metric and base loss. Menus, checks, readings, charts and sentences derive from these two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """How well a model does at a task, as one number that a person knows; tolerances may be given in its points."""

    key: str  # in the JSON of commands
    name: str  # beside a number
    sentence: str  # inside a sentence
    higher_is_better: bool
    best: float = 0.0  # of a perfect model
    chance: float | None = None  # of a constant prediction, where that is the same on all rows
    digits: int = 4  # behind the decimal point
    is_share: bool = False  # lies between 0 and 1, so that tasks share an axis
    is_loss: bool = False  # the loss itself: no second curve shows it

    def error(self, value: float) -> float:
        """Distance from a perfect model, lower is better: 1 − AUC, the RMSE as it is."""
        return self.best - value if self.higher_is_better else value - self.best

    @property
    def error_name(self) -> str:
        return f"{self.best:g} − {self.name}" if self.higher_is_better else self.sentence

    def worse_by(self, value: float, reference: float) -> float:
        """How much worse `value` is than `reference`, in points: negative where it is better."""
        return reference - value if self.higher_is_better else value - reference

    @property
    def shape(self) -> str:
        """The format of a number."""
        return f".{self.digits}f"


@dataclass(frozen=True)
class TableLabel:
    """How a column of numbers in an uploaded table becomes a label of this kind."""

    allowed: str  # SQL over {value}: which known numbers may stand there
    expects: str  # what a label of this kind is, as the end of a sentence
    needs: str  # what is missing where all known values are one
    is_guessed: bool = False  # taken, first come, where nobody names a kind and every value is allowed
    varies_in_each_split: bool = False  # one value alone in a split leaves its metric undefined


@dataclass(frozen=True)
class TaskKind:
    """One kind of task; its functions on tensors are `core.task_kinds.functions.FUNCTIONS[name]`."""

    name: str  # as in `Task.kind`
    metric: Metric
    table: TableLabel | None  # None: an uploaded table cannot hold it
    has_label: bool = True  # else the network's own output is the loss
    has_classes: bool = False  # labels are class numbers from 0; `Task.classes` says how many
    is_yes_or_no: bool = False  # the label is 0 or 1, the prediction a logit
    in_lists: bool = False  # the label is a gain from 0 to 1, and what counts is the order within each list
    columns: Callable[[int], int] = lambda classes: 1  # numbers that a network predicts for a task, of its classes


MOST_CLASSES = 100  # of an uploaded table

BINARY = TaskKind(
    name="binary",
    metric=Metric("auc", "AUC", "AUC", higher_is_better=True, best=1.0, chance=0.5, is_share=True),
    table=TableLabel(
        allowed="{value} IN (0, 1)",
        expects="a binary label is 0, 1 or empty",
        needs="a binary label needs both 0 and 1",
        is_guessed=True,
        varies_in_each_split=True,
    ),
    is_yes_or_no=True,
)

MULTICLASS = TaskKind(
    name="multiclass",
    metric=Metric("accuracy", "accuracy", "accuracy of classes", higher_is_better=True, best=1.0, is_share=True),
    table=TableLabel(
        allowed=f"{{value}} BETWEEN 0 AND {MOST_CLASSES - 1} AND {{value}} = floor({{value}})",
        expects=f"a multiclass label is a class number, 0, 1, 2 … {MOST_CLASSES - 1}, or empty",
        needs="a multiclass label needs several classes",
    ),
    has_classes=True,
    columns=lambda classes: classes,
)

REGRESSION = TaskKind(
    name="regression",
    metric=Metric("rmse", "RMSE", "root mean squared error", higher_is_better=False),
    table=TableLabel(
        allowed="true",
        expects="a regression label is a number or empty",
        needs="a regression label needs several values",
        is_guessed=True,
    ),
)

COST = TaskKind(
    name="cost",
    metric=Metric("cost", "cost", "cost", higher_is_better=False, is_loss=True),
    table=None,
    has_label=False,
)

NDCG = Metric("ndcg_at_10", "NDCG@10", "NDCG@10", higher_is_better=True, best=1.0, is_share=True)

RANKING = TaskKind(name="ranking", metric=NDCG, table=None, in_lists=True)
"""List by list."""

GRADED = TaskKind(name="graded", metric=NDCG, table=None, in_lists=True)
"""The same labels row by row: each row's gain is predicted, whatever else its list holds."""

KINDS: dict[str, TaskKind] = {kind.name: kind for kind in (BINARY, MULTICLASS, REGRESSION, COST, RANKING, GRADED)}

TABLE_KINDS = tuple(kind.name for kind in KINDS.values() if kind.table is not None)
"""Kinds that a column of an uploaded table may be named as."""


def metric_names() -> str:
    """`AUC, accuracy of classes or root mean squared error`; a metric that is the loss itself is none."""
    return _either([kind.metric.sentence for kind in KINDS.values() if not kind.metric.is_loss])


def error_names() -> str:
    """The same as they stand where lower is better: `1 − AUC, 1 − accuracy or root mean squared error`."""
    return _either([kind.metric.error_name for kind in KINDS.values() if not kind.metric.is_loss])


def _either(names: list[str]) -> str:
    different = list(dict.fromkeys(names))
    return " or ".join(filter(None, (", ".join(different[:-1]), different[-1])))
