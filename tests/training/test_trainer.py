"""The loop: what it promises of a run, on a small made-up data set."""

from __future__ import annotations

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.errors import PrecedenceError
from core.events import events as ev
from core.methods.nmt import NMTConfig
from core.methods.single_task import SingleTaskConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.knobs import Knobs
from core.training.loop import Trainer

SMALL = {"batch_size": 128, "stage_steps": 60, "evaluate_every": 15, "record_every": 2, "probe_every": 20, "seed": 3}


def config(**changes: object) -> RunConfig:
    return RunConfig.model_validate({**SMALL, **changes})


def run(trainer: Trainer) -> list[ev.Event]:
    return [event for turn in trainer.run() for event in turn]


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(regression=True)


@pytest.fixture(scope="module")
def log(data):
    return run(Trainer(config(tolerance=0.02), data))


def kinds(log, kind):
    return [event for event in log if isinstance(event, kind)]


def test_a_run_begins_and_ends_and_takes_stages_in_priority_order(data):
    log = run(Trainer(config(priority=("task_2", "task_0", "task_1")), data))
    assert isinstance(log[0], ev.Started)
    assert isinstance(log[-1], ev.Finished)
    main = [s for s in kinds(log, ev.StageStarted) if s.phase == "main"]
    assert [s.objective for s in main] == [["task_2"], ["task_0"], ["task_1"]]
    assert [s.constraints for s in main] == [[], ["task_2"], ["task_2", "task_0"]]
    alone = [s.objective for s in kinds(log, ev.StageStarted) if s.phase == "reference"]
    assert alone == [["task_0"], ["task_1"]]  # task_2's own stage was alone already


def test_every_step_is_recorded_once(log):
    steps = [event.step for event in kinds(log, ev.Step)]
    assert len(steps) == len(set(steps))
    assert steps == sorted(steps)
    last_main = max(s.step for s in kinds(log, ev.StageFinished) if s.phase == "main")
    assert steps == list(range(2, last_main + 1, 2))


def test_a_stage_never_ends_outside_its_bounds(log):
    for stage in kinds(log, ev.StageFinished):
        assert all(violation is None or violation <= 0 for violation in stage.violation)


def test_bound_is_the_reference_loss_plus_its_tolerance(log):
    first = kinds(log, ev.StageFinished)[0]
    second = kinds(log, ev.StageStarted)[1]
    assert second.reference_loss[0] == pytest.approx(first.loss[0], rel=1e-5)
    assert second.bound[0] == pytest.approx(first.loss[0] * 1.02, rel=1e-5)
    assert second.bound[1] is None


def test_results_speak_of_every_task(log):
    results = log[-1].tasks
    assert list(results) == ["task_0", "task_1", "task_2"]
    assert results["task_2"].kind == "regression"
    assert results["task_2"].metric is not None
    assert results["task_0"].kind == "binary"
    assert results["task_0"].metric > 0.6
    assert results["task_0"].single_task_metric is not None
    assert results["task_2"].single_task_metric is not None


def test_single_task_equals_the_first_stage(data):
    alone = run(Trainer(config(method=SingleTaskConfig(), reference=False), data))
    nmt = run(Trainer(config(method=NMTConfig(normalise=False, own_layers="weighted"), reference=False), data))
    first = [e.loss for e in alone if isinstance(e, ev.Step)]
    assert first == [e.loss for e in nmt if isinstance(e, ev.Step) and e.stage == 0]


def test_frozen_multipliers_equal_the_weighted_sum_bit_for_bit():
    """From the same start, the last stage under held multipliers takes the very steps of fixed weights."""
    data = synthetic_dataset(tasks=2)
    held = NMTConfig(frozen={"task_0": 3.0}, normalise=False, own_layers="weighted", start="fresh")
    nmt = Trainer(config(method=held, reference=False, stage_steps=30, evaluate_every=30), data)
    fixed = Trainer(
        config(method=WeightedSumConfig(weights={"task_0": 0.75, "task_1": 0.25}), reference=False, stage_steps=30),
        data,
    )
    turns = nmt.run()
    while nmt.state.place == 0:
        next(turns)
    nmt.state.begin_draws()  # the same batches for both
    last_step = [event.loss for turn in turns for event in turn if isinstance(event, ev.Step)]
    assert last_step == [event.loss for event in kinds(run(fixed), ev.Step)]


