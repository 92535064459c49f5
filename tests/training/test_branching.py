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
from core.training.schedule import stage_lengths, steps_until_bounds

SMALL = {"batch_size": 128, "stage_steps": 40, "evaluate_every": 10, "record_every": 2, "probe_every": 0, "seed": 3}
BRANCH = {"kind": "nmt", "start_together": 0.5, "start": "branch", "together_decay": 0.5}


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


@pytest.mark.parametrize(("tasks", "lengths"), [(2, (40, 40, 40)), (3, (90, 30, 30, 30)), (5, (175, *(25,) * 5))])
def test_every_model_has_the_same_steps_behind_it(tasks, lengths):
    assert stage_lengths(config(), tasks) == lengths
    assert all(lengths[0] + own == 40 * tasks for own in lengths[1:])
    assert steps_until_bounds(config(), tasks) == 40 * tasks
    assert sum(lengths) == 1.5 * 40 * tasks  # however many tasks there are


def test_every_stage_takes_the_same_batches_at_the_same_rates(data):
    trainer = Trainer(config(reference=False), data)
    rates, positions = [], []
    for _ in trainer.run():
        if trainer.state.step > len(rates):
            rates.append(trainer.state.optimiser.param_groups[0]["lr"])
            positions.append(trainer.state.draws.train.state_dict()["position"])
    assert len(rates) == 180
    assert rates[90:120] == rates[120:150] == rates[150:180]
    assert rates[89] > rates[90] > rates[119]
    assert positions[90:120] == positions[120:150] == positions[150:180]


def test_the_first_stage_improves_the_first_task_alone_and_sets_its_bound(data, log):
    together, first, second, _ = kinds(log, ev.StageStarted)[:4]
    assert (together.phase, first.phase) == ("together", "main")
    assert (first.objective, first.constraints) == (together.objective[:1], [])
    ended = kinds(log, ev.StageFinished)[1]
    task = kinds(log, ev.Started)[0].tasks.index(first.objective[0])
    assert second.reference_loss[task] == pytest.approx(ended.loss[task])
    assert second.bound[task] == pytest.approx(1.02 * ended.loss[task])


def test_each_task_is_also_trained_alone_from_the_first_step(log):
    alone = [event for event in kinds(log, ev.StageStarted) if event.phase == "reference"]
    assert len(alone) == 3  # the first task's own stage began from the common start and is no such run


def test_multipliers_begin_at_the_weights_of_the_common_start(data):
    trainer = Trainer(config(reference=False, method={**BRANCH, "dual_rate": 1e-9, "proportional": 0}), data)
    for _ in trainer.run():
        if trainer.state.place == 3 and trainer.state.stage is not None:
            break
    assert trainer.state.method.multipliers.tolist() == pytest.approx([4.0, 2.0, 0.0], rel=1e-4)


def test_waiting_tasks_keep_a_little_weight_until_their_own_stage(data):
    trainer = Trainer(config(reference=False, method={**BRANCH, "waiting": 0.05}), data)
    seen = {}
    for _ in trainer.run():
        if trainer.state.stage is not None:
            seen[trainer.state.place] = trainer.state.method._objective.tolist()
    assert {place: seen[place] for place in (1, 2, 3)} == {
        1: pytest.approx([1, 0.05, 0.05]),
        2: pytest.approx([0, 1, 0.05]),
        3: pytest.approx([0, 0, 1]),
    }


@pytest.mark.parametrize(("dual_step", "asks"), [("nupi", False), ("multiplicative", True)])
def test_only_a_dual_step_in_tolerances_is_told_of_them(data, dual_step, asks):
    trainer = Trainer(config(reference=False, method={**BRANCH, "dual_step": dual_step}), data)
    run(trainer)
    assert (trainer.state.method.dual.room is not None) is asks


def test_without_a_common_start_no_task_waits_with_a_weight(data):
    """The first stage is then a task alone, which others are compared with."""
    trainer = Trainer(config(reference=False, method={"kind": "nmt", "waiting": 0.05}), data)
    next(trainer.run())
    assert trainer.state.method.waiting == 0


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
    assert [since for since, _ in ahead] == [0, 10, 20, 30]
    assert all(value >= 0 for _, value in ahead)
    assert _between([(0, 4.0), (10, 2.0)], 5) == 3.0
    assert _between([(0, 4.0), (10, 2.0)], 30) == 2.0
    assert _between([], 3) == 0.0


@pytest.mark.parametrize("stop_at", [89, 90, 91, 110, 120, 121, 155])
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
    assert stage_lengths(config({**BRANCH, "start_together": 1}), 3) == (118, 2, 2, 2)
    assert stage_lengths(config(), 1) == (40,)


def test_readings_of_a_branch_are_told_against_the_bound_at_their_step(log):
    """So that curves, sentence and figures of a page say the same while the learning rate falls."""
    last = kinds(log, ev.StageStarted)[3]
    readings = [event for event in kinds(log, ev.Evaluated) if event.stage == last.stage]
    bound = next(value for value in last.bound if value is not None)
    task = last.bound.index(bound)
    against_the_end = [event.loss[task] - bound for event in readings]
    told = [event.violation[task] for event in readings]
    assert all(one <= other + 1e-9 for one, other in zip(told, against_the_end, strict=True))
    assert told[0] < against_the_end[0]
