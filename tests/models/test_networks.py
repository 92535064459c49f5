"""Networks: shapes, what they share, and losses against an independent implementation."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score

from core.bench.synthetic import synthetic_dataset
from core.data.description import SequenceFeature
from core.models.build import build
from core.models.config import ModelConfig
from core.models.losses import TaskLosses
from core.task_kinds.functions import auc

CONFIGS = [
    ModelConfig(kind="shared_bottom", trunk=(12, 8)),
    ModelConfig(kind="mmoe", trunk=(12, 8), experts=3),
    ModelConfig(kind="ple", trunk=(8,), experts=2, task_experts=2, levels=1),
    ModelConfig(kind="ple", trunk=(8,), experts=2, task_experts=1, levels=2),
    ModelConfig(kind="ple", trunk=(8,), experts=1, task_experts=2, levels=3),
]


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=200, regression=True)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.kind}-{c.levels}")
def test_shared_parameters_are_those_that_several_losses_reach(data, config):
    network = build(config, data.description, seed=1).eval()
    batch = data.batch(torch.arange(50))
    assert network(batch).shape == (50, 3)
    predictions = [head(z) for head, z in zip(network.heads, network.represent(batch), strict=True)]
    parameters = list(network.parameters())
    reached = [0] * len(parameters)
    for task in range(3):
        grads = torch.autograd.grad(predictions[task].sum(), parameters, retain_graph=True, allow_unused=True)
        for at, grad in enumerate(grads):
            reached[at] += grad is not None
    several = {id(p) for p, count in zip(parameters, reached, strict=True) if count > 1}
    assert {id(p) for p in network.shared_parameters()} == several


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.kind}-{c.levels}")
def test_the_seed_alone_decides_the_initial_weights(data, config):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second, other = (build(config, data.description, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)
    assert any(not torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.kind}-{c.levels}")
def test_a_layer_below_zero_learns_where_it_leaks_alone(data, config):
    """Every unit of the shared layers is pushed below 0 for every row: dead under ReLU, awake under the leaky one."""

    def learns(activation: str) -> list[bool]:
        network = build(config.model_copy(update={"activation": activation}), data.description, seed=1)
        state = {name: value - 100 if "bias" in name else value for name, value in network.sharing.state_dict().items()}
        network.sharing.load_state_dict(state)
        network(data.batch(torch.arange(50))).sum().backward()
        return [bool(p.grad is not None and p.grad.any()) for p in network.sharing.parameters()]

    assert all(learns("leaky_relu"))
    assert not any(learns("relu"))


def test_experts_equal_separate_networks(data):
    network = build(CONFIGS[1], data.description, seed=1).eval()
    bank = network.sharing.experts
    x = torch.randn(7, network.embedding.width)
    together = bank(x)  # [B, E, width]
    for e in range(3):
        out = x
        for weight, bias in zip(bank.weights, bank.biases, strict=True):
            out = torch.relu(out @ weight[e] + bias[e])
        assert torch.allclose(together[:, e], out, atol=1e-6)


def test_a_padded_sequence_is_the_mean_of_its_known_ids(data):
    description = data.description.model_copy(update={"sequences": (SequenceFeature(name="seen", size=9, length=4),)})
    embedding = build(CONFIGS[0], description, seed=1).embedding
    ids = torch.tensor([[3, 5, 0, 0], [0, 0, 0, 0]])
    batch = dataclasses.replace(data.batch(torch.arange(2)), sequences=(ids,))
    x = embedding.assemble(embedding.table(embedding.row_numbers(batch)), batch)
    fields = len(description.sparse)
    start = 50 * fields
    pooled = x[:, fields * 16 : fields * 16 + 16]
    assert torch.allclose(pooled[0], embedding.table.weight[[start + 3, start + 5]].mean(0))
    assert torch.equal(pooled[1], torch.zeros(16))


def test_losses_count_known_labels_only(data):
    losses = TaskLosses(data)
    batch = data.batch(torch.arange(100))
    predictions = torch.randn(100, 3, generator=torch.Generator().manual_seed(0))
    value = losses(predictions, batch)
    for task in (0, 1):
        known = batch.mask[:, task]
        expected = log_loss(batch.labels[known, task], predictions[known, task].sigmoid())
        assert value[task].item() == pytest.approx(expected, rel=1e-5)
    train = data.rows["train"]
    spend = data.labels[train, 2][data.mask[train, 2]]
    known = batch.mask[:, 2]
    target = (batch.labels[known, 2] - spend.mean()) / spend.std(correction=0)
    assert value[2].item() == pytest.approx((predictions[known, 2] - target).square().mean().item(), rel=1e-5)


def test_base_loss_is_that_of_the_best_constant(data):
    losses = TaskLosses(data)
    labels = data.labels[data.rows["train"], 0]
    expected = log_loss(labels, labels.mean().expand_as(labels))
    assert losses.base[0].item() == pytest.approx(expected, rel=1e-5)
    assert losses.base[2] == 1


def test_the_loss_of_constants_is_that_of_the_training_rows_mean(data):
    rows = data.rows["validation"]
    found = TaskLosses(data).of_constants(data.batch(rows))
    train, there = data.labels[data.rows["train"], 0], data.labels[rows, 0]
    assert found[0] == pytest.approx(log_loss(there, train.mean().expand_as(there)), rel=1e-5)
    train = data.labels[data.rows["train"], 2][data.mask[data.rows["train"], 2]]
    there = data.labels[rows, 2][data.mask[rows, 2]]
    expected = ((there - train.mean()) / train.std(correction=0)).square().mean().item()
    assert found[2] == pytest.approx(expected, rel=1e-4)


def test_a_batch_without_labels_has_loss_and_gradient_zero(data):
    losses = TaskLosses(data)
    batch = data.batch(torch.arange(20))
    batch = dataclasses.replace(batch, mask=torch.zeros_like(batch.mask))
    predictions = torch.randn(20, 3, requires_grad=True)
    losses(predictions, batch).sum().backward()
    assert predictions.grad.abs().max() == 0


@pytest.mark.parametrize("ties", [False, True])
def test_auc_equals_scikit_learn(ties):
    draw = torch.Generator().manual_seed(4)
    labels = (torch.rand(500, generator=draw) < 0.2).float()
    scores = labels + torch.randn(500, generator=draw)
    if ties:
        scores = scores.round()
    assert auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)
    assert auc(scores, torch.zeros(500)) is None