def test_own_layers_follow_in_full_and_waiting_tasks_leave_the_shared_part_alone(data):
    """In the first stage the shared part moves as for that task alone, while every head learns."""
    follow = Trainer(config(method=NMTConfig(normalise=False), reference=False, stage_steps=30), data)
    alone = Trainer(config(method=SingleTaskConfig(), reference=False, stage_steps=30), data)
    first, other = follow.run(), alone.run()
    for _ in range(20):
        next(first)
        next(other)
    for mine, theirs in zip(follow.network.shared_parameters(), alone.network.shared_parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)
    start = follow.state.initial["heads.1.0.weight"]
    assert not torch.allclose(follow.network.state_dict()["heads.1.0.weight"], start, atol=1e-3)
    assert torch.allclose(alone.network.state_dict()["heads.1.0.weight"], start, atol=1e-3)


def test_a_reference_equals_a_single_task_run(data):
    nmt = run(Trainer(config(), data))
    alone = run(Trainer(config(method=SingleTaskConfig(), priority=("task_1",)), data))
    assert nmt[-1].tasks["task_1"].single_task_metric == alone[-1].tasks["task_1"].metric


def test_weighted_sum_trains_all_tasks_in_one_stage(data):
    log = run(Trainer(config(method=WeightedSumConfig(weights={"task_1": 0.0}), reference=False), data))
    assert [s.objective for s in kinds(log, ev.StageStarted)] == [["task_0", "task_2"]]


@pytest.mark.parametrize("model", ["shared_bottom", "mmoe", "ple"])
@pytest.mark.parametrize("stop_at", [7, 60, 95, 190])
def test_a_resumed_run_ends_bit_identical(tmp_path, data, model, stop_at):
    wanted = config(model={"kind": model, "trunk": (8,), "tower": (), "embedding_dim": 4}, batch_size=32)
    whole = Trainer(wanted, data)
    log = run(whole)

    first = Trainer(wanted, data)
    turns = first.run()
    before = [event for _ in range(stop_at + 1) for event in next(turns)]
    save(tmp_path / "checkpoint.pt", first.state, offset=123)
    second = Trainer(wanted, data)
    assert load(tmp_path / "checkpoint.pt", second.state) == 123
    after = run(second)

    def timeless(events):
        return [event.model_dump(exclude={"seconds"}) for event in events]

    assert timeless(before + after) == timeless(log)
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name])


def test_runs_taking_turns_do_not_disturb_each_other(data):
    alone = run(Trainer(config(reference=False), data))
    mine, other = Trainer(config(reference=False), data).run(), Trainer(config(seed=9), data).run()
    log = []
    for turn in mine:
        log += turn
        next(other, None)
    assert [e.loss for e in kinds(log, ev.Step)] == [e.loss for e in kinds(alone, ev.Step)]


def test_a_tolerance_edit_moves_the_bound_and_is_written_down(data):
    trainer = Trainer(config(reference=False), data)
    turns = trainer.run()
    for _ in range(70):
        next(turns)
    before = trainer.state.bounds.bound(0).item()
    events = trainer.change(Knobs(tolerances={"task_0": 0.2}))
    assert [(e.what, e.old, e.new, e.step) for e in events] == [("tolerances.task_0", "0.01", "0.2", 69)]
    reference = trainer.state.bounds.protected[0].validation_loss.item()
    assert before == pytest.approx(1.01 * reference)
    assert trainer.state.bounds.bound(0).item() == pytest.approx(1.2 * reference)
    assert trainer.change(Knobs(tolerances={"task_0": 0.2})) == []


