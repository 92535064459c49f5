"""The list-wise loss and NDCG against plain formulas, under permutation, with rows left out."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from sklearn.metrics import ndcg_score
from torch import Tensor
from torch.nn import functional as F

from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.data.description import Task
from core.data.list_gains import gains_within
from core.data.ranking import row_by_row, weighted_in_lists
from core.models.losses import TaskLosses
from core.task_kinds.lists import list_log_loss, ndcg_of_lists

ROWS, SIZE = 240, 8


def lists_of(gains: Tensor, known: Tensor, lists: Tensor, tasks: int = 1) -> Dataset:
    """A data set of ranking tasks that have these gains, known and lists [ROWS]."""
    data = synthetic_dataset(rows=len(gains), tasks=tasks)
    ranked = tuple(Task(name=f"task_{k}", title=f"Task {k}", kind="ranking", label=f"y{k}") for k in range(tasks))
    card = data.description.card.model_copy(update={"tasks": ranked})
    described = data.description.model_copy(update={"card": card, "group": "list"})
    mask = known[:, None].expand(-1, tasks)
    data = dataclasses.replace(
        data,
        description=described,
        labels=(gains * known)[:, None].expand(-1, tasks).clone(),
        mask=mask,
        keys={"list": lists.int()},
        rows={name: torch.arange(len(gains)) for name in data.rows},
    )
    return weighted_in_lists(data)


@pytest.fixture(scope="module")
def some() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Scores, gains, known and lists: 30 lists of 8 in mixed order, a fifth of labels missing, some without gain."""
    draw = torch.Generator().manual_seed(3)
    lists = (torch.arange(ROWS) // SIZE + 5)[torch.randperm(ROWS, generator=draw)]
    gains = torch.tensor([0, 0.01, 0.1, 1])[torch.randint(4, (ROWS,), generator=draw)] * (lists % 7 > 0)
    known = torch.rand(ROWS, generator=draw) > 0.2
    return 3 * torch.randn(ROWS, generator=draw), gains, known, lists


def plain_loss(scores: Tensor, gains: Tensor, known: Tensor, lists: Tensor) -> float:
    """The mean over lists with a gain of −Σ share · log softmax, list by list."""
    each = []
    for one in lists.unique():
        here = known & (lists == one)
        if gains[here].sum() > 0:
            share = gains[here] / gains[here].sum()
            each.append(-(share * torch.log_softmax(scores[here].double(), 0)).sum().item())
    return sum(each) / len(each)


def test_the_loss_is_that_of_the_plain_formula(some: tuple[Tensor, ...]) -> None:
    scores, gains, known, lists = some
    data = lists_of(gains, known, lists)
    losses, batch = TaskLosses(data), data.batch(torch.arange(ROWS))
    assert losses(scores[:, None], batch).item() == pytest.approx(plain_loss(*some), rel=1e-5)
    assert losses.base.item() == pytest.approx(plain_loss(torch.zeros(ROWS), gains, known, lists), rel=1e-5)
    moved = losses(scores[:, None] + 7, batch).item()  # a softmax does not see what all have in common
    assert moved == pytest.approx(plain_loss(*some), rel=1e-5)


def test_rows_in_another_order_and_padding_change_nothing(some: tuple[Tensor, ...]) -> None:
    scores, gains, known, lists = some
    data = lists_of(gains, known, lists)
    losses = TaskLosses(data)
    order = torch.randperm(ROWS, generator=torch.Generator().manual_seed(1))
    there = losses(scores[order, None], data.batch(order))
    assert there.item() == pytest.approx(losses(scores[:, None], data.batch(torch.arange(ROWS))).item(), rel=1e-6)
    found = ndcg_of_lists(scores[known], gains[known], lists[known])
    assert ndcg_of_lists(scores[order][known[order]], gains[order][known[order]], lists[order][known[order]]) == found
    more = torch.cat((known, torch.zeros(50, dtype=torch.bool)))  # rows whose label is not known, however high
    padded = list_log_loss(
        torch.cat((scores, torch.full((50,), 80.0))), more, torch.cat((lists, lists[:50])) - lists.min()
    )
    assert torch.allclose(padded[:ROWS], list_log_loss(scores, known, lists - lists.min()), atol=1e-6)
    assert (padded[~more] == 0).all()


def test_its_slope_is_softmax_less_share_and_zero_where_nothing_is_known(some: tuple[Tensor, ...]) -> None:
    scores, gains, known, lists = some
    data = lists_of(gains, known, lists)
    z = scores.clone().requires_grad_()
    TaskLosses(data)(z[:, None], data.batch(torch.arange(ROWS))).sum().backward()
    assert z.grad is not None
    judged = [one for one in lists.unique() if gains[known & (lists == one)].sum() > 0]
    wanted = torch.zeros(ROWS)
    for one in judged:
        here = known & (lists == one)
        wanted[here] = (torch.softmax(scores[here], 0) - gains[here] / gains[here].sum()) / len(judged)
    assert torch.allclose(z.grad, wanted, atol=1e-6)


def test_ndcg_is_that_of_scikit_learn(some: tuple[Tensor, ...]) -> None:
    scores, gains, known, lists = some
    each = []
    for one in lists.unique():
        here = known & (lists == one)
        if gains[here].sum() > 0:
            each.append(ndcg_score([gains[here].numpy()], [scores[here].numpy()], k=10))
    assert ndcg_of_lists(scores[known], gains[known], lists[known]) == pytest.approx(np.mean(each))
    assert ndcg_of_lists(scores, torch.zeros(ROWS), lists) is None


def test_ndcg_by_hand() -> None:
    """Gains 0, 1, .1 in the order of the scores: (1/log₂3 + .1/2) / (1 + .1/log₂3)."""
    found = ndcg_of_lists(torch.tensor([3.0, 2.0, 1.0]), torch.tensor([0, 1, 0.1]), torch.zeros(3))
    assert found == pytest.approx((1 / math.log2(3) + 0.05) / (1 + 0.1 / math.log2(3)))


def test_row_by_row_the_same_labels_weigh_one_each(some: tuple[Tensor, ...]) -> None:
    scores, gains, known, lists = some
    data = row_by_row(lists_of(gains, known, lists))
    wanted = F.binary_cross_entropy_with_logits(scores[known], gains[known]).item()
    losses = TaskLosses(data)
    assert losses(scores[:, None], data.batch(torch.arange(ROWS))).item() == pytest.approx(wanted, rel=1e-5)
    mean = gains[known].mean()
    assert losses.base.item() == pytest.approx(F.binary_cross_entropy(mean.expand(9), mean.expand(9)).item(), rel=1e-5)


def test_gains_lie_between_the_least_and_the_most_of_their_list() -> None:
    values = np.array([5, 1, np.nan, 3, 7, 7, np.nan])
    found = gains_within(values, np.array([4, 4, 4, 4, 2, 2, 9]))
    assert found[[0, 1, 3, 4, 5]].tolist() == [1, 0, 0.5, 0, 0]
    assert np.isnan(found[[2, 6]]).all()
