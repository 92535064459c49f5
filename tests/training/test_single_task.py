"""A task alone that another run has trained stands in this one, as if it had been trained here."""

from __future__ import annotations

import pytest

from core.bench.synthetic import synthetic_dataset
from core.events import events as ev
from core.methods.nmt import NMTConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import note_alone, read_branched
from core.runs.paths import single_tasks_folder
from core.runs.workers import single_tasks
from core.runs.workers.single_tasks import SingleTasks
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.knobs import Knobs
from core.training.loop import Trainer
from core.training.single_task import single_tasks_of, taken_over

SMALL = {"batch_size": 64, "stage_steps": 40, "evaluate_every": 10, "record_every": 3, "probe_every": 0, "seed": 3}
BRANCHING = NMTConfig(start="branch", start_together=0.75, together_decay=0.2)


def config(**changes: object) -> RunConfig:
    return RunConfig.model_validate({**SMALL, "method": BRANCHING, **changes})


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(tasks=2)


def trained(config, data, home=None):
    """All events of a run, and how many turns it took."""
    trainer = Trainer(config, data)
    if home is not None:
        trainer.know(SingleTasks(home))
    turns = list(trainer.run())
    return [event for turn in turns for event in turn], len(turns)


def without_seconds(log):
    return [event.model_copy(update={"seconds": 0.0}) if hasattr(event, "seconds") else event for event in log]


def test_a_run_tells_the_same_whether_its_tasks_alone_were_trained_before(data, tmp_path):
    plain, turns = trained(config(), data)
    SingleTasks(tmp_path).keep(config(), plain)
    again, fewer = trained(config(), data, tmp_path)
    assert without_seconds(again) == without_seconds(plain)
    alone = [event for event in plain if isinstance(event, ev.StageFinished) and event.phase == "reference"]
    assert fewer == turns - sum(single.steps - 1 for single in single_tasks_of(plain).values())
    assert len(alone) == 2


@pytest.mark.parametrize(
    "changes",
    [{"tolerance": 0.3}, {"priority": ("task_1", "task_0")}, {"record_every": 7}, {"name": "mine"},
     {"method": WeightedSumConfig(), "stage_steps": 80}],
)  # fmt: skip
def test_method_order_and_tolerances_do_not_matter(data, tmp_path, changes):
    SingleTasks(tmp_path).keep(config(), trained(config(), data)[0])
    other = config(**changes)
    plain, turns = trained(other, data)
    again, fewer = trained(other, data, tmp_path)
    assert without_seconds(again) == without_seconds(plain)
    assert fewer < turns - 50


@pytest.mark.parametrize(
    "changes", [{"seed": 4}, {"batch_size": 65}, {"optimiser": {"learning_rate": 0.01}}, {"stage_steps": 41}]
)
def test_other_settings_train_their_own(data, tmp_path, changes):
    SingleTasks(tmp_path).keep(config(), trained(config(), data)[0])
    other = config(**changes)
    assert trained(other, data, tmp_path)[1] == trained(other, data)[1]


def test_what_is_known_is_not_counted_as_still_to_come(data, tmp_path):
    log, _ = trained(config(), data)
    SingleTasks(tmp_path).keep(config(), log)
    trainer = Trainer(config(), data)
    whole = trainer.progress.most_steps
    trainer.know(SingleTasks(tmp_path))
    alone = sum(single.steps for single in single_tasks_of(log).values())
    assert trainer.progress.most_steps == whole - alone
    steps = [trainer.progress for _ in trainer.run()]
    assert steps[-1].step == steps[-1].most_steps == log[-1].step


def test_a_rate_that_was_turned_asks_for_tasks_alone_at_that_rate(data, tmp_path):
    SingleTasks(tmp_path).keep(config(), trained(config(), data)[0])
    trainer = Trainer(config(), data)
    trainer.know(SingleTasks(tmp_path))
    known = trainer.progress.most_steps
    trainer.change(Knobs(learning_rate=0.007))
    assert trainer.progress.most_steps > known
    trainer.change(Knobs(learning_rate=config().optimiser.learning_rate))
    assert trainer.progress.most_steps == known


