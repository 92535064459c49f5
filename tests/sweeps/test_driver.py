"""A sweep over real worker processes: to its end, paused, cancelled, and through the death of worker and server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.workers.registry import worker_folders
from core.sweeps.description import parse_sweep
from core.sweeps.folder import SweepFolder, sweep_ids
from core.sweeps.progress import progress_of
from core.sweeps.service import Sweeps
from tests.runs.support import quick, wait_until

ROOT = Path(__file__).resolve().parents[2]
TASKS = ("a", "b")
SERVER = """
import sys, time
from pathlib import Path
from core.runs.workers.supervisor import Supervisor
from core.sweeps.service import Sweeps
supervisor = Supervisor(Path(sys.argv[1]), 2, command=(sys.executable, sys.argv[2]))
supervisor.start()
Sweeps(supervisor).start()
time.sleep(600)
"""


def grid(points=6, steps=40, **fields):
    base = quick(steps)
    return parse_sweep({"base": base, "seeds": tuple(range(points)), **fields}, "sweep")


def drive(sweeps, sweep_id, true):
    folder = SweepFolder(sweeps.home, sweep_id)

    def look():
        sweeps.tick()
        return true(folder)

    wait_until(look)
    return folder


def over(folder):
    return folder.is_over()


def results(folder):
    return {
        record.run_id: (RunFolder(folder.home, record.run_id).path / "result.json").stat().st_mtime_ns
        for record in folder.records()
        if record.state == "finished"
    }


def losses(folder):
    return [RunFolder(folder.home, record.run_id).result().tasks["a"].loss for record in folder.records()]


def test_every_point_is_trained_once_and_told(make_supervisor):
    told = []
    sweeps_supervisor = make_supervisor()
    sweeps = Sweeps(sweeps_supervisor, finished=told.append)
    folder = drive(sweeps, sweeps.submit(grid(), TASKS), over)
    records = folder.records()
    assert [record.state for record in records] == ["finished"] * 6
    assert sorted(told) == sorted(record.run_id for record in records) == sorted(run_ids(folder.home))
    assert len(set(losses(folder))) == 6
    for point, record in zip(folder.grid().points, records, strict=True):
        run = RunFolder(folder.home, record.run_id)
        assert run.config().seed == point.config.seed
        assert run.about().sweep == folder.sweep_id
    assert sweeps_supervisor.runs() == []  # the list of runs is for what a person started one by one
    progress = progress_of(folder)
    assert (progress.done, progress.points, progress.over, progress.left) == (6, 6, True, None)
    with pytest.raises(PrecedenceError, match="is over"):
        sweeps.order(folder.sweep_id, "pause")
    sweeps.close()


def test_no_more_points_go_on_than_there_is_room_for(make_supervisor):
    sweeps = Sweeps(make_supervisor(), slots=2)
    most = 0

    def look(folder):
        nonlocal most
        most = max(most, sum(record.state == "training" for record in folder.records()))
        return folder.is_over()

    drive(sweeps, sweeps.submit(grid(8), TASKS), look)
    assert most == 2
    sweeps.close()


def test_pause_holds_every_point_and_run_goes_on(make_supervisor):
    sweeps = Sweeps(make_supervisor())
    sweep_id = sweeps.submit(grid(4, 2000), TASKS)
    folder = drive(sweeps, sweep_id, lambda folder: any(r.state == "training" for r in folder.records()))
    sweeps.order(sweep_id, "pause")
    running = [r.run_id for r in folder.records() if r.state == "training"]
    drive(sweeps, sweep_id, lambda _: all(RunFolder(folder.home, r).status().state == "paused" for r in running))
    steps = [RunFolder(folder.home, r).status().step for r in running]
    for _ in range(20):
        sweeps.tick()
    assert [RunFolder(folder.home, r).status().step for r in running] == steps
    assert sum(r.state == "waiting" for r in folder.records()) == 4 - len(running)
    sweeps.order(sweep_id, "run")
    drive(sweeps, sweep_id, over)
    assert [record.state for record in folder.records()] == ["finished"] * 4
    sweeps.close()


def test_cancel_keeps_what_is_finished(make_supervisor):
    sweeps = Sweeps(make_supervisor())
    sweep_id = sweeps.submit(grid(8, 200), TASKS)
    folder = drive(sweeps, sweep_id, lambda folder: any(r.state == "finished" for r in folder.records()))
    sweeps.order(sweep_id, "cancel")
    with pytest.raises(PrecedenceError, match="being cancelled"):
        sweeps.order(sweep_id, "run")
    drive(sweeps, sweep_id, over)
    states = {record.state for record in folder.records()}
    assert states == {"finished", "cancelled"}
    sweeps.close()


def test_a_point_that_fails_says_why_and_leaves_the_others(make_supervisor):
    sweeps = Sweeps(make_supervisor())
    absent = quick(20, dataset=DatasetChoice(name="absent"))
    folder = drive(sweeps, sweeps.submit(parse_sweep({"base": absent, "seeds": (0, 1)}, "sweep"), TASKS), over)
    assert [record.state for record in folder.records()] == ["failed"] * 2
    assert "There is no data set" in folder.records()[0].problem
    sweeps.close()


def test_a_killed_worker_loses_no_finished_point_and_repeats_at_most_what_it_held(make_supervisor):
    sweeps = Sweeps(make_supervisor(workers=1), slots=1)
    sweep_id = sweeps.submit(grid(5, 150), TASKS)
    folder = drive(sweeps, sweep_id, lambda folder: len(results(folder)) >= 2)
    before = results(folder)
    drive(sweeps, sweep_id, lambda folder: any(r.state == "training" for r in folder.records()))
    for worker in worker_folders(folder.home):
        os.kill(worker.status().pid, signal.SIGKILL)
    drive(sweeps, sweep_id, over)
    records = folder.records()
    assert [record.state for record in records] == ["finished"] * 5
    assert before.items() <= results(folder).items()
    assert sum(record.tries - 1 for record in records) <= 1
    assert len(run_ids(folder.home)) == 5
    sweeps.close()


def test_a_killed_server_loses_no_finished_point_and_the_next_one_goes_on(home):
    def server():
        program = [sys.executable, "-c", SERVER, str(home), str(ROOT / "tests" / "runs" / "double.py")]
        return subprocess.Popen(program, cwd=ROOT, start_new_session=True)

    folder = SweepFolder.create(home, grid(6, 250), TASKS)
    first = server()
    wait_until(lambda: len(results(folder)) >= 2)
    before = results(folder)
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = server()
    try:
        wait_until(folder.is_over)
    finally:
        second.kill()
        second.wait()
    records = folder.records()
    assert [record.state for record in records] == ["finished"] * 6
    assert before.items() <= results(folder).items()
    assert sorted(run_ids(home)) == sorted(record.run_id for record in records)  # nothing was trained beside the sweep
    for record in records:
        steps = [event.step for event in RunFolder(home, record.run_id).events() if event.kind == "step"]
        assert steps == list(range(1, 251))


def test_one_sweep_has_one_driver(make_supervisor):
    supervisor = make_supervisor()
    one, other = Sweeps(supervisor), Sweeps(supervisor)
    sweep_id = one.submit(grid(3, 100), TASKS)
    folder = SweepFolder(one.home, sweep_id)
    one.tick()
    for _ in range(5):
        other.tick()
    assert sum(record.tries for record in folder.records()) == 2  # one's two slots, nothing of the other
    one.close()
    drive(other, sweep_id, over)
    assert len(run_ids(folder.home)) == 3
    other.close()


def test_a_refused_sweep_leaves_nothing(make_supervisor, monkeypatch):
    monkeypatch.delenv("PRECEDENCE_RAY_ADDRESS", raising=False)
    sweeps = Sweeps(make_supervisor())
    with pytest.raises(PrecedenceError, match="PRECEDENCE_RAY_ADDRESS"):
        sweeps.submit(grid(workers="ray"), TASKS)
    with pytest.raises(PrecedenceError, match="'z'"):
        sweeps.submit(grid(tolerances={"z": (0.1,)}), TASKS)
    assert sweep_ids(sweeps.home) == []
    with pytest.raises(PrecedenceError, match="no sweep named"):
        SweepFolder(sweeps.home, "brisk-otter-abcd").config()
    sweeps.close()


def test_a_sweep_that_cannot_be_led_says_why_and_holds_up_no_other(make_supervisor, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_RAY_ADDRESS", "127.0.0.1:1")
    sweeps = Sweeps(make_supervisor())
    far = SweepFolder.create(sweeps.home, grid(2, workers="ray"), TASKS)
    monkeypatch.setattr("core.sweeps.service.RayCluster", refuse)
    near = drive(sweeps, sweeps.submit(grid(2), TASKS), over)
    assert near.is_over()
    assert sweeps.trouble(far.sweep_id) == "The Ray cluster does not answer."
    assert sweeps.trouble(near.sweep_id) == ""
    assert {record.state for record in far.records()} == {"waiting"}
    sweeps.close()


def refuse(home, address):
    raise PrecedenceError("The Ray cluster does not answer.")
