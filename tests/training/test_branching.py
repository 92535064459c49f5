"""Stages that branch off the common start: what that promises, on a small made-up data set."""

from __future__ import annotations

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.settings.run import RunConfig
from core.training.branching import _between
from core.training.checkpoint import load, save
from core.training.loop import Trainer
from core.training.schedule import branch_step, stage_lengths, steps_until_bounds

SMALL = {"batch_size": 128, "stage_steps": 40, "evaluate_every": 10, "record_every": 2, "probe_every": 0, "seed": 3}
BRANCH = {"kind": "nmt", "start_together": 0.75, "start": "branch", "together_decay": 0.5}


def config(method: dict[str, object] = BRANCH, **changes: object) -> RunConfig:
    return RunConfig.model_validate({**SMALL, "method": method, **changes})


def run(trainer: Trainer) -> list[ev.Event]:
    return [event for turn in trainer.run() for event in turn]


def kinds(log, kind):
    return [event for event in log if isinstance(event, kind)]


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(regression=True)


@pytest.fixture(scope="module")
def log(data):
    return run(Trainer(config(tolerance=0.02), data))


@pytest.mark.parametrize(("tasks", "lengths", "at"), [(2, (79, 1, 20), 60), (3, (119, 1, 15, 15), 105)])
def test_every_model_has_the_same_steps_behind_it(tasks, lengths, at):
    assert stage_lengths(config(), tasks) == lengths
    assert branch_step(config(), tasks) == at
    assert at + lengths[-1] == sum(lengths[:2]) == 40 * tasks
    assert steps_until_bounds(config(), tasks) == 40 * tasks


def test_a_branch_takes_the_same_batches_at_the_same_rates_as_the_common_start(data):
    trainer = Trainer(config(reference=False), data)
    rates, positions = [], []
    for _ in trainer.run():
        if trainer.state.step > len(rates):
            rates.append(trainer.state.optimiser.param_groups[0]["lr"])
            positions.append(trainer.state.draws.train.state_dict()["position"])
    assert len(rates) == 150
    assert rates[105:120] == rates[120:135] == rates[135:150]
    assert positions[105:119] == positions[120:134] == positions[135:149]


def test_multipliers_begin_at_the_weights_of_the_common_start(data):
    trainer = Trainer(config(reference=False, method={**BRANCH, "dual_rate": 1e-9, "proportional": 0}), data)
    for _ in trainer.run():
        if trainer.state.place == 3 and trainer.state.stage is not None:
            break
    assert trainer.state.method.multipliers.tolist() == pytest.approx([4.0, 2.0, 0.0], rel=1e-4)


def test_no_stage_ends_outside_its_bounds_or_without_a_model(log):
    stages = [stage for stage in kinds(log, ev.StageFinished) if stage.phase == "main"]
    assert len(stages) == 3
    for stage in stages:
        assert stage.found
        assert all(violation is None or violation <= 0 for violation in stage.violation)


def test_the_bound_follows_the_reference_down_and_ends_at_its_own(data):
    trainer = Trainer(config(reference=False), data)
    for _ in trainer.run():
        if trainer.state.place == 2 and trainer.state.stage is not None:
            break
    ahead = trainer.state.branch.ahead[0]
    assert [since for since, _ in ahead] == [0, 5, 14]  # readings at 105, 110 and at the end of the common start
    assert all(value >= 0 for _, value in ahead)
    assert _between([(0, 4.0), (10, 2.0)], 5) == 3.0
    assert _between([(0, 4.0), (10, 2.0)], 30) == 2.0
    assert _between([], 3) == 0.0


@pytest.mark.parametrize("stop_at", [104, 105, 120, 121, 130, 136])
def test_a_resumed_run_ends_bit_identical(tmp_path, data, stop_at):
    wanted = config(tolerance=0.02, reference=False)
    whole, first, second = (Trainer(wanted, data) for _ in range(3))
    log = run(whole)
    turns = first.run()
    for _ in range(stop_at + 1):
        next(turns)
    save(tmp_path / "state.pt", first.state, 0)
    load(tmp_path / "state.pt", second.state)
    rest = run(second)
    assert [e for e in rest if isinstance(e, ev.StageFinished)] == [
        e for e in log if isinstance(e, ev.StageFinished) and e.step > stop_at
    ]
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name])


def test_without_a_common_start_there_is_nothing_to_branch_from():
    assert stage_lengths(config({**BRANCH, "start_together": 0}), 3) == (40, 40, 40)
    assert stage_lengths(config({**BRANCH, "start_together": 1}), 3) == (119, 1, 2, 2)
    assert stage_lengths(config(), 1) == (40,)