@pytest.mark.parametrize("known", [False, True])
def test_a_run_saved_where_any_stage_ended_goes_on(data, tmp_path, known):
    plain, _ = trained(config(), data)
    trainer = Trainer(config(), data)
    if known:
        SingleTasks(tmp_path).keep(config(), plain)
        trainer.know(SingleTasks(tmp_path))
    ends = 0
    for turn in trainer.run():
        if not any(isinstance(event, ev.StageFinished) for event in turn):
            continue
        ends += 1
        save(tmp_path / "state.pt", trainer.state, 0)
        resumed = Trainer(config(), data)
        load(tmp_path / "state.pt", resumed.state)
        rest = [event for turn in resumed.run() for event in turn]  # trains tasks alone itself
        assert without_seconds(rest) == without_seconds(plain)[-len(rest) :]
    assert ends == len(trainer.state.plan) == 5


def test_a_damaged_file_is_put_aside_and_the_task_is_trained(data, tmp_path):
    plain, turns = trained(config(), data)
    SingleTasks(tmp_path).keep(config(), plain)
    files = sorted(single_tasks_folder(tmp_path).iterdir())
    for file, content in zip(files, (b"\0", b'{"loss": 1, "metric": null, "events": []}'), strict=True):
        file.write_bytes(content)
    again, as_many = trained(config(), data, tmp_path)
    assert as_many == turns
    assert without_seconds(again) == without_seconds(plain)
    assert all(".damaged" in file.name for file in single_tasks_folder(tmp_path).iterdir())


def test_the_oldest_go_first(data, tmp_path, monkeypatch):
    monkeypatch.setattr(single_tasks, "MOST_KEPT", 3)
    log, _ = trained(config(), data)
    for seed in range(3):
        SingleTasks(tmp_path).keep(config(seed=seed), log)
    assert len(list(single_tasks_folder(tmp_path).iterdir())) == 3
    assert SingleTasks(tmp_path).find(config(seed=2), "task_0", 80) is not None
    assert SingleTasks(tmp_path).find(config(seed=0), "task_0", 80) is None


def test_a_finished_run_is_no_worse_off_where_nothing_can_be_kept(data, tmp_path):
    folder = RunFolder.create(tmp_path, config())
    folder.log.write_text("".join(f"{event.model_dump_json()}\n" for event in trained(config(), data)[0]))
    for damage in (lambda: (folder.path / "applied.json").write_bytes(b"\0"), lambda: folder.write_applied(1)):
        damage()
        SingleTasks(tmp_path).keep_of(folder)
        assert not single_tasks_folder(tmp_path).exists()
    folder.write_applied(0)
    single_tasks_folder(tmp_path).write_text("a file in its place")
    SingleTasks(tmp_path).keep_of(folder)
    single_tasks_folder(tmp_path).unlink()
    SingleTasks(tmp_path).keep_of(folder)
    assert len(list(single_tasks_folder(tmp_path).iterdir())) == 2


def test_a_log_that_was_cut_off_tells_of_none(data):
    log, _ = trained(config(), data)
    assert set(single_tasks_of(log)) == {"task_0", "task_1"}
    assert single_tasks_of(log[:-1]) == {}


def test_what_was_taken_over_is_noted_and_what_is_trained_anew_is_not(data, tmp_path):
    def noted(home=None):
        run = tmp_path / "run"
        run.mkdir(exist_ok=True)
        trainer = Trainer(config(), data)
        if home is not None:
            trainer.know(SingleTasks(home))
        for turn in trainer.run():
            note_alone(run, taken_over(turn))
        return read_branched(run)

    assert noted().alone == {}
    log, _ = trained(config(), data)
    SingleTasks(tmp_path).keep(config(), log)
    steps = {name: single.steps for name, single in single_tasks_of(log).items()}
    assert noted(tmp_path).alone == steps
    assert noted(tmp_path).taken() == sum(steps.values()) > 100
    (tmp_path / "run" / "branched.json").write_text("{")
    assert noted(tmp_path).alone == steps  # a damaged note is put aside
    assert noted().alone == {}  # the stages began anew and another run knew nothing