def test_a_tightened_tolerance_forgets_a_best_model_outside_it(data):
    trainer = Trainer(config(reference=False, tolerance=0.5), data)
    turns = trainer.run()
    while trainer.state.place == 0 or trainer.state.stage is None or trainer.state.stage.steps < 30:
        next(turns)
    reading = trainer.state.stage.best_reading
    trainer.change(Knobs(tolerances={"task_0": 0.0}))
    assert trainer.state.stage.best_reading is None or trainer.state.feasible(reading)


def test_a_new_priority_keeps_the_stages_before_the_first_difference(data):
    trainer = Trainer(config(reference=False), data)
    turns = trainer.run()
    log = []
    while trainer.state.place < 1 or trainer.state.stage is None or trainer.state.stage.steps < 10:
        log += next(turns)
    log += trainer.change(Knobs(priority=("task_0", "task_2", "task_1")))
    for turn in turns:
        log += turn
    main = [s.objective[0] for s in kinds(log, ev.StageStarted) if s.phase == "main"]
    assert main == ["task_0", "task_1", "task_2", "task_1"]
    assert [e.new for e in kinds(log, ev.Changed)] == ["task_0 > task_2 > task_1"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"priority": ("clicks",)}, "'clicks'"),
        ({"priority": ("task_0", "task_0")}, "twice"),
        ({"tolerances": {"clicks": 0.1}}, "'clicks'"),
        ({"method": WeightedSumConfig(weights={"clicks": 1})}, "'clicks'"),
        ({"method": WeightedSumConfig(weights={"task_0": 0, "task_1": 0, "task_2": 0})}, "All weights are 0"),
    ],
)
def test_a_config_that_does_not_fit_is_refused_with_a_sentence(data, changes, says):
    with pytest.raises(PrecedenceError, match=says):
        Trainer(config(**changes), data)


def test_a_refused_change_changes_nothing(data):
    trainer = Trainer(config(reference=False), data)
    with pytest.raises(PrecedenceError, match="clicks"):
        trainer.change(Knobs(tolerances={"clicks": 0.1}, learning_rate=1.0))
    assert trainer.state.config.optimiser.learning_rate == config().optimiser.learning_rate


def test_a_diverging_run_ends_with_a_sentence():
    wild = config(optimiser={"kind": "sgd", "learning_rate": 10.0, "momentum": 0.99}, stage_steps=2000, patience=999)
    bad = synthetic_dataset(regression=True)
    bad.dense[:] *= 1e30
    with pytest.raises(PrecedenceError, match="lower the learning rate"):
        run(Trainer(wild, bad))


@pytest.mark.parametrize(("start", "share"), [("warm", 0.25), ("fresh", 1.0)])
def test_only_a_stage_that_begins_from_a_trained_model_has_the_lower_rate(data, start, share):
    rates = {"later_rate": 0.25, "warm_up": 4}
    trainer = Trainer(config(method={"kind": "nmt", "start": start}, optimiser=rates, patience=99), data)
    seen: dict[tuple[str, int], list[float]] = {}
    for _ in trainer.run():
        if trainer.state.stage is not None:  # None at a stage's end
            seen.setdefault((trainer.state.phase.kind, trainer.state.place), []).append(
                trainer.state.optimiser.param_groups[0]["lr"]
            )
    first = seen.pop(("main", 0))
    for (kind, _), later in seen.items():
        assert later[1:] == pytest.approx([(share if kind == "main" else 1) * rate for rate in first[1:]])


def test_a_spoilt_checkpoint_is_refused(tmp_path, data):
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(PrecedenceError, match="start the run again"):
        load(path, Trainer(config(), data).state)


def test_a_checkpoint_of_a_later_form_is_refused_in_a_sentence(tmp_path, data):
    path = tmp_path / "checkpoint.pt"
    run_state = Trainer(config(), data).state
    save(path, run_state, offset=0)
    torch.save({**torch.load(path, weights_only=True), "version": 99}, path)
    with pytest.raises(PrecedenceError, match="99"):
        load(path, run_state)
