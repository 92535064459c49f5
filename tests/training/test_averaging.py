"""Averaged weights: the formula, that they compete for the kept model, and that a resumed run has the same ones."""

from __future__ import annotations

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.loop import Trainer

NOISY = {"learning_rate": 0.05, "final_rate": 1.0, "average": 0.9}  # steps that stay large: much to average out
SMALL = {"batch_size": 64, "stage_steps": 40, "evaluate_every": 10, "record_every": 2, "probe_every": 0, "seed": 3}
BRANCH = {"kind": "nmt", "start_together": 0.75, "start": "branch", "together_decay": 0.5}


def config(**changes):
    return RunConfig.model_validate({**SMALL, "optimiser": NOISY, "method": BRANCH, "reference": False, **changes})


def run(trainer):
    return [event for turn in trainer.run() for event in turn]


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=3000)


def test_the_average_follows_its_formula(data):
    trainer = Trainer(config(method={"kind": "weighted_sum"}), data)
    turns, seen = trainer.run(), [trainer.state.weights()]
    for _ in range(31):
        next(turns)
        seen.append(trainer.state.weights())
    seen = seen[1:]  # the first turn begins the run, without a step
    assert trainer.state.step == 30
    name = "embedding.table.weight"
    expected = seen[0][name]
    for at, weights in enumerate(seen[1:], 1):
        beta = min(0.9, at / (at + 9))
        expected = beta * expected + (1 - beta) * weights[name]
    assert torch.allclose(trainer.state.average[name], expected, atol=1e-6)


def test_a_stage_keeps_the_average_where_it_is_better(data):
    plain = config(optimiser={**NOISY, "average": 0.0}, method={"kind": "weighted_sum"})
    averaged = config(method={"kind": "weighted_sum"})
    ends = {}
    for name, wanted in (("plain", plain), ("averaged", averaged)):
        trainer = Trainer(wanted, data)
        ends[name] = next(event for event in run(trainer) if isinstance(event, ev.StageFinished))
        reading = trainer.state.read(trainer.state.validation_rows)
        assert reading.loss == pytest.approx(ends[name].loss, abs=1e-6)  # what is told is of the model that is kept
    assert sum(ends["averaged"].loss) < sum(ends["plain"].loss)


def test_under_bounds_the_kept_average_is_within_them(data):
    ends = [event for event in run(Trainer(config(tolerance=0.02), data)) if isinstance(event, ev.StageFinished)]
    assert len(ends) == len(data.description.card.tasks) + 1
    assert all(value is None or value <= 0 for end in ends for value in end.violation)


@pytest.mark.parametrize("stop_at", [105, 125, 140])
def test_a_resumed_run_has_the_same_average(tmp_path, data, stop_at):
    three = config(priority=("task_0", "task_1", "task_2"))
    whole, first, second = (Trainer(three, data) for _ in range(3))
    log = run(whole)
    turns = first.run()
    for _ in range(stop_at + 1):
        next(turns)
    save(tmp_path / "state.pt", first.state, 0)
    load(tmp_path / "state.pt", second.state)
    rest = run(second)
    ends = [event for event in log if isinstance(event, ev.StageFinished) and event.step > stop_at]
    assert ends
    assert [event for event in rest if isinstance(event, ev.StageFinished)] == ends
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name])


def test_a_decay_of_one_would_never_move():
    with pytest.raises(ValueError, match="less than 1"):
        config(optimiser={"average": 1.0})
