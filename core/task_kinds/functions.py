"""The kinds of task on tensors: loss of each row, metric, loss of the best constant; one entry a kind.

What a kind is beside that (its names, its label, its checks) is in `core.task_kinds.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from core.task_kinds.lists import list_log_loss, list_weights, mean_list_entropy, ndcg_of_each_list, ndcg_of_lists


@dataclass(frozen=True)
class Scale:
    """m and s: mean and standard deviation of the known training labels where a kind predicts (y − m)/s, else 0 and 1.

    Numbers [] of one task, or [K] of all.
    """

    mean: Tensor
    deviation: Tensor

    def of(self, task: int) -> Scale:
        return Scale(self.mean[task], self.deviation[task])


@dataclass(frozen=True)
class TrainingLabels:
    """The labels that one task is trained on."""

    labels: Tensor  # [n], 0 where unknown
    weight: Tensor  # [n], 0 where unknown
    mean: Tensor  # [] weighted, float64
    classes: int  # 0 where the kind has none
    known: Tensor  # [n] bool
    lists: Tensor | None  # [n] number of each row's list, where the data set has lists


Loss = Callable[[Tensor, Tensor, Scale], Tensor]
QualityOf = Callable[[Tensor, Tensor, Scale], float | None]
ListLoss = Callable[[Tensor, Tensor, Tensor], Tensor]
ListWeight = Callable[[Tensor, Tensor, Tensor], Tensor]
ListQuality = Callable[[Tensor, Tensor, Tensor], float | None]
ListValues = Callable[[Tensor, Tensor, Tensor], NDArray[np.float64]]


@dataclass(frozen=True)
class ListFunctions:
    """What a kind of task does with whole lists, each row's list given as a number [n].

    `metric` takes the place of that of single rows: scores, gains and lists of rows with known labels; it is the mean
    of `each` over the lists with a gain, in the order of their numbers. `loss`, where
    the kind has one, takes the place of that of single rows: scores, known labels [n] bool and lists. `weight` then
    makes each row's weight of gains, known labels and lists, once for a data set.
    """

    metric: ListQuality
    each: ListValues
    loss: ListLoss | None = None
    weight: ListWeight | None = None


@dataclass(frozen=True)
class TaskFunctions:
    """What a kind of task does with predictions.

    `loss` takes predictions and labels to the loss of every row. Where it is `elementwise`, both have one shape, [n] or
    [n, K]: tasks are then computed in one call, columns of other kinds included, so it must be finite, and have finite
    gradients, for whatever stands there. Else predictions are [n, c] and labels [n].

    `metric` takes predictions [n, c] and known labels [n], n ≥ 1, to the metric; None where it is undefined on them.

    `base_loss` is the training loss of the best constant prediction, above 0: a loss divided by it is the *normalised
    entropy* of He et al. 2014 (§3.1), which makes tasks comparable.

    `constant` is that prediction [c]; None where a constant means nothing.

    `loss_of_a_point`, of base loss and of the label's standard deviation: the loss that counts like one point of the
    metric, so that one dual rate suits bounds on losses and on metrics.

    `answer` takes predictions [n, c] to what a person reads: the probability of 1 [n], that of each class [n, c], a
    value in the label's unit [n], a score by which a list is put in order [n]. None where it says nothing of a row.
    """

    loss: Loss
    metric: QualityOf
    base_loss: Callable[[TrainingLabels], Tensor]
    constant: Callable[[TrainingLabels], Tensor] | None = None
    elementwise: bool = False
    standardised: bool = False  # predicts (y − m)/s
    loss_of_a_point: Callable[[Tensor, Tensor], Tensor] = lambda base, deviation: base
    of_lists: ListFunctions | None = None
    answer: Callable[[Tensor, Scale], Tensor] | None = None


# ------------------------------------------------------------------ binary


def _logistic(logits: Tensor, labels: Tensor, scale: Scale) -> Tensor:
    """−y log σ(p) − (1−y) log(1−σ(p)), in nats."""
    return F.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def _entropy_of_rate(seen: TrainingLabels) -> Tensor:
    """−r log r − (1−r) log(1−r), r the share of ones."""
    rate = seen.mean.clamp(1e-6, 1 - 1e-6)
    return -(rate * rate.log() + (1 - rate) * (1 - rate).log())


def _logit_of_rate(seen: TrainingLabels) -> Tensor:
    return seen.mean.clamp(1e-6, 1 - 1e-6).logit()[None]


def auc(scores: Tensor, labels: Tensor) -> float | None:
    """Area under the ROC curve: the share of (positive, negative) pairs in order, ties counting one half.

    scores, labels [n], labels 0 or 1. None where one of the classes is absent.
    """
    positives, negatives = scores[labels > 0.5], scores[labels <= 0.5].sort().values
    if not len(positives) or not len(negatives):
        return None
    below = torch.searchsorted(negatives, positives)
    up_to = torch.searchsorted(negatives, positives, right=True)
    return ((below + up_to).double().mean() / (2 * len(negatives))).item()


# ------------------------------------------------------------------ multiclass


def _cross_entropy(logits: Tensor, labels: Tensor, scale: Scale) -> Tensor:
    """−log softmax(p)_y, in nats."""
    return F.cross_entropy(logits, labels.long(), reduction="none")


def _entropy_of_classes(seen: TrainingLabels) -> Tensor:
    """−Σ_c r_c log r_c, r_c the weighted share of class c."""
    return torch.special.entr(_shares(seen)).sum().clamp_min(1e-6)


def _shares(seen: TrainingLabels) -> Tensor:
    """[c] weighted share of each class."""
    counts = torch.bincount(seen.labels.long(), weights=seen.weight.double(), minlength=seen.classes)
    return counts / counts.sum().clamp_min(1e-12)


def _accuracy(logits: Tensor, labels: Tensor, scale: Scale) -> float:
    return (logits.argmax(1) == labels).double().mean().item()


# ------------------------------------------------------------------ regression


def _squared_error(predictions: Tensor, labels: Tensor, scale: Scale) -> Tensor:
    """(p − (y − m)/s)²: 1 is the loss of always predicting the mean."""
    return (predictions - (labels - scale.mean) / scale.deviation) ** 2


def _rmse(predictions: Tensor, labels: Tensor, scale: Scale) -> float:
    """√ mean (s p + m − y)², in the label's own unit."""
    value = predictions[:, 0] * scale.deviation + scale.mean
    return (value - labels).square().mean().sqrt().item()


