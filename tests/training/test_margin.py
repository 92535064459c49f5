"""A margin of standard errors: what it is, that kept models keep it, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.errors import PrecedenceError
from core.events import events as ev
from core.settings.run import RunConfig
from core.training.bounds import Bounds, Protected
from core.training.loop import Trainer
from core.training.margin import distances
from core.training.measure import row_losses

SMALL = {"batch_size": 128, "stage_steps": 40, "evaluate_every": 10, "record_every": 2, "probe_every": 0, "seed": 3}


def config(method=(), **changes):
    return RunConfig.model_validate({**SMALL, "reference": False, "method": {"kind": "nmt", **dict(method)}, **changes})


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=3000)


def test_the_distance_is_the_standard_error_of_the_paired_difference(data):
    trainer = Trainer(config({"margin": 2.0}, tolerance=0.02), data)
    turns = trainer.run()
    while trainer.state.place == 0:
        next(turns)
    rows = trainer.state.validation_rows
    reference = row_losses(trainer.network, trainer.state.setup.losses, data, rows)[:, 0]
    for _ in range(25):
        next(turns)
    now = row_losses(trainer.network, trainer.state.setup.losses, data, rows)[:, 0]
    apart = (now - reference).double().numpy()[data.mask[rows, 0].numpy()]
    found = distances(trainer.state.bounds, trainer.network)
    assert found[0] == pytest.approx(2 * apart.std(ddof=1) / np.sqrt(len(apart)), rel=1e-4)
    assert found[1:] == [0.0] * (len(found) - 1)  # nothing else is protected yet
    reading = trainer.state.read(rows)
    loss = reading.loss[0] - trainer.state.bounds.bound(0).item()
    assert trainer.state.bounds.violation(0, reading) == pytest.approx(loss + found[0], abs=1e-7)
    assert trainer.state.read(data.rows["test"]).distance == []


def test_a_kept_model_keeps_its_distance_and_none_is_kept_without_a_margin(data):
    rooms, fighting = {}, synthetic_dataset(rows=3000, tasks=2, conflict=0.9)
    for margin in (0.0, 1.5):
        trainer = Trainer(config({"margin": margin}, tolerance=0.03, stage_steps=80), fighting)
        ends = [event for turn in trainer.run() for event in turn if isinstance(event, ev.StageFinished)]
        assert all(value is None or value <= 0 for end in ends for value in end.violation)
        rooms[margin] = ends[1].bound[0] - ends[1].loss[0]
        distance = -ends[1].violation[0]
        assert rooms[margin] - distance == pytest.approx(0, abs=1e-7) if margin == 0 else rooms[margin] > distance
    assert rooms[1.5] > rooms[0.0]


def test_rows_of_a_list_count_as_one_and_ndcg_by_lists():
    """Ten equal rows a list tell no more than one: by rows alone the error would be √10 too small."""
    from core.data.dataset import Dataset
    from core.data.description import DatasetCard, DatasetDescription, DenseFeature, Split, Task
    from core.models.losses import TaskLosses

    lists, each = 40, 10
    card = DatasetCard(name="t", title="T", about="", tasks=(Task(name="a", title="A", label="a"),),
                       split=Split(kind="given", column="s", says=""))  # fmt: skip
    rows = torch.arange(lists * each)
    made = Dataset(
        description=DatasetDescription(card=card, dense=(DenseFeature(name="x"),), group="list"),
        sparse=torch.zeros(len(rows), 0, dtype=torch.int32),
        dense=torch.randn(lists, 1, generator=torch.Generator().manual_seed(0)).repeat_interleave(each, 0),
        sequences=(),
        labels=(rows // each % 2).float().unsqueeze(1),
        mask=torch.ones(len(rows), 1, dtype=torch.bool),
        rows={"train": rows, "validation": rows, "test": rows},
        keys={"list": (rows // each).int()},
    )
    losses = TaskLosses(made)
    bounds = Bounds(made, losses, rows, rows, torch.tensor([0.01]), "relative", True, False, margin=1.0)

    class Slope(torch.nn.Module):
        rows_a_pass = 1000

        def __init__(self, slope):
            super().__init__()
            self.slope = slope

        def forward(self, batch):
            return self.slope * batch.dense

    first, second = (row_losses(Slope(s), losses, made, rows)[:, 0] for s in (0.0, 1.0))
    bounds.protected[0] = Protected(first.mean(), first.mean(), validation_noise=first - first.mean())
    by_list = (second - first).view(lists, each)[:, 0].double().numpy()
    assert distances(bounds, Slope(1.0))[0] == pytest.approx(by_list.std(ddof=1) / np.sqrt(lists), rel=1e-5)


@pytest.mark.parametrize(
    ("method", "says"),
    [
        ({"margin": 1, "tolerance_kind": "metric"}, "known of losses and of NDCG, not of the metric of 'task_0'"),
        ({"margin": 1, "bound_on": "train"}, "read on the validation rows, not on training batches"),
    ],
)
def test_where_there_is_no_margin_it_is_said(data, method, says):
    with pytest.raises(PrecedenceError, match=says):
        Trainer(config(method), data)
