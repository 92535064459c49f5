"""Run folders as earlier programs wrote them: they open, go on, and end as they would have ended then."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import torch

from core.events.events import Changed, Finished, Started
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.shared_stages import read_branched, read_start
from core.runs.library import Library
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.torch_engine import TorchEngine
from core.sweeps.folder import SweepFolder, sweep_ids
from core.sweeps.outcome import outcome_of
from core.training.checkpoint import kept_weights
from tests.fixtures.machine import machine

FORMS = sorted((Path(__file__).parents[1] / "fixtures").glob("runs_*"))
FINISHED = ("nmt-whole", "nmt-edited", "mixed-tasks", "cograd", "pcgrad")
CLOSE = {"rel": 1e-4, "abs": 1e-5}  # another CPU rounds otherwise: about 1e-6 at the end of these runs


@pytest.fixture(params=FORMS, ids=lambda path: path.name)
def home(request, tmp_path, monkeypatch):
    """A copy, to be written to."""
    copied = tmp_path / "home"
    shutil.copytree(request.param, copied)
    monkeypatch.setenv("PRECEDENCE_HOME", str(copied))
    monkeypatch.chdir(copied)
    return copied


def said(folder):
    """Everything but the clock, and the form in which it was written."""
    return [event.model_dump(exclude={"seconds", "version"}) for event in folder.events()]


def same_machine(home):
    return (home / "machine.txt").read_text().strip() == machine()


def is_close(one, other):
    """Nested values alike but for rounding."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        return all(is_close(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_close, one, other))
    return other == pytest.approx(one, **CLOSE) if isinstance(one, float) else one == other


def assert_ends_alike(one, other, bit_for_bit):
    """The kept model, the results and the last event of two run folders."""
    mine, theirs = kept_weights(one.checkpoint), kept_weights(other.checkpoint)
    assert mine.keys() == theirs.keys()
    ends = [{name: task.model_dump() for name, task in run.result().tasks.items()} for run in (one, other)]
    if bit_for_bit:
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
        assert ends[0] == ends[1]
        assert said(one) == said(other)
    else:
        assert all(torch.allclose(mine[name], theirs[name], rtol=1e-3, atol=1e-4) for name in mine)
        assert is_close(*ends)


def trained_anew(home, run_id):
    """A run of the same config, by the program of today."""
    folder = RunFolder.create(home, RunFolder(home, run_id).config(), f"{run_id}-anew")
    assert run_to_completion(home, folder.run_id, TorchEngine()) == "finished", folder.status().error
    return folder


def test_every_folder_opens(home):
    assert set(FINISHED) < set(run_ids(home))
    for run_id in run_ids(home):
        folder = RunFolder(home, run_id)
        log = folder.events()
        assert len(log) == len(folder.log.read_bytes().splitlines())  # no line is passed over
        assert isinstance(log[0], Started)
        assert folder.config().dataset.name in ("shop", "own")
        assert folder.is_steered_by(folder.control_key())
        state = folder.status().state
        assert state == ("stopped" if run_id == "nmt-cut" else "finished")
        assert (folder.result() is None) == (state == "stopped")
        if state == "finished":
            last = log[-1]
            assert isinstance(last, Finished)
            assert last.tasks == folder.result().tasks
            assert set(last.tasks) == set(folder.config().priority)


def test_the_library_lists_what_it_listed(home):
    library = Library(home)
    try:
        assert {run.run_id for run in library.list()} == set(run_ids(home)) - {"nmt-cut"}
        assert library.take_in() == 0
        for run in library.list():
            result = RunFolder(home, run.run_id).result()
            assert library.result(run.run_id) == result.tasks
            assert "loss/relevance" in (curves := library.curves(run.run_id)) or "loss/kind" in curves
            assert run.steps == result.step
    finally:
        library.close()


def test_a_library_made_anew_says_the_same(home):
    before = Library(home)
    rows = {run.run_id: (run, before.result(run.run_id)) for run in before.list()}
    before.close()
    os.remove(home / "library.duckdb")
    library = Library(home)
    try:
        library.take_in()
        assert {run.run_id: (run, library.result(run.run_id)) for run in library.list()} == rows
    finally:
        library.close()


def test_results_of_every_kind_of_task_are_there(home):
    tasks = RunFolder(home, "mixed-tasks").result().tasks
    assert all(result.metric is not None and result.single_task_metric is not None for result in tasks.values())
    assert 0.5 < tasks["bought"].metric < 1
    assert 0 < tasks["rating"].metric < 3
    assert 0.3 < tasks["kind"].metric < 1


def test_edits_are_read(home):
    folder = RunFolder(home, "nmt-edited")
    changes = [event.what for event in folder.events() if isinstance(event, Changed)]
    assert changes == ["tolerances.relevance", "priority", "learning_rate", "dual_rate"]
    assert [edit.version for edit in folder.control().edits] == [1, 2]
    assert folder.applied() == 2


def test_a_sweep_opens(home):
    (sweep_id,) = sweep_ids(home)
    folder = SweepFolder(home, sweep_id)
    outcome = outcome_of(folder)
    assert [point.state for point in outcome.points] == ["finished"] * 4
    taken = [read_branched(RunFolder(home, record.run_id).path).stages for record in folder.records()]
    assert sorted(taken) == [0, 0, 1, 1]


@pytest.mark.parametrize("run_id", ["nmt-whole", "mixed-tasks", "cograd", "pcgrad"])
def test_the_same_config_ends_as_it_ended(home, run_id):
    assert_ends_alike(trained_anew(home, run_id), RunFolder(home, run_id), same_machine(home))


def test_a_cut_run_goes_on_and_ends_as_if_it_had_not_been_cut(home):
    cut = RunFolder(home, "nmt-cut")
    assert run_to_completion(home, "nmt-cut", TorchEngine()) == "finished", cut.status().error
    whole = RunFolder(home, "nmt-whole")
    assert_ends_alike(cut, trained_anew(home, "nmt-whole"), same_machine(home))
    assert_ends_alike(cut, whole, same_machine(home))


def test_a_stage_in_common_is_still_a_start(home):
    """A new run of a point's config that begins at the stage end of then has the point's bits."""
    (sweep_id,) = sweep_ids(home)
    for record in SweepFolder(home, sweep_id).records():
        point = RunFolder(home, record.run_id)
        if read_branched(point.path).stages == 0:
            continue
        folder = RunFolder.create(home, point.config(), f"{point.run_id}-anew", start=read_start(point.path))
        assert run_to_completion(home, folder.run_id, TorchEngine()) == "finished", folder.status().error
        assert read_branched(folder.path).stages >= 1
        assert_ends_alike(folder, point, same_machine(home))
