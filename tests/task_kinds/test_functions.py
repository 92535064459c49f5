"""Every kind of task: what holds of its loss, its metric and its base loss, whatever the labels."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, root_mean_squared_error
from torch import Tensor

from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Batch, Dataset
from core.data.description import Task
from core.data.ranking import weighted_in_lists
from core.models.losses import TaskLosses
from core.task_kinds.functions import FUNCTIONS
from core.task_kinds.kinds import KINDS

ROWS, CLASSES = 200, 3
NAMES = sorted(KINDS)


def labels_of(kind: str, seed: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    if KINDS[kind].is_yes_or_no:
        return (torch.rand(ROWS, generator=draw) < 0.3).float()
    if KINDS[kind].has_classes:
        return torch.randint(CLASSES, (ROWS,), generator=draw).float()
    if KINDS[kind].in_lists:
        return torch.tensor([0, 0.1, 0.5, 1])[torch.randint(4, (ROWS,), generator=draw)]
    return torch.poisson(torch.full((ROWS,), 4.0), generator=draw) if KINDS[kind].has_label else torch.zeros(ROWS)


def dataset_of(kind: str, seed: int = 0) -> Dataset:
    """One task of the kind, in lists of ten rows; two rows in ten have no label."""
    data = synthetic_dataset(rows=ROWS, tasks=1)
    classes = CLASSES if KINDS[kind].has_classes else 0
    task = Task(name="it", title="It", kind=kind, label="y" if KINDS[kind].has_label else None, classes=classes)
    card = data.description.card.model_copy(update={"tasks": (task,)})
    mask = (torch.arange(ROWS) % 5 > 0).unsqueeze(1)
    lists = torch.arange(ROWS, dtype=torch.int32) // 10
    data = dataclasses.replace(
        data,
        description=data.description.model_copy(update={"card": card, "group": "list"}),
        labels=labels_of(kind, seed).unsqueeze(1) * mask,
        mask=mask,
        keys={"list": lists},
        rows={name: torch.arange(ROWS) for name in data.rows},
    )
    return weighted_in_lists(data)


def whole(data: Dataset) -> Batch:
    return data.batch(torch.arange(ROWS))


def test_both_declarations_name_the_same_kinds() -> None:
    assert list(KINDS) == list(FUNCTIONS)


@pytest.mark.parametrize("kind", [name for name in NAMES if KINDS[name].has_label and name != "ranking"])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), step=st.floats(-2, 2).filter(lambda step: abs(step) > 0.05))
def test_no_constant_has_a_lower_loss_than_the_base(kind: str, seed: int, step: float) -> None:
    """The best constant is found by Newton's method on the losses themselves; any other is worse. (Within lists all
    constants are alike: tests/task_kinds/test_lists.py.)"""
    data = dataset_of(kind, seed)
    losses, batch = TaskLosses(data), whole(data)

    def loss_of(constant: Tensor) -> Tensor:
        return losses(constant.expand(ROWS, -1), batch)[0]

    best = torch.zeros(1, data.description.card.tasks[0].columns, requires_grad=True)
    optimiser = torch.optim.LBFGS([best], max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimiser.zero_grad()
        loss = loss_of(best)
        loss.backward()
        return loss.item()

    optimiser.step(closure)
    assert losses.base[0] > 0
    assert loss_of(best).item() == pytest.approx(losses.base[0].item(), rel=1e-4)
    away = best.detach().clone()
    away[0, 0] += step
    assert loss_of(away).item() > losses.base[0].item()


@pytest.mark.parametrize("kind", [name for name in NAMES if KINDS[name].has_label])
def test_better_predictions_have_lower_loss_and_the_better_metric(kind: str) -> None:
    """Noise that descends the loss of every row: the loss falls, and the metric moves as its direction says."""
    data = dataset_of(kind)
    losses, batch = TaskLosses(data), whole(data)
    labels, known = batch.labels[:, 0], batch.mask[:, 0]
    draw = torch.Generator().manual_seed(1)
    given = torch.randn(ROWS, data.description.card.tasks[0].columns, generator=draw).requires_grad_()
    optimiser = torch.optim.Adam([given], lr=0.05)
    found: list[tuple[float, float]] = []
    for step in range(61):
        loss = losses(given, batch)[0]
        if step % 20 == 0:
            metric = losses.metric(0, given.detach()[known], labels[known], batch.keys["list"][known])
            assert metric is not None
            found.append((loss.item(), metric))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    metric_of = KINDS[kind].metric
    for (worse_loss, worse_metric), (loss, metric) in pairwise(found):
        assert loss < worse_loss
        assert metric_of.worse_by(worse_metric, metric) > 0
        assert metric_of.error(worse_metric) > metric_of.error(metric)


@pytest.mark.parametrize("kind", NAMES)
def test_missing_labels_have_no_loss_and_no_rows_no_metric(kind: str) -> None:
    data = dataset_of(kind)
    losses, batch = TaskLosses(data), whole(data)
    predictions = torch.randn(ROWS, data.description.card.tasks[0].columns)
    assert not losses.each(predictions, batch)[~batch.mask].any()
    assert losses.metric(0, predictions[:0], batch.labels[:0, 0]) is None


def test_an_auc_of_one_class_is_undefined() -> None:
    losses = TaskLosses(dataset_of("binary"))
    assert losses.metric(0, torch.randn(5, 1), torch.ones(5)) is None


def test_metrics_equal_scikit_learn() -> None:
    draw = torch.Generator().manual_seed(2)
    data = dataset_of("multiclass")
    labels, given = data.labels[:, 0], torch.randn(ROWS, CLASSES, generator=draw)
    assert TaskLosses(data).metric(0, given, labels) == pytest.approx(accuracy_score(labels, given.argmax(1)))
    data = dataset_of("regression")
    losses, labels, given = TaskLosses(data), data.labels[:, 0], torch.randn(ROWS, 1, generator=draw)
    in_unit = given[:, 0] * losses.scale.deviation + losses.scale.mean
    assert losses.metric(0, given, labels) == pytest.approx(root_mean_squared_error(labels, in_unit), rel=1e-5)


def test_a_cost_is_its_own_loss_and_metric() -> None:
    data = dataset_of("cost")
    losses, batch = TaskLosses(data), whole(data)
    costs = torch.rand(ROWS, 1)
    known = batch.mask[:, 0]
    assert losses(costs, batch)[0].item() == pytest.approx(costs[known].mean().item(), rel=1e-6)
    assert losses.metric(0, costs[known], batch.labels[known, 0]) == pytest.approx(costs[known].mean().item())
    assert losses.base.item() == 1


@pytest.mark.parametrize("kind", [name for name in NAMES if FUNCTIONS[name].elementwise])
def test_a_kind_beside_others_has_the_loss_and_gradient_that_it_has_alone(kind: str) -> None:
    """Elementwise kinds are computed in one call: what stands in the other columns must not matter."""
    alone = dataset_of(kind)
    beside = synthetic_dataset(rows=ROWS, tasks=3, regression=True)
    (task,) = alone.description.card.tasks
    card = beside.description.card.model_copy(update={"tasks": (*beside.description.card.tasks, task)})
    both = dataclasses.replace(
        beside,
        description=beside.description.model_copy(update={"card": card, "group": "list"}),
        labels=torch.cat([beside.labels, alone.labels], 1),
        keys=alone.keys,
        mask=torch.cat([beside.mask, alone.mask], 1),
        rows=alone.rows,
    )
    predictions = 30 * torch.randn(ROWS, 4, generator=torch.Generator().manual_seed(3))
    of_all, of_one = predictions.clone().requires_grad_(), predictions[:, 3:].clone().requires_grad_()
    joint, single = TaskLosses(both)(of_all, whole(both)), TaskLosses(alone)(of_one, whole(alone))
    assert joint[3].item() == pytest.approx(single[0].item(), rel=1e-5)
    joint.sum().backward()
    single.sum().backward()
    assert torch.isfinite(of_all.grad).all()
    assert torch.allclose(of_all.grad[:, 3:], of_one.grad, rtol=1e-5, atol=1e-8)
