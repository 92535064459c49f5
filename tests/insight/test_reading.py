"""A batch asked again, transference, compass, the last layer: against finite differences and plain autograd."""

from __future__ import annotations

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.insight.angles import probe
from core.insight.batch_replay import BatchReplay
from core.insight.compass import compass
from core.insight.last_layer import last_layer_cosine, last_layer_cosine_of
from core.insight.task_gradients import step_gradients, task_gradients, touched_rows
from core.insight.transference import STEP, transference
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses

KINDS = ["shared_bottom", "mmoe", "ple"]


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=3000, conflict=1.0).to("cpu", torch.float64)


def network_of(data, kind="shared_bottom", dropout=0.0):
    network = build(ModelConfig(kind=kind, trunk=(8, 6), dropout=dropout), data.description, 0).double()
    for head in network.heads:  # the same head for all, so that only the labels oppose each other
        head.load_state_dict(network.heads[0].state_dict())
    return network


@pytest.mark.parametrize("size", [50, 10**6])
def test_touched_rows_are_the_distinct_ones_in_order(size):
    numbers = torch.randint(0, 50, (20, 7), generator=torch.Generator().manual_seed(0))
    touched, places = touched_rows(numbers, size)
    assert touched.tolist() == sorted(set(numbers.flatten().tolist()))
    assert torch.equal(touched[places], numbers)


