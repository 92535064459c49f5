"""Weighted sums side by side are the runs that they stand for; the front's bench says of both what it promises."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.bench import front, grids, side_by_side
from core.bench.grid_settings import settings_alone
from core.bench.side_by_side import Lanes, train_side_by_side
from core.bench.synthetic import synthetic_dataset
from core.data.description import Task
from core.data.ranking import weighted_in_lists
from core.errors import PrecedenceError
from core.insight.regret import regret
from core.records import read_record, record_text
from core.settings.run import RunConfig
from core.training.loop import Trainer

SHORT = {"batch_size": 128, "stage_steps": 30, "evaluate_every": 10, "probe_every": 0, "reference": False, "seed": 4}


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=2000, tasks=2, regression=True)


def config(**changes):
    return RunConfig.model_validate({**SHORT, "model": {"trunk": (16,), "dropout": 0.0}, **changes})


@pytest.mark.parametrize(("kind", "average"), [("adam", 0.0), ("adam", 0.9), ("sgd", 0.0), ("adagrad", 0.0)])
def test_a_lane_ends_where_a_run_of_the_weighted_sum_ends(data, kind, average):
    weights = torch.tensor([[1.0, 0.1], [1.0, 3.0], [1.0, 0.0]])
    optimiser = {"kind": kind, "learning_rate": 0.02, "weight_decay": 0.1, "average": average}
    found = train_side_by_side(config(optimiser=optimiser), data, weights)
    for lane, (first, second) in enumerate(weights.tolist()):
        method = {"kind": "weighted_sum", "weights": {"task_0": first, "task_1": second}}
        trainer = Trainer(config(optimiser=optimiser, method=method), data)
        for _ in trainer.run():
            pass
        for split, mine in (("validation", found.validation), ("test", found.test)):
            reading = trainer.state.read(data.rows[split])
            trained = [at for at, weight in enumerate((first, second)) if weight]
            assert mine[lane][trained].tolist() == pytest.approx([reading.loss[at] for at in trained], abs=2e-4)


def test_how_many_lanes_are_trained_at_once_changes_nothing(monkeypatch, data):
    weights = front.grid_of(2, [0, 1], 5)
    together = train_side_by_side(config(stage_steps=10), data, weights)
    monkeypatch.setattr(side_by_side, "LANES_A_PASS", 2)
    monkeypatch.setattr(side_by_side, "ROWS_A_PASS", 100)
    apart = train_side_by_side(config(stage_steps=10), data, weights)
    for split in ("validation", "test"):
        assert getattr(apart, split).allclose(getattr(together, split), atol=1e-4)


def test_what_lanes_cannot_do_is_said(data):
    with pytest.raises(PrecedenceError, match=r"without a longest gradient; leave out optimiser\.clip"):
        train_side_by_side(config(optimiser={"clip": 1.0}), data, torch.ones(2, 2))


BRANCH = {"method.start": "branch", "method.start_together": "0.75", "method.together_decay": "0.5"}
FIELDS = {"stage_steps": "20", "evaluate_every": "5", "batch_size": "128", "model.trunk": "16", "model.dropout": "0"}


@pytest.mark.parametrize("method", [BRANCH, {"method.start_together": "0", "method.start": "warm"}])
def test_a_row_a_tolerance_sums_up_its_points(monkeypatch, data, method):
    monkeypatch.setattr(front, "load_dataset", lambda _: data)
    said = []
    settings = {"priority": "task_0,task_1", **FIELDS, **method}
    found = front.measure("census", (0.02, 0.2), 2, 5, 4, settings, said.append)
    assert [(row["tolerance"], row["seeds"], row["grid"]) for row in found["rows"]] == [(0.02, 2, 4), (0.2, 2, 4)]
    assert len(said) == len(found["points"]) == 4
    for row in found["rows"]:
        mine = [point for point in found["points"] if point["tolerance"] == row["tolerance"]]
        assert row["kept"] == 1  # on the validation rows every run keeps its bound
        for split in ("validation", "test"):
            lanes = [value for point in mine if (value := point[f"lane_{split}"]) is not None]
            assert row["regret_of_lane"][split] == (pytest.approx(sum(lanes) / len(lanes)) if lanes else None)
        assert row["within_alone"] == sum(point["over_alone"] <= row["tolerance"] for point in mine) / 2
        assert row["over_bound"] == pytest.approx(sum(point["over_bound"] for point in mine) / 2)
        assert row["compute_ratio"] == pytest.approx((50 if method is BRANCH else 40) / (4 * 40))


@pytest.fixture(scope="module")
def lists():
    made = synthetic_dataset(rows=1600, tasks=2, conflict=0.8)
    tasks = tuple(Task(name=name, title=name, kind="ranking", label=name) for name in ("task_0", "task_1"))
    card = made.description.card.model_copy(update={"tasks": tasks})
    described = made.description.model_copy(update={"card": card, "group": "list"})
    keys = {"list": torch.arange(1600, dtype=torch.int32) // 8}
    return weighted_in_lists(replace(made, description=described, keys=keys, mask=torch.ones_like(made.mask)))


RANKER = {"model.kind": "ranker", "model.trunk": "16", "model.dropout": "0", "stage_steps": "20", "evaluate_every": "5",
          "batch_size": "128", "priority": "task_0,task_1"}  # fmt: skip


def test_lists_side_by_side_are_runs_of_their_own(lists):
    """A list-wise loss divides a batch into its lists: the same for all lanes."""
    asked = front.from_query({"dataset.name": "esci150", "reference": "false", **RANKER, "model.loss": "listwise"})
    weights = torch.tensor([[1.0, 0.2], [1.0, 5.0]])
    plain = {**asked.model_dump(), "method": {"kind": "weighted_sum"}, "probe_every": 0}
    lanes = train_side_by_side(RunConfig.model_validate(plain), lists, weights)
    for lane, (_, second) in enumerate(weights.tolist()):
        method = {"kind": "weighted_sum", "weights": {"task_1": second}}
        trainer = Trainer(RunConfig.model_validate({**plain, "method": method}), lists)
        for _ in trainer.run():
            pass
        assert lanes.test[lane].tolist() == pytest.approx(trainer.state.read(lists.rows["test"]).loss, abs=1e-4)


def test_bounds_on_a_metric_have_a_regret_and_no_multiplier(monkeypatch, lists):
    monkeypatch.setattr(front, "load_dataset", lambda _: lists)
    found = front.measure("esci150", (0.05,), 1, 5, 4, RANKER, lambda _: None)
    (row,), (point,) = found["rows"], found["points"]
    assert point["kept"] is True
    assert row["regret"]["test"] == point["regret_test"]
    for name in ("multiplier", "at_rest", "over_bound"):
        assert row[name] is point[name] is None
    assert row["within_alone"] is None  # a share of the loss, the tolerance in points
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_point_is_a_run_of_its_own_and_its_regret_that_of_the_grid(monkeypatch, data):
    """The shared start changes nothing, and the grid is the one that was trained side by side."""
    monkeypatch.setattr(front, "load_dataset", lambda _: data)
    settings = {"priority": "task_0,task_1", **FIELDS, **BRANCH}
    point = front.measure("census", (0.02, 0.2), 1, 5, 4, settings, lambda _: None)["points"][1]
    base = front.from_query({"dataset.name": "census", "reference": "false", **settings})
    own = base.model_copy(update={"seed": 5, "tolerance": 0.2, "probe_every": 0})
    trainer = Trainer(own, data)
    for _ in trainer.run():
        pass
    assert point["losses_test"] == pytest.approx(trainer.state.read(data.rows["test"]).loss, abs=1e-6)
    plain = {**own.model_dump(), "method": {"kind": "weighted_sum"}, "stage_steps": 40}
    lanes = train_side_by_side(RunConfig.model_validate(plain), data, front.grid_of(2, [0, 1], 4))
    expected = regret(np.array(point["losses_test"]), lanes.test.double().numpy())
    assert point["regret_test"] == (None if expected is None else pytest.approx(expected, abs=1e-3))


def test_a_setting_of_the_grid_is_judged_against_the_others():
    """On the line from (1, 4) to (3, 2) the middle one at (2, 3.5) lies .5 above, of a range of 2; the first task alone
    has 1.9 in one seed and 1 in the other."""
    grid = torch.tensor([[1.0, 0.5], [1.0, 1.0], [1.0, 2.0]])
    losses = [[1.0, 4.0], [2.0, 3.5], [3.0, 2.0]]
    each = [Lanes(torch.tensor([*losses, [alone, 9.0]]), torch.tensor([*losses, [alone, 9.0]])) for alone in (1.9, 1.0)]
    found = settings_alone(each, grid, [0, 1], ["a", "b"], [0.1, 1.0])
    assert [one["weights"] for one in found] == [{"b": 0.5}, {"b": 1.0}, {"b": 2.0}]
    assert found[1]["regret"] == {"validation": pytest.approx(0.25), "test": pytest.approx(0.25)}
    assert found[0]["regret"]["test"] is None  # no other setting has as little of the first task's loss
    assert found[1]["over_alone"] == pytest.approx((2 / 1.9 - 1 + 1) / 2)
    assert found[1]["within_alone"] == {"0.1": 0.5, "1": 1.0}


def test_a_grid_has_every_mixture_of_its_values():
    grid = front.grid_of(4, [2, 0, 1], 9)
    assert grid.shape == (9, 4)
    assert grid[:, 2].tolist() == [1.0] * 9
    assert grid[:, 3].tolist() == [0.0] * 9
    assert len(grid.unique(dim=0)) == 9
    assert grid[:, [0, 1]].min() == pytest.approx(0.02)
    assert grid[:, [0, 1]].max() == pytest.approx(50)


def test_one_task_alone_has_no_front():
    with pytest.raises(PrecedenceError, match="'relevance' alone has no task below it; name at least two"):
        front.measure("shop", (0.01,), 1, 5, 4, {"priority": "relevance"}, lambda _: None)


def test_a_method_without_bounds_has_no_front():
    with pytest.raises(PrecedenceError, match="'famo' keeps no bounds"):
        front.measure("shop", (0.01,), 1, 5, 4, {"method.kind": "famo"}, lambda _: None)


LANES = torch.tensor([[1.0, 0.1], [1.0, 3.0], [1.0, 0.0]])


def kept(data, folder, said, weights=LANES, **changes):
    return grids.trained_or_kept(config(stage_steps=5, evaluate_every=5, **changes), data, weights, folder, said.append)


def test_a_kept_grid_is_read_instead_of_trained(monkeypatch, data, tmp_path):
    folder, said = tmp_path / "some" / "grids", []
    trained = kept(data, folder, said)
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(grids, "train_side_by_side", lambda *_: pytest.fail("trained again"))
    # of what a lane does not depend on
    method = {"kind": "nmt", "start": "branch"}
    found = kept(data, folder, said, tolerance=0.3, method=method, probe_every=7, optimiser={"later_rate": 0.5})
    for split in ("validation", "test"):
        assert getattr(found, split).equal(getattr(trained, split))
    assert said == []


@pytest.mark.parametrize(
    "changes",
    [{"seed": 5}, {"batch_size": 64}, {"optimiser": {"learning_rate": 0.1}}, {"model": {"trunk": (8,)}}],
    ids=lambda changes: next(iter(changes)),
)
def test_another_grid_is_another_file(data, tmp_path, changes):
    kept(data, tmp_path, [])
    kept(data, tmp_path, [], **changes)
    assert len(list(tmp_path.iterdir())) == 2


def test_other_weights_and_other_data_are_other_grids(data):
    other = synthetic_dataset(rows=2000, tasks=2, regression=True, seed=1)
    keys = {grids.key_of(config(), data, LANES), grids.key_of(config(), data, 2 * LANES)}
    assert len(keys | {grids.key_of(config(), other, LANES)}) == 3


@pytest.mark.parametrize("bad", ["", "[]", "swapped", "fewer lanes", "uneven"])
def test_a_file_that_is_no_grid_is_said_and_made_anew(data, tmp_path, bad):
    trained = kept(data, tmp_path, [])
    (file,) = tmp_path.iterdir()
    good = file.read_text()
    record = read_record(grids.KeptGrid, file, "")
    changed = {
        "swapped": {"key": "f" * 24},
        "fewer lanes": {"test": record.test[1:]},
        "uneven": {"test": [*record.test[1:], [0.1]]},
    }.get(bad)
    file.write_text(record_text(record.model_copy(update=changed)) if changed else bad)
    said = []
    assert kept(data, tmp_path, said).test.equal(trained.test)
    assert len(said) == 1
    assert said[0].endswith("; the grid is trained anew.")
    assert file.read_text() == good


def test_a_grid_of_a_later_program_is_left_alone(data, tmp_path):
    kept(data, tmp_path, [])
    (file,) = tmp_path.iterdir()
    file.write_text('{"schema":999,"key":"a"}')
    with pytest.raises(PrecedenceError, match="written by a later version"):
        kept(data, tmp_path, [])
    assert "999" in file.read_text()


def test_a_folder_that_cannot_be_made_is_said(data, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PrecedenceError, match="cannot be written"):
        kept(data, tmp_path / "file" / "grids", [])
