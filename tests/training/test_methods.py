"""Every registered method in a real run: it runs, resumes with the same bits, and one task is the plain step."""

from __future__ import annotations

import copy

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.methods.registry import METHODS
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.loop import CHEAP_EVERY, Trainer
from core.training.primal import by_gradients

SMALL = {
    "batch_size": 128,
    "stage_steps": 30,
    "evaluate_every": 10,
    "record_every": 2,
    "probe_every": 10,
    "seed": 3,
    "reference": False,
    "model": {"trunk": (8, 6), "tower": (4,), "embedding_dim": 4},
}
TOGETHER = [kind for kind, card in METHODS.items() if not card.staged and not card.alone]
VARIANTS = [{"kind": kind} for kind in TOGETHER] + [
    {"kind": "cograd", "curvature": curvature} for curvature in ("fisher_diagonal", "exact", "lookahead")
]


def config(method: dict, **changes: object) -> RunConfig:
    return RunConfig.model_validate({**SMALL, "method": method, **changes})


def run(trainer: Trainer) -> list[ev.Event]:
    return [event for turn in trainer.run() for event in turn]


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=2000, regression=True)


def name(method: dict) -> str:
    return "-".join(method.values())


@pytest.mark.parametrize("method", VARIANTS, ids=name)
def test_a_run_resumed_in_its_middle_ends_with_the_same_bits(tmp_path, data, method):
    whole = Trainer(config(method), data)
    log = run(whole)
    first = Trainer(config(method), data)
    turns = first.run()
    early = [event for _ in range(17) for event in next(turns)]
    save(tmp_path / "checkpoint.pt", first.state, 0)
    second = Trainer(config(method), data)
    load(tmp_path / "checkpoint.pt", second.state)
    late = run(second)
    clocks = {"seconds"}
    assert [e.model_dump(exclude=clocks) for e in early + late] == [e.model_dump(exclude=clocks) for e in log]
    for mine, theirs in zip(second.network.parameters(), whole.network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("method", VARIANTS, ids=name)
@pytest.mark.parametrize("model", ["shared_bottom", "ple"])
def test_one_task_is_the_plain_step_bit_for_bit(data, method, model):
    changes = {"priority": ("task_1",), "model": {**SMALL["model"], "kind": model}}
    mine, plain = Trainer(config(method, **changes), data), Trainer(config({"kind": "weighted_sum"}, **changes), data)
    run(mine)
    run(plain)
    for (name, one), other in zip(mine.network.named_parameters(), plain.network.parameters(), strict=True):
        assert torch.equal(one, other), name


def test_equal_weights_by_gradients_are_the_plain_sum(data):
    """CoGrad with no strength against the weighted sum: the same updates, up to the order of additions."""
    mine = Trainer(config({"kind": "cograd", "gamma": 0}), data)
    plain = Trainer(config({"kind": "weighted_sum"}), data)
    mine_turns, plain_turns = mine.run(), plain.run()
    for _ in range(4):
        next(mine_turns)
        next(plain_turns)
    for one, other in zip(mine.network.parameters(), plain.network.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_looking_at_gradients_changes_nothing_that_is_trained(data):
    """Probes and the cheap line read alone."""
    often = Trainer(config({"kind": "famo"}, probe_every=2, record_every=1), data)
    never = Trainer(config({"kind": "famo"}, probe_every=0, record_every=30), data)
    run(often)
    run(never)
    for one, other in zip(often.network.parameters(), never.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_what_a_probe_says_is_whole(data):
    log = run(Trainer(config({"kind": "graddrop"}, priority=("task_2", "task_0")), data))
    probed = [event for event in log if isinstance(event, ev.Probed)][-1]
    assert probed.pairs == [(0, 2)]
    for values in (probed.cosine, probed.interval, probed.magnitude_similarity, *probed.layers.values()):
        assert len(values) == 1
    assert list(probed.layers) == ["embedding", "trunk.0", "trunk.3"]
    assert probed.transference[0][2] is not None
    assert probed.transference[0][1] is None  # not trained
    assert probed.transference[0][0] is None  # the diagonal
    assert probed.compass.kept == pytest.approx(1)
    steps = [event for event in log if isinstance(event, ev.Step)]
    cheap = [step for step in steps if step.last_layer_cosine]
    assert [step.step for step in cheap] == [step.step for step in steps if step.step % (2 * CHEAP_EVERY) == 0]
    assert all(step.pairs == [(0, 2)] and -1 <= step.last_layer_cosine[0] <= 1 for step in cheap)
    step = steps[-1]
    assert step.weight == [None, 0.0, None]  # no weighted sum


def test_cograd_reports_its_correction(data):
    log = run(Trainer(config({"kind": "cograd"}), data))
    assert all(0 < event.correction < 1 for event in log if isinstance(event, ev.Step))


def test_the_method_with_a_first_task_follows_the_priority_order(data):
    def favours(task: str) -> list[str]:
        log = run(Trainer(config({"kind": "pcd", "promise": 0.0}, priority=(task, "task_0")), data))
        return next(event for event in log if isinstance(event, ev.StageStarted)).objective

    assert favours("task_1")[0] == "task_1"
    assert favours("task_2")[0] == "task_2"


def test_a_sparse_table_gets_the_same_gradient(data):
    dense = Trainer(config({"kind": "upgrad"}), data)
    turns = dense.run()
    next(turns)
    next(turns)
    other = copy.deepcopy(dense.network)
    other.embedding.table.sparse = True
    batch = dense.state.setup.dataset.batch(torch.arange(64))
    run_state = dense.state
    for network in (dense.network, other):
        network.eval()
        by_gradients(network, run_state.setup.losses, batch, run_state.method, run_state.draws.dropout)
    assert other.table.grad.is_sparse
    assert torch.equal(other.table.grad.to_dense(), dense.network.table.grad)
    for one, two in zip(dense.network.parameters(), other.parameters(), strict=True):
        assert torch.equal(one.grad.to_dense() if one.grad.is_sparse else one.grad, two.grad.to_dense())
