import shutil
from pathlib import Path

import duckdb
import pytest

from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.events.events import Finished, Started, Step, TaskResult
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.runs.library import VERSION, Library
from core.runs.paths import library_file
from core.runs.workers.supervisor import Supervisor
from core.settings.run import RunConfig


def finished_run(home, steps=10, **fields):
    folder = RunFolder.create(home, RunConfig(**fields))
    started = Started(
        step=0,
        tasks=["a", "b"],
        task_kinds=["binary", "binary"],
        base_loss=[0.7, 0.7],
        priority=["a", "b"],
        device="cpu",
        device_reason="asked for",
        parameters=3,
        rows={"train": 5},
        most_steps=steps,
    )
    points = [
        Step(
            step=step,
            stage=0,
            loss=[1 / (step + 1), None],
            multiplier=[None, 0.5],
            weight=[1.0, 1.0],
            violation=[None, None],
            violation_train=[None, None],
            seconds=1.0,
        )
        for step in range(steps)
    ]
    task = TaskResult(
        kind="binary",
        loss=0.4,
        metric=0.8,
        validation_loss=0.41,
        bound=0.42,
        violation=-0.01,
        multiplier=None,
        single_task_metric=0.81,
    )
    result = Finished(step=steps, seconds=2.5, tasks={"b": task, "a": task.model_copy(update={"metric": 0.7})})
    folder.log.write_text("".join(event.model_dump_json() + "\n" for event in (started, *points, result)))
    folder.write_result(result)
    folder.write_status(RunStatus(state="finished", device="cpu"))
    return folder


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path)
    yield library
    library.close()


def test_finished_runs_come_in_once_and_unfinished_ones_do_not(tmp_path, library):
    runs = {finished_run(tmp_path, seed=seed).run_id for seed in range(3)}
    RunFolder.create(tmp_path, RunConfig())
    assert library.take_in() == 3
    assert library.take_in() == 0
    assert {run.run_id for run in library.list()} == runs


def test_a_row_says_what_the_folder_says(tmp_path, library):
    folder = finished_run(tmp_path, steps=12, name="first", dataset=DatasetChoice(name="census"))
    library.add(folder.run_id)
    library.add(folder.run_id)
    (row,) = library.list()
    assert (row.run_id, row.name, row.dataset, row.method) == (folder.run_id, "first", "census", "nmt")
    assert (row.steps, row.seconds, row.device) == (12, 2.5, "cpu")
    assert row.created == folder.about().created
    assert row.config_hash == folder.config_hash()
    assert library.result(folder.run_id) == folder.result().tasks
    assert library.config(folder.run_id) == folder.config()
    assert library.same_config(folder.config()) == [folder.run_id]


def test_curves_are_those_of_the_log_without_nulls(tmp_path, library):
    folder = finished_run(tmp_path, steps=5)
    library.add(folder.run_id)
    curves = library.curves(folder.run_id)
    assert set(curves) == {"loss/a", "multiplier/b", "weight/a", "weight/b"}
    assert curves["loss/a"]["x"] == [0, 1, 2, 3, 4]
    assert curves["loss/a"]["y"] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5], rel=1e-6)


def test_names_and_pins_outlive_the_library_file(tmp_path):
    first, second = finished_run(tmp_path), finished_run(tmp_path)
    library = Library(tmp_path)
    library.take_in()
    library.rename(first.run_id, "  the baseline ")
    library.pin(first.run_id)
    library.close()
    (tmp_path / "library.duckdb").unlink()
    library = Library(tmp_path)
    library.take_in()
    rows = library.list()
    assert [row.run_id for row in rows] == [first.run_id, second.run_id]  # pinned first, though it is older
    assert (rows[0].name, rows[0].pinned) == ("the baseline", True)
    assert Supervisor(tmp_path).runs() == [first.run_id, second.run_id]
    library.close()


def test_filters(tmp_path, library):
    finished_run(tmp_path, dataset=DatasetChoice(name="census"))
    finished_run(tmp_path)
    library.take_in()
    assert [run.dataset for run in library.list(dataset="census")] == ["census"]
    assert library.list(method="weighted_sum") == []
    assert len(library.list(most=1)) == 1


def test_deleting_takes_folder_and_rows_but_never_a_run_that_goes_on(tmp_path, library):
    folder, going_on = finished_run(tmp_path), RunFolder.create(tmp_path, RunConfig())
    library.take_in()
    library.delete(folder.run_id)
    assert not folder.path.exists()
    assert library.list() == []
    with pytest.raises(PrecedenceError, match="stop it before"):
        library.delete(going_on.run_id)
    with pytest.raises(PrecedenceError, match="not in the library"):
        library.result(folder.run_id)


def test_a_folder_deleted_by_hand_leaves_the_list(tmp_path, library):
    folder = finished_run(tmp_path)
    library.take_in()
    shutil.rmtree(folder.path)
    library.take_in()
    assert library.list() == []


def test_a_damaged_folder_does_not_keep_the_others_out(tmp_path, library):
    damaged, well = finished_run(tmp_path), finished_run(tmp_path)
    (damaged.path / "result.json").write_text("{")
    assert library.take_in() == 1
    assert [run.run_id for run in library.list()] == [well.run_id]


def test_a_library_of_version_1_is_turned_once(tmp_path):
    shutil.copy(Path(__file__).parents[1] / "fixtures" / "runs_1" / "library.duckdb", library_file(tmp_path))
    found = []
    for _ in range(2):
        library = Library(tmp_path)
        found.append({run.run_id: library.result(run.run_id) for run in library.list()})
        library.close()
    assert found[0] == found[1]
    kinds = {name: task.kind for name, task in found[0]["mixed-tasks"].items()}
    assert kinds == {"bought": "binary", "rating": "regression", "kind": "multiclass"}
    with duckdb.connect(str(library_file(tmp_path))) as database:
        assert database.execute("SELECT number FROM version").fetchall() == [(VERSION,)]
        columns = {name for (name, *_) in database.execute("DESCRIBE results").fetchall()}
    assert not columns & {"auc", "rmse", "accuracy"}
