"""Data sets whose rows share lists, with tasks of every kind: batches, losses, and a whole run."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from core.data.dataset import Dataset
from core.data.description import DatasetCard, DatasetDescription, SequenceFeature, SparseFeature, Split, Task
from core.errors import PrecedenceError
from core.events import events as ev
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.loop import Trainer

ROWS, LISTS, LENGTH = 1800, 300, 5
TASKS = (
    Task(name="click", title="Click", label="click", weight="importance"),
    Task(name="level", title="Level", kind="multiclass", classes=3, label="level"),
    Task(name="spend", title="Spend", kind="regression", label="spend"),
)


def made(tasks: tuple[Task, ...] = TASKS) -> Dataset:
    """Rows that share 300 lists; what is in the list decides the labels."""
    draw = torch.Generator().manual_seed(1)
    lists = torch.randint(1, 20, (LISTS, LENGTH), generator=draw, dtype=torch.int32)
    visit = torch.arange(ROWS) % LISTS
    signal = (lists.float().mean(1)[visit] - 10) / 3 + 0.3 * torch.randn(ROWS, generator=draw)
    labels = torch.stack(((signal > 0).float(), (signal.round().clamp(-1, 1) + 1), 5 + 2 * signal), 1)
    labels = torch.nn.functional.pad(labels, (0, len(tasks) - 3))
    mask = torch.ones(ROWS, len(tasks), dtype=torch.bool)
    mask[::7, 1] = False
    weights = mask.float()
    weights[:, 0] = 1 + (torch.arange(ROWS) % 3)
    card = DatasetCard(name="made", title="Made", about="", tasks=tasks, split=Split(kind="given", says="by lists"))
    features = (SequenceFeature(name="seen", size=20, length=LENGTH, key="visit"),)
    description = DatasetDescription(
        card=card, sparse=(SparseFeature(name="item", size=9),), sequences=features, group="visit"
    )
    split = {"train": visit < 200, "validation": (visit >= 200) & (visit < 250), "test": visit >= 250}
    return Dataset(
        description=description,
        sparse=torch.randint(0, 9, (ROWS, 1), generator=draw, dtype=torch.int32),
        dense=torch.zeros(ROWS, 0),
        sequences=(lists,),
        labels=torch.where(mask, labels, 0.0),
        mask=mask,
        rows={name: chosen.nonzero().flatten() for name, chosen in split.items()},
        keys={"visit": visit.int()},
        weights=weights,
    )


@pytest.fixture(scope="module")
def data() -> Dataset:
    return made()


def config(**changes: object) -> RunConfig:
    small = {"batch_size": 64, "stage_steps": 30, "evaluate_every": 10, "record_every": 2, "probe_every": 10, "seed": 1}
    return RunConfig.model_validate(
        {
            **small,
            "model": {"embedding_dim": 4, "trunk": (8,), "tower": ()},
            "optimiser": {"learning_rate": 0.03},
            **changes,
        }
    )


def test_a_list_is_gathered_once_for_the_rows_that_share_it(data):
    index = torch.tensor([3, 303, 5, 603, 3])
    batch = data.batch(index)
    assert batch.sequences[0].shape == (2, LENGTH)
    for row, place in zip(index.tolist(), batch.keys["visit"].tolist(), strict=True):
        assert torch.equal(batch.sequences[0][place].int(), data.sequences[0][row % LISTS])


def test_a_network_for_rows_reads_shared_lists_as_if_they_were_repeated(data):
    alone = dataclasses.replace(
        data,
        sequences=(data.sequences[0][data.keys["visit"].long()],),
        keys={},
        description=data.description.model_copy(
            update={"sequences": (SequenceFeature(name="seen", size=20, length=LENGTH),), "group": None}
        ),
    )
    shared, repeated = (build(ModelConfig(trunk=(8,)), d.description, 0).eval() for d in (data, alone))
    rows = torch.arange(0, ROWS, 11)
    assert torch.equal(shared(data.batch(rows)), repeated(alone.batch(rows)))


def test_a_batch_keeps_groups_together(data):
    trainer = Trainer(config(), data)
    for _ in range(12):
        visits = data.keys["visit"][trainer.state.draws.train.next()]
        changes = int((visits[1:] != visits[:-1]).sum())
        assert changes + 1 == len(visits.unique())  # each visit's rows stand beside each other
        assert len(visits.unique()) <= 64 // (ROWS // LISTS) + 2


def test_losses_of_each_kind_are_those_of_torch(data):
    losses, batch = TaskLosses(data), data.batch(torch.arange(100))
    given = torch.randn(100, 5, generator=torch.Generator().manual_seed(0))
    value = losses(given, batch)
    click = nn.functional.binary_cross_entropy_with_logits(
        given[:, 0], batch.labels[:, 0], weight=data.weights[:100, 0], reduction="sum"
    )
    assert value[0].item() == pytest.approx(click.item() / data.weights[:100, 0].sum().item(), rel=1e-5)
    known = batch.mask[:, 1]
    level = nn.functional.cross_entropy(given[known, 1:4], batch.labels[known, 1].long())
    assert value[1].item() == pytest.approx(level.item(), rel=1e-5)
    train = data.rows["train"]
    spend = data.labels[train, 2]
    target = (batch.labels[:, 2] - spend.mean()) / spend.std(correction=0)
    assert value[2].item() == pytest.approx((given[:, 4] - target).square().mean().item(), rel=1e-4)
    known = data.mask[train, 1]
    share = data.labels[train, 1][known].long().bincount() / known.sum()
    assert losses.base[1].item() == pytest.approx(torch.distributions.Categorical(share).entropy().item(), rel=1e-5)


def test_a_run_over_every_kind_of_task_ends_better_than_a_constant_and_resumes_to_the_same_bits(data, tmp_path):
    trainer = Trainer(config(), data)
    turns, log = trainer.run(), []
    for _ in range(40):
        log += next(turns)
    save(tmp_path / "checkpoint.pt", trainer.state, 0)
    log += [event for turn in turns for event in turn]
    again = Trainer(config(), data)
    load(tmp_path / "checkpoint.pt", again.state)
    rest = [event for turn in again.run() for event in turn]
    finished, repeated = log[-1], rest[-1]
    assert isinstance(finished, ev.Finished)
    assert isinstance(repeated, ev.Finished)
    assert {name: task.loss for name, task in repeated.tasks.items()} == {
        name: task.loss for name, task in finished.tasks.items()
    }
    level = finished.tasks["level"]
    assert level.kind == "multiclass"
    assert level.metric is not None
    assert level.metric > 0.45  # of three classes
    assert finished.tasks["click"].metric > 0.7
    last = [event for event in log if isinstance(event, ev.Evaluated)][-1]
    assert all(value is not None for value in last.metric)


def test_gradient_methods_take_shared_lists_and_several_columns(data):
    log = [
        event
        for turn in Trainer(config(method={"kind": "pcgrad"}, stage_steps=120, reference=False), data).run()
        for event in turn
    ]
    assert any(isinstance(event, ev.Probed) for event in log)
    assert log[-1].tasks["level"].metric > 0.45


def test_a_cost_is_the_prediction_itself_and_is_always_known():
    data = made((*TASKS, Task(name="size", title="Size", kind="cost")))
    losses, batch = TaskLosses(data), data.batch(torch.arange(50))
    given = torch.rand(50, 6, generator=torch.Generator().manual_seed(0))
    assert losses(given, batch)[3].item() == pytest.approx(given[:, 5].mean().item(), rel=1e-6)
    assert losses.base[3].item() == 1
    with pytest.raises(PrecedenceError, match="no output for the task 'size'"):
        build(ModelConfig(), data.description, 0)