@pytest.mark.parametrize("kind", KINDS)
def test_one_pass_gives_the_own_layers_gradients_too(data, kind):
    network, losses, batch = network_of(data, kind), TaskLosses(data), data.batch(torch.arange(100))
    shared = {id(p) for p in network.shared_parameters()}
    own = [p for p in network.parameters() if id(p) not in shared]
    found = step_gradients(network, losses, batch, [0, 1, 2], own)
    losses(network(batch), batch).sum().backward()
    for mine, parameter in zip(found.own, own, strict=True):
        assert torch.allclose(mine, parameter.grad, atol=1e-14)
    trunk = [p for p in network.shared_parameters() if p is not network.table]
    for mine, parameter in zip(found.shared.trunk, trunk, strict=True):
        assert torch.allclose(mine.sum(0), parameter.grad, atol=1e-14)
    assert torch.allclose(found.shared.rows.sum(0), network.table.grad[found.shared.touched], atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_asked_again_curvature_equals_differences_of_gradients_under_the_same_dropout(data, kind):
    network, losses, batch = network_of(data, kind, dropout=0.3), TaskLosses(data), data.batch(torch.arange(64))
    generator = torch.Generator().manual_seed(1)
    network.use_generator(generator)
    before = [p.detach().clone() for p in network.parameters()]
    state = generator.get_state()
    gradients = task_gradients(network, losses, batch, [0, 2])
    after = generator.get_state()
    again = BatchReplay(network, losses, batch, [0, 2], gradients.touched, generator, state)
    same = again.gradient_at(1, gradients.task(0).scaled(0.0))
    assert torch.allclose(same.flat(), gradients.task(1).flat(), atol=1e-15)
    along = gradients.task(1).scaled(1 / gradients.task(1).squared().sqrt())
    exact = again.curvature_along(0, along).flat()
    step = 1e-5
    up, down = again.gradient_at(0, along.scaled(-step)).flat(), again.gradient_at(0, along.scaled(step)).flat()
    assert torch.allclose((up - down) / (2 * step), exact, atol=1e-5 * exact.abs().max().item() + 1e-9)
    assert torch.equal(generator.get_state(), after)
    for now, then in zip(network.parameters(), before, strict=True):
        assert torch.equal(now, then)


def test_transference_is_what_a_real_step_does(data):
    network, losses, batch = network_of(data).eval(), TaskLosses(data), data.batch(torch.arange(200))
    gradients = task_gradients(network, losses, batch, [0, 1, 2])
    with torch.no_grad():
        value = losses(network(batch), batch)
    found = transference(BatchReplay(network, losses, batch, [0, 1, 2], gradients.touched), gradients, value)
    length = STEP * value[0] / gradients.task(0).squared()
    moved = network_of(data).eval()
    moved.load_state_dict(network.state_dict())
    with torch.no_grad():
        moved.table[gradients.touched] -= length * gradients.rows[0]
        trunk = [p for p in moved.shared_parameters() if p is not moved.table]
        for parameter, by in zip(trunk, gradients.trunk, strict=True):
            parameter -= length * by[0]
        expected = 1 - losses(moved(batch), batch) / value
    assert torch.allclose(found.looked[0], expected, atol=1e-12)
    assert torch.allclose(found.first_order.diagonal(), torch.full((3,), STEP, dtype=torch.float64))
    again = BatchReplay(network, losses, batch, [0, 1, 2], gradients.touched)
    small = transference(again, gradients, value, share=1e-5)
    assert torch.allclose(small.first_order, small.looked, rtol=0.01, atol=1e-8)
    assert found.looked[0, 1] < 0 < found.looked[0, 2]  # neighbours oppose each other, every second task agrees


@pytest.mark.parametrize("kind", KINDS)
def test_the_cheap_line_equals_the_same_part_of_the_full_gradients(data, kind):
    network, losses, batch = network_of(data, kind).eval(), TaskLosses(data), data.batch(torch.arange(100))
    shared = network.represent(batch)
    cheap = last_layer_cosine(network, losses, batch, shared, [0, 2])
    full = task_gradients(network, losses, batch, [2, 0])
    assert torch.allclose(cheap, last_layer_cosine_of(network, full, [1, 0]), atol=1e-12)
    losses(network.predict(shared), batch).sum().backward()  # the graph is still there


@pytest.mark.parametrize("kind", KINDS)
def test_layers_part_all_shared_parameters(data, kind):
    network = network_of(data, kind).eval()
    groups = network.layer_groups()
    assert sorted(at for group in groups.values() for at in group) == list(range(len(network.shared_parameters())))
    batches = [data.batch(torch.arange(at, at + 300)) for at in (0, 300, 600)]
    angles = probe(network, TaskLosses(data), batches, [0, 1], list(groups.values()))
    assert angles.layers.shape == (len(groups), 2, 2)
    each = [task_gradients(network, TaskLosses(data), batch, [0, 1]) for batch in batches]
    last = list(groups.values())[-1]
    flat = [torch.cat([gradients.trunk[at - 1].flatten(1) for at in last], 1) for gradients in each]

    def across(i, j):
        return sum(flat[a][i] @ flat[b][j] for a in range(3) for b in range(3) if a != b) / 6

    expected = across(0, 1) / (across(0, 0) * across(1, 1)).sqrt()
    assert angles.layers[-1, 0, 1] == pytest.approx(expected.clamp(-1, 1).item(), abs=1e-9)
    together = probe(network, TaskLosses(data), batches, [0, 1], [range(len(network.shared_parameters()))])
    assert torch.allclose(together.layers[0], angles.cosine)


def test_lengths_are_compared_by_their_similarity(data):
    class Scaled:
        def __call__(self, predictions, batch):
            loss = TaskLosses(data)(predictions, batch)[0]
            return torch.stack((loss, 3 * loss))

    batches = [data.batch(torch.arange(at, at + 300)) for at in (0, 300, 600)]
    angles = probe(network_of(data).eval(), Scaled(), batches, [0, 1])
    assert angles.magnitude_similarity[0, 1].item() == pytest.approx(2 * 3 / (1 + 9))


def test_the_compass_keeps_lengths_and_angles_of_two_tasks():
    gradients = torch.randn(2, 50, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    update = 0.3 * gradients[0] - 0.2 * gradients[1]
    plane = compass(gradients @ gradients.T, gradients @ update)
    unit = gradients.norm(dim=1).max()
    assert plane.kept == pytest.approx(1)
    assert torch.allclose(plane.gradients @ plane.gradients.T * unit**2, gradients @ gradients.T, atol=1e-10)
    assert torch.allclose(plane.gradients @ plane.update * unit**2, gradients @ update, atol=1e-10)
    assert plane.gradients[0, 0] > 0
    assert plane.gradients[0, 1].abs() < 1e-12


def test_the_compass_of_nothing_and_of_equal_gradients_is_finite():
    assert torch.equal(compass(torch.zeros(3, 3), torch.zeros(3)).gradients, torch.zeros(3, 2, dtype=torch.float64))
    same = compass(torch.ones(2, 2, dtype=torch.float64), torch.ones(2, dtype=torch.float64))
    assert torch.allclose(same.gradients, torch.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=torch.float64), atol=1e-7)
    assert torch.allclose(same.update, torch.tensor([1.0, 0.0], dtype=torch.float64), atol=1e-7)


def test_pooled_products_are_those_of_the_mean_gradient(data):
    """With R = M the estimate is the plain product of the means over the M batches, whatever the noise."""
    network, losses = network_of(data).eval(), TaskLosses(data)
    batches = [data.batch(torch.arange(at, at + 200)) for at in (0, 200, 400)]
    angles = probe(network, losses, batches, [0, 1], pooled=3)
    mean = task_gradients(network, losses, data.batch(torch.arange(600)), [0, 1]).flat()
    assert torch.nn.functional.cosine_similarity(mean[0], mean[1], 0) == pytest.approx(angles.cosine[0, 1].item())
    assert torch.allclose(angles.mean_squared, mean.square().sum(1), rtol=1e-9)
