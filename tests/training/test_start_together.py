"""All tasks together first, then the stages: what that promises, on a small made-up data set."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.methods.nmt import NMTConfig
from core.settings.address import from_query
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.knobs import Knobs
from core.training.loop import Trainer
from core.training.schedule import stage_lengths, steps_until_bounds

SMALL = {"batch_size": 128, "stage_steps": 40, "evaluate_every": 10, "record_every": 2, "probe_every": 20, "seed": 3}
TOGETHER = {"start_together": 0.75}


def config(method: dict[str, object] = TOGETHER, **changes: object) -> RunConfig:
    return RunConfig.model_validate({**SMALL, "method": {"kind": "nmt", **method}, **changes})


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


@pytest.mark.parametrize(
    ("share", "tasks", "lengths"),
    [
        (0.0, 2, (40, 40)),
        (0.75, 2, (60, 1, 19)),
        (0.75, 3, (90, 1, 15, 14)),
        (1.0, 2, (78, 1, 1)),
        (0.001, 2, (1, 1, 78)),
        (0.75, 1, (40,)),  # alone there is no company
    ],
)
def test_a_common_start_takes_its_share_and_no_step_is_lost(share, tasks, lengths):
    found = stage_lengths(config({"start_together": share}), tasks)
    assert found == lengths
    assert sum(found) == 40 * tasks
    assert steps_until_bounds(config({"start_together": share}), tasks) == sum(lengths[: -(tasks - 1) or 1])


def test_its_stages_come_in_order_and_have_their_names(log):
    starts = kinds(log, ev.StageStarted)
    assert [(s.stage, s.phase, s.objective, s.constraints) for s in starts[:4]] == [
        (0, "together", ["task_0", "task_1", "task_2"], []),
        (1, "main", ["task_0"], []),
        (2, "main", ["task_1"], ["task_0"]),
        (3, "main", ["task_2"], ["task_0", "task_1"]),
    ]
    # the first task's stage was not alone, so each task has a run to compare with
    assert [(s.phase, s.objective) for s in starts[4:]] == [("reference", [f"task_{k}"]) for k in range(3)]
    assert {name: result.single_task_loss is not None for name, result in log[-1].tasks.items()} == dict.fromkeys(
        ("task_0", "task_1", "task_2"), True
    )


def test_the_first_bound_is_no_looser_than_the_common_start(log):
    together, first = kinds(log, ev.StageFinished)[:2]
    assert first.loss[0] <= together.loss[0] + 1e-7
    assert kinds(log, ev.StageStarted)[2].bound[0] == pytest.approx(first.loss[0] * 1.02, rel=1e-5)
    assert first.reason == "The bound of task_0 is taken from the model that all tasks trained together."
    assert first.gain is None


def test_a_stage_never_ends_outside_its_bounds(log):
    for stage in kinds(log, ev.StageFinished):
        assert all(violation is None or violation <= 0 for violation in stage.violation)


def test_the_losses_together_are_normalised_and_fall_with_priority(data):
    base = Trainer(config(), data).state.setup.losses.base
    for decay, share in ((1.0, [1 / 3] * 3), (0.5, [4 / 7, 2 / 7, 1 / 7])):
        trainer = Trainer(config({**TOGETHER, "together_decay": decay}), data)
        turns = trainer.run()
        for _ in range(3):
            next(turns)
        assert torch.allclose(trainer.state.method.weights() * base, torch.tensor(share))


def test_learning_rate_and_optimiser_run_on_through_the_stages(data):
    wanted = config(reference=False, optimiser={"warm_up": 0, "final_rate": 0.1, "later_rate": 0.3})
    trainer = Trainer(wanted, data)
    rates, steps = [], []
    for _ in trainer.run():
        if trainer.state.step > len(rates):
            rates.append(trainer.state.optimiser.param_groups[0]["lr"])
            steps.append(max(value["step"].item() for value in trainer.state.optimiser.state.values()))
    assert steps == list(range(1, 121))
    full = wanted.optimiser.learning_rate
    assert rates == pytest.approx([full * (1 - 0.9 * step / 120) for step in range(1, 121)])


@pytest.mark.parametrize("stop_at", [7, 90, 91, 92, 105, 130])  # 90 and 91 lie between two stages
def test_a_resumed_run_ends_bit_identical(tmp_path, data, stop_at):
    wanted = config(tolerance=0.02)
    whole, first, second = (Trainer(wanted, data) for _ in range(3))
    log = run(whole)
    turns = first.run()
    before = [event for _ in range(stop_at + 1) for event in next(turns)]
    save(tmp_path / "checkpoint.pt", first.state, offset=0)
    load(tmp_path / "checkpoint.pt", second.state)
    after = run(second)
    assert [event.model_dump(exclude={"seconds"}) for event in before + after] == [
        event.model_dump(exclude={"seconds"}) for event in log
    ]
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name])


def test_another_priority_keeps_the_common_start(data):
    trainer = Trainer(config(reference=False), data)
    turns = trainer.run()
    while trainer.state.place < 2:
        next(turns)
    trainer.change(Knobs(priority=("task_1", "task_0", "task_2")))
    assert trainer.state.place == 1
    assert trainer.state.bounds.protected == {}
    rest = [event for turn in turns for event in turn]
    assert [s.objective for s in kinds(rest, ev.StageStarted)] == [["task_1"], ["task_0"], ["task_2"]]


def test_steps_left_are_counted_to_the_end(data):
    trainer = Trainer(config(patience=1000), data)
    most = []
    for _ in trainer.run():
        most.append(trainer.progress.most_steps)
    assert set(most) == {trainer.state.step}


def test_without_it_nothing_is_another_run(data, log):
    plain = run(Trainer(config({}, reference=False), data))
    off = run(Trainer(config({"start_together": 0, "together_decay": 0.5}, reference=False), data))
    assert [event.model_dump(exclude={"seconds"}) for event in plain] == [
        event.model_dump(exclude={"seconds"}) for event in off
    ]


@pytest.mark.parametrize("share", ["-0.1", "1.5", "nan"])
def test_a_share_outside_0_to_1_is_refused_with_a_sentence(share):
    with pytest.raises(Exception, match="start_together"):
        from_query({"method.kind": "nmt", "method.start_together": share})


def test_stages_from_fresh_weights_would_throw_it_away():
    with pytest.raises(ValidationError, match="throw the common start away"):
        NMTConfig(start_together=0.5, start="fresh")