# ------------------------------------------------------------------ cost


def _as_it_is(costs: Tensor, labels: Tensor, scale: Scale) -> Tensor:
    """The network's own output [n, 1] is what is to be lowered."""
    return costs[:, 0]


def _zero(seen: TrainingLabels) -> Tensor:
    """[1] the mean of standardised labels; as a score, no order at all."""
    return torch.zeros_like(seen.mean)[None]


def _one(seen: TrainingLabels) -> Tensor:
    return torch.ones_like(seen.mean)


# ------------------------------------------------------------------ ranking


def _entropy_of_lists(seen: TrainingLabels) -> Tensor:
    assert seen.lists is not None  # a description without lists has no such task
    return mean_list_entropy(seen.known, seen.weight, seen.lists).double()


def _undefined(scores: Tensor, labels: Tensor, scale: Scale) -> None:
    """Single rows have no order."""


FUNCTIONS: dict[str, TaskFunctions] = {
    "binary": TaskFunctions(
        loss=_logistic,
        metric=lambda logits, labels, scale: auc(logits[:, 0], labels),
        base_loss=_entropy_of_rate,
        constant=_logit_of_rate,
        elementwise=True,
        answer=lambda logits, scale: logits[:, 0].sigmoid(),
    ),
    "multiclass": TaskFunctions(
        loss=_cross_entropy,
        metric=_accuracy,
        base_loss=_entropy_of_classes,
        constant=lambda seen: _shares(seen).clamp_min(1e-6).log(),
        answer=lambda logits, scale: logits.softmax(1),
    ),
    "regression": TaskFunctions(
        loss=_squared_error,
        metric=_rmse,
        base_loss=_one,
        constant=_zero,
        elementwise=True,
        standardised=True,
        loss_of_a_point=lambda base, deviation: base / deviation,
        answer=lambda given, scale: given[:, 0] * scale.deviation + scale.mean,
    ),
    "cost": TaskFunctions(
        loss=_as_it_is, metric=lambda costs, labels, scale: costs[:, 0].mean().item(), base_loss=_one
    ),
    "ranking": TaskFunctions(
        loss=_logistic,
        metric=_undefined,
        base_loss=_entropy_of_lists,
        constant=_zero,
        of_lists=ListFunctions(ndcg_of_lists, ndcg_of_each_list, list_log_loss, list_weights),
        answer=lambda scores, scale: scores[:, 0],
    ),
    "graded": TaskFunctions(  # the logistic loss takes any label from 0 to 1; its best constant is their mean
        loss=_logistic,
        metric=_undefined,
        base_loss=_entropy_of_rate,
        constant=_logit_of_rate,
        elementwise=True,
        of_lists=ListFunctions(ndcg_of_lists, ndcg_of_each_list),
        answer=lambda logits, scale: logits[:, 0].sigmoid(),
    ),
}
