"""Stratified batches: right on average, calmer than plain ones, the same again from a saved state."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Batch, Dataset
from core.data.stratified import EVENLY, Stratified


@pytest.fixture
def data() -> Dataset:
    """Four binary tasks, one known on four rows of five; the first is made rare."""
    made = synthetic_dataset(rows=4_000, fields=3, size=50, dense=1, tasks=4)
    labels = made.labels.clone()
    labels[:, 0] = (torch.rand(len(labels), generator=torch.Generator().manual_seed(1)) < 0.04).float()
    return replace(made, labels=labels)


def stratified(data: Dataset, size: int = 64, seed: int = 0) -> Stratified:
    return Stratified(data, "train", size, torch.Generator().manual_seed(seed))


def mean(batch: Batch, value: Tensor) -> Tensor:
    """[K] weighted means of `value` [B] over rows whose label is known."""
    return (batch.weight * value[:, None]).sum(0) / batch.weight.sum(0)


def test_means_are_those_of_the_whole_split(data: Dataset) -> None:
    rows = data.rows["train"]
    truth = (data.mask[rows] * data.dense[rows, :1]).sum(0) / data.mask[rows].sum(0)
    draws = stratified(data)
    means = torch.stack([mean(batch, batch.dense[:, 0]) for batch in (draws.next() for _ in range(2_000))])
    error = means.std(0) / len(means) ** 0.5
    assert ((means.mean(0) - truth).abs() < 4 * error).all()


def test_two_batches_are_independent(data: Dataset) -> None:
    draws = stratified(data)
    means = torch.stack([mean(batch, batch.dense[:, 0])[1] for batch in (draws.next() for _ in range(2_000))])
    pair = torch.stack((means[::2], means[1::2]))
    assert abs(torch.corrcoef(pair)[0, 1].item()) < 4 / len(means[::2]) ** 0.5


def test_a_rare_label_has_its_share_in_every_batch(data: Dataset) -> None:
    rows, draws = data.rows["train"], stratified(data, 256)
    generator = torch.Generator().manual_seed(0)
    plain, ours = [], []
    for _ in range(200):
        batch = draws.next()
        ours.append(mean(batch, batch.labels[:, 0])[0])
        plain.append(data.labels[rows[torch.randint(len(rows), (256,), generator=generator)], 0].mean())
    assert torch.stack(ours).mean().item() == pytest.approx(data.labels[rows, 0].mean().item(), rel=0.02)
    assert torch.stack(ours).var() < torch.stack(plain).var() / 10


def test_no_row_weighs_more_than_the_even_draws_allow(data: Dataset) -> None:
    weights = torch.cat([stratified(data, seed=seed).next().weight.flatten() for seed in range(20)])
    assert weights.max() <= 1 / EVENLY + 1e-5


def test_a_saved_state_goes_on_with_the_same_rows(data: Dataset) -> None:
    draws, other = stratified(data), stratified(data, seed=9)
    draws.next()
    other.load_state_dict(draws.state_dict())
    assert torch.equal(draws.next().sparse, other.next().sparse)


@pytest.mark.parametrize("kind", ["regression", "multiclass", "cost"])
def test_other_kinds_of_task(data: Dataset, kind: str) -> None:
    card = data.description.card
    task = card.tasks[1].model_copy(update={"kind": kind, "classes": 3 if kind == "multiclass" else 0})
    description = data.description.model_copy(
        update={"card": card.model_copy(update={"tasks": (card.tasks[0], task, *card.tasks[2:])})}
    )
    labels = data.labels.clone()
    labels[:, 1] = 0 if kind == "cost" else torch.arange(len(labels)) % 3
    changed = replace(data, description=description, labels=labels)
    draws, rows = stratified(changed), data.rows["train"]
    means = torch.stack([mean(batch, batch.labels[:, 1])[1] for batch in (draws.next() for _ in range(500))])
    assert means.mean().item() == pytest.approx(labels[rows, 1].mean().item(), abs=0.02)


def test_tasks_without_any_variety_are_drawn_evenly(data: Dataset) -> None:
    same = replace(data, labels=torch.zeros_like(data.labels), mask=torch.ones_like(data.mask))
    assert stratified(same).next().weight.unique().tolist() == pytest.approx([1.0])
