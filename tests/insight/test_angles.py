"""Task gradients and their angles against plain autograd and against the large-batch truth."""

from __future__ import annotations

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.insight.angles import probe
from core.insight.task_gradients import task_gradients
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=6000, conflict=1.0, regression=False)


@pytest.mark.parametrize("kind", ["shared_bottom", "mmoe", "ple"])
def test_gradients_by_gathered_rows_equal_plain_autograd(data, kind):
    network = build(ModelConfig(kind=kind, trunk=(8,)), data.description, 0).double().eval()
    doubled = data.to("cpu", torch.float64)
    losses = TaskLosses(doubled)
    batch = doubled.batch(torch.arange(64))
    mine = task_gradients(network, losses, batch, [0, 2])
    value = losses(network(batch), batch)
    shared = network.shared_parameters()
    for at, task in enumerate((0, 2)):
        table, *trunk = torch.autograd.grad(value[task], shared, retain_graph=True, materialize_grads=True)
        assert torch.allclose(mine.rows[at], table[mine.touched], atol=1e-14)
        untouched = torch.ones(len(table), dtype=torch.bool)
        untouched[mine.touched] = False
        assert table[untouched].abs().max() == 0
        for part, expected in zip(mine.trunk, trunk, strict=True):
            assert torch.allclose(part[at], expected, atol=1e-14)


def test_cosines_across_batches_agree_with_the_whole_data(data):
    network = build(ModelConfig(trunk=(16,), dropout=0), data.description, 0).eval()
    for head in network.heads:  # the same head for all, so that only the labels oppose each other
        head.load_state_dict(network.heads[0].state_dict())
    losses = TaskLosses(data)
    train = data.rows["train"]
    whole = task_gradients(network, losses, data.batch(train), [0, 1, 2]).flat()
    unit = whole / whole.norm(dim=1, keepdim=True)
    truth = unit @ unit.T
    batches = [data.batch(part) for part in train[torch.randperm(len(train))].split(450)]
    angles = probe(network, losses, batches, [0, 1, 2])
    assert torch.allclose(angles.cosine, truth, atol=0.1)
    assert truth[0, 1] < -0.5  # the teacher opposes neighbouring tasks
    assert (angles.error[0, 1] < 0.1).item()


def test_a_task_against_itself_and_against_its_negative(data):
    """Identical losses give cosine 1, opposite ones −1, whatever the batches."""

    class Opposed:
        def __call__(self, predictions, batch):
            loss = TaskLosses(data)(predictions, batch)[0]
            return torch.stack((loss, 3 * loss, -loss))

    network = build(ModelConfig(trunk=(8,), dropout=0), data.description, 0).eval()
    batches = [data.batch(torch.arange(at, at + 512)) for at in range(0, 2048, 512)]
    angles = probe(network, Opposed(), batches, [0, 1, 2])
    expected = torch.tensor([[1.0, 1, -1], [1, 1, -1], [-1, -1, 1]])
    assert torch.allclose(angles.cosine, expected, atol=1e-5)
    assert angles.norm[1].item() == pytest.approx(3 * angles.norm[0].item(), rel=1e-5)
