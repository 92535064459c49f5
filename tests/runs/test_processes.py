"""Real worker processes over a home in a temporary folder: steering, crashes, resuming, taking turns."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.events.events import Changed, Finished, Started, Step
from core.runs.environment import NICER
from core.runs.folder.run_folder import RunFolder
from core.runs.workers import registry
from core.runs.workers.pool import wanted_workers
from core.runs.workers.registry import worker_folders
from core.training.knobs import Knobs
from tests.runs.support import MOST_RUNS, quick, wait_until


def steps_of(folder):
    return [event.step for event in folder.events() if isinstance(event, Step)]


def reaches(supervisor, run_id, *states):
    wait_until(lambda: supervisor.status(run_id).state in states)
    return supervisor.status(run_id)


def test_a_run_goes_from_the_queue_to_its_result(supervisor):
    run_id = supervisor.submit(quick(30))
    status = reaches(supervisor, run_id, "finished")
    folder = RunFolder(supervisor.home, run_id)
    events = folder.events()
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert steps_of(folder) == list(range(1, 31))
    assert folder.result() == events[-1]
    assert (status.step, status.most_steps, status.device, status.error) == (30, 30, "cpu", None)


def test_pause_step_run_and_stop(supervisor):
    run_id = supervisor.submit(quick(100_000))
    wait_until(lambda: supervisor.status(run_id).step > 5)
    supervisor.command(run_id, "pause")
    paused = reaches(supervisor, run_id, "paused")
    for _ in range(2):  # two single orders and one of three: five steps, no more
        supervisor.command(run_id, "step")
    supervisor.command(run_id, "step", steps=3)
    wait_until(lambda: supervisor.status(run_id).step == paused.step + 5)
    folder = RunFolder(supervisor.home, run_id)
    assert steps_of(folder) == list(range(1, paused.step + 6))
    supervisor.command(run_id, "run")
    wait_until(lambda: supervisor.status(run_id).step > paused.step + 20)
    supervisor.command(run_id, "stop")
    stopped = reaches(supervisor, run_id, "stopped")
    assert steps_of(folder) == list(range(1, stopped.step + 1))
    with pytest.raises(PrecedenceError, match="resume it first"):
        supervisor.command(run_id, "pause")


def test_slow_motion_does_not_hold_up_other_runs(supervisor):
    slow = supervisor.submit(quick(100_000))
    supervisor.pace(slow, 2.0)
    other = supervisor.submit(quick(200))
    reaches(supervisor, other, "finished")
    wait_until(lambda: supervisor.status(slow).step > 0)
    assert supervisor.status(slow).step < 200
    with pytest.raises(PrecedenceError, match="pace"):
        supervisor.pace(slow, -1)


def test_an_edit_is_applied_once_and_an_unfit_one_is_refused_in_words(supervisor):
    run_id = supervisor.submit(quick(100_000))
    supervisor.edit(run_id, Knobs(learning_rate=0.5))
    wait_until(lambda: supervisor.status(run_id).step > 5)
    supervisor.edit(run_id, Knobs(dual_rate=2.0))
    wait_until(lambda: "only a learning rate" in supervisor.status(run_id).note)
    assert supervisor.status(run_id).state == "running"
    changes = [e for e in RunFolder(supervisor.home, run_id).events() if isinstance(e, Changed)]
    assert [(change.what, change.new) for change in changes] == [("learning_rate", "0.5")]


def test_a_run_that_fails_says_one_sentence_and_leaves_the_others_running(supervisor):
    well = supervisor.submit(quick(300))
    poison, defect = supervisor.submit(quick(name="poison")), supervisor.submit(quick(name="defect"))
    absent = supervisor.submit(quick(dataset=DatasetChoice(name="absent")))
    assert reaches(supervisor, poison, "failed").error.startswith("The loss of 'a' became nan")
    assert "IndexError" in reaches(supervisor, defect, "failed").error
    assert "There is no data set" in reaches(supervisor, absent, "failed").error
    reaches(supervisor, well, "finished")
    assert steps_of(RunFolder(supervisor.home, poison)) == [1, 2, 3, 4]


def test_a_slow_data_set_stalls_nobody(supervisor):
    slow = supervisor.submit(quick(dataset=DatasetChoice(name="slow")))
    other = supervisor.submit(quick(20))
    reaches(supervisor, other, "finished")
    waiting = RunFolder(supervisor.home, slow).status()
    assert waiting.state in ("queued", "starting", "running", "finished")
    reaches(supervisor, slow, "finished")


def test_a_killed_worker_shows_as_crashed_and_the_resumed_run_has_every_step_once(supervisor):
    undisturbed = supervisor.submit(quick(4000, seed=7))
    reaches(supervisor, undisturbed, "finished")
    run_id = supervisor.submit(quick(4000, seed=7))
    wait_until(lambda: supervisor.status(run_id).step > 100)
    supervisor.command(run_id, "pause")  # a checkpoint
    reaches(supervisor, run_id, "paused")
    supervisor.command(run_id, "run")
    at_checkpoint = supervisor.status(run_id).step
    wait_until(lambda: supervisor.status(run_id).step > at_checkpoint + 100)
    os.kill(supervisor.status(run_id).worker_pid, signal.SIGKILL)
    crashed = reaches(supervisor, run_id, "crashed")
    assert "resume" in crashed.error
    folder = RunFolder(supervisor.home, run_id)
    assert len(steps_of(folder)) > at_checkpoint
    supervisor.resume(run_id)
    reaches(supervisor, run_id, "finished")
    assert folder.lowest_cut() is not None  # steps after the checkpoint were written twice, and cut out once
    assert steps_of(folder) == list(range(1, 4001))
    assert folder.log.read_bytes() == RunFolder(supervisor.home, undisturbed).log.read_bytes()
    assert folder.result() == RunFolder(supervisor.home, undisturbed).result()


def test_a_new_server_finds_the_worker_of_a_killed_one(make_supervisor):
    first = make_supervisor()
    run_id = first.submit(quick(100_000))
    wait_until(lambda: first.status(run_id).step > 5)
    before = first.status(run_id).worker_pid
    first._watch._closing.set()  # as if killed: no good-bye
    second = make_supervisor()
    assert second.status(run_id).state == "running"
    assert second.run_of_token(second.token(run_id)) == run_id
    second.command(run_id, "pause")
    assert reaches(second, run_id, "paused").worker_pid == before
    assert len(worker_folders(second.home)) == 1


def test_more_runs_than_places_wait_with_their_position(make_supervisor):
    supervisor = make_supervisor()
    held = [supervisor.submit(quick(1_000_000)) for _ in range(MOST_RUNS)]
    for run_id in held:
        wait_until(lambda run_id=run_id: supervisor.status(run_id).step > 0)  # all of them move
    waiting = [supervisor.submit(quick(10)) for _ in range(3)]
    assert [supervisor.status(run_id).queue_position for run_id in waiting] == [1, 2, 3]
    supervisor.command(waiting[1], "stop")
    assert supervisor.status(waiting[1]).state == "stopped"
    assert supervisor.status(waiting[2]).queue_position == 2
    supervisor.command(held[0], "stop")
    reaches(supervisor, waiting[0], "finished")
    reaches(supervisor, waiting[2], "finished")


def test_two_workers_share_the_runs(make_supervisor):
    supervisor = make_supervisor(workers=2)
    first = supervisor.submit(quick(1_000_000))

    def both_ready():
        found = [folder.status() for folder in worker_folders(supervisor.home)]
        return len(found) == 2 and all(status and status.ready for status in found)

    wait_until(both_ready)  # the second is started because the first is busy
    more = [supervisor.submit(quick(1_000_000)) for _ in range(3)]
    wait_until(lambda: all(supervisor.status(run_id).step > 0 for run_id in more))
    assert len({supervisor.status(run_id).worker for run_id in (first, *more)}) == 2


def test_finished_runs_are_reported_once(make_supervisor):
    reported = []
    supervisor = make_supervisor(finished=reported.append)
    run_id = supervisor.submit(quick(5))
    wait_until(lambda: reported)
    supervisor.tick()
    assert reported == [run_id]


def test_workers_end_after_a_good_bye(make_supervisor):
    supervisor = make_supervisor()
    wait_until(lambda: any((s := f.status()) and s.ready for f in worker_folders(supervisor.home)))
    supervisor.close()
    wait_until(lambda: not worker_folders(supervisor.home))


def test_a_silent_worker_counts_as_crashed_and_is_ended_before_its_run_goes_on(supervisor, monkeypatch):
    monkeypatch.setattr(registry, "SILENT_AFTER", 3.0)
    run_id = supervisor.submit(quick(3000))
    wait_until(lambda: supervisor.status(run_id).step > 5)
    silent = supervisor.status(run_id).worker_pid
    os.kill(silent, signal.SIGSTOP)
    reaches(supervisor, run_id, "crashed")
    assert psutil.pid_exists(silent)
    supervisor.resume(run_id)
    reaches(supervisor, run_id, "finished")
    assert not psutil.pid_exists(silent) or psutil.Process(silent).status() == psutil.STATUS_ZOMBIE
    assert steps_of(RunFolder(supervisor.home, run_id)) == list(range(1, 3001))


def test_a_worker_that_only_slept_is_believed_again(supervisor, monkeypatch):
    monkeypatch.setattr(registry, "SILENT_AFTER", 3.0)
    run_id = supervisor.submit(quick(1_000_000))
    wait_until(lambda: supervisor.status(run_id).step > 5)
    worker = supervisor.status(run_id).worker_pid
    os.kill(worker, signal.SIGSTOP)
    reaches(supervisor, run_id, "crashed")
    os.kill(worker, signal.SIGCONT)
    assert reaches(supervisor, run_id, "running").worker_pid == worker


def test_workers_of_an_older_program_take_no_more_runs(make_supervisor):
    first = make_supervisor()
    run_id = first.submit(quick(1_000_000))
    wait_until(lambda: first.status(run_id).step > 5)
    old = first.status(run_id).worker
    first.close()
    second = make_supervisor(start=False)
    second.pool._code = "a newer state of the program"
    second.start()
    other = second.submit(quick(20))
    assert reaches(second, other, "finished").worker != old
    assert second.status(run_id).state == "running"
    second.command(run_id, "stop")
    wait_until(lambda: old not in [folder.worker_id for folder in worker_folders(second.home)])


def test_workers_that_cannot_start_are_told_in_a_sentence(make_supervisor, tmp_path):
    supervisor = make_supervisor(command=(sys.executable, "-c", "raise SystemExit(1)"))
    run_id = supervisor.submit(quick())
    wait_until(lambda: "end as soon as they start" in supervisor.status(run_id).note)
    assert supervisor.status(run_id).state == "queued"


def test_what_cannot_be_is_refused_in_a_sentence(supervisor):
    with pytest.raises(PrecedenceError, match="no run named"):
        supervisor.status("calm-otter")
    with pytest.raises(PrecedenceError, match="not the name of a run"):
        supervisor.command("../../etc", "stop")
    run_id = supervisor.submit(quick(5))
    with pytest.raises(PrecedenceError, match="1 to 100000"):
        supervisor.command(run_id, "step", steps=0)
    reaches(supervisor, run_id, "finished")
    with pytest.raises(PrecedenceError, match="start a new one"):
        supervisor.edit(run_id, Knobs(learning_rate=0.1))
    with pytest.raises(PrecedenceError, match="only a crashed, stopped or failed run"):
        supervisor.resume(run_id)
    assert supervisor.run_of_token("x" * 32) is None


def test_a_stopped_run_goes_on_where_it_was(supervisor):
    run_id = supervisor.submit(quick(4000))
    wait_until(lambda: supervisor.status(run_id).step > 20)
    supervisor.command(run_id, "stop")
    stopped_at = reaches(supervisor, run_id, "stopped").step
    supervisor.resume(run_id)
    reaches(supervisor, run_id, "finished")
    folder = RunFolder(supervisor.home, run_id)
    assert 0 < stopped_at < 4000
    assert steps_of(folder) == list(range(1, 4001))
    assert folder.lowest_cut() is None


def test_a_worker_gives_way_to_the_server(supervisor):
    """With all its threads: whoever waits for a page never waits for a step."""
    wait_until(lambda: any((status := folder.status()) and status.ready for folder in worker_folders(supervisor.home)))
    worker = worker_folders(supervisor.home)[0].status().pid
    threads = [int(entry.name) for entry in Path(f"/proc/{worker}/task").iterdir()]
    expected = min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICER)
    assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {expected}


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "65"])
def test_a_wrong_number_of_workers_is_refused(monkeypatch, text):
    monkeypatch.setenv("PRECEDENCE_WORKERS", text)
    with pytest.raises(PrecedenceError, match="whole number from 1 to 64"):
        wanted_workers()
