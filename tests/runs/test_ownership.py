"""A run has one owner and one truth: whoever else comes leaves it alone, and what was damaged is noticed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import psutil
import pytest

from core.errors import PrecedenceError
from core.events.events import Step
from core.runs.folder import run_folder
from core.runs.folder.owner import Owner, RunTakenError, is_owned
from core.runs.folder.run_folder import RunFolder
from core.runs.library import Library
from core.runs.workers import registry
from core.runs.workers.registry import Heartbeat, Queue, WorkerFolder
from core.runs.workers.run_driver import RunDriver
from core.runs.workers.run_to_completion import run_to_completion
from tests.conftest import MOST_SECONDS, ROOT
from tests.runs.double import DoubleEngine
from tests.runs.support import quick, wait_until


def steps_of(folder: RunFolder) -> list[int]:
    return [event.step for event in folder.events() if isinstance(event, Step)]


def driver(folder: RunFolder) -> RunDriver:
    data: Future = Future()
    data.set_result(None)
    return RunDriver(folder, DoubleEngine(), data, "worker-test")


def test_one_process_owns_a_run(tmp_path):
    folder = RunFolder.create(tmp_path, quick(5))
    assert not is_owned(folder.path)
    first = Owner(folder.path)
    assert is_owned(folder.path)
    with pytest.raises(RunTakenError, match=f"trained by another process already .{os.getpid()}"):
        Owner(folder.path)
    with pytest.raises(RunTakenError):
        driver(folder)
    first.release()
    run = driver(folder)
    while not run.ended:
        run.turn(0.1)
    assert not is_owned(folder.path)
    assert steps_of(folder) == list(range(1, 6))
    with pytest.raises(RunTakenError, match="is finished"):
        driver(folder)


def test_a_run_that_waits_twice_is_trained_once(make_supervisor):
    supervisor = make_supervisor(workers=2)
    folder = RunFolder.create(supervisor.home, quick(300))
    for _ in range(3):  # as after a take-up in two servers at once
        (supervisor.home / "queue").mkdir(exist_ok=True)
        (supervisor.home / "queue" / f"{time.time_ns():020d}-{folder.run_id}").touch()
    wait_until(lambda: supervisor.status(folder.run_id).state == "finished")
    wait_until(lambda: not Queue(supervisor.home).waiting())
    wait_until(lambda: not any(worker.holds(folder.run_id) for worker in registry.worker_folders(supervisor.home)))
    assert steps_of(folder) == list(range(1, 301))
    assert supervisor.status(folder.run_id).state == "finished"


def test_resume_pressed_by_many_at_once_resumes_once(make_supervisor):
    supervisor = make_supervisor(workers=2)
    other = make_supervisor(start=False)  # as in another server of the same home
    run_id = supervisor.submit(quick(2000))
    wait_until(lambda: supervisor.status(run_id).step > 5)
    supervisor.command(run_id, "stop")
    wait_until(lambda: supervisor.status(run_id).state == "stopped")
    refused = []

    def press(which):
        try:
            which.resume(run_id)
        except PrecedenceError as error:
            refused.append(str(error))

    pressed = [threading.Thread(target=press, args=(which,)) for which in (supervisor, other) * 4]
    for one in pressed:
        one.start()
    for one in pressed:
        one.join()
    assert len(refused) == 7
    assert "only a crashed, stopped or failed run can be resumed" in refused[0]
    wait_until(lambda: supervisor.status(run_id).state == "finished")
    assert steps_of(RunFolder(supervisor.home, run_id)) == list(range(1, 2001))


RESUMES = """
import sys, time
from pathlib import Path
from core.errors import PrecedenceError
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.supervisor import Supervisor
from tests.runs.double import DoubleEngine
way, home, run_id, at = sys.argv[1], Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])
supervisor, engine = Supervisor(home, 1), DoubleEngine()
time.sleep(max(0, at - time.time()))
try:
    if way == "resume":
        supervisor.resume(run_id)
    else:
        run_to_completion(home, run_id, engine)
    print("did")
except PrecedenceError as error:
    print(error)
"""


@pytest.mark.parametrize("others", [("resume", "resume"), ("resume", "train"), ("train", "train")])
def test_a_run_that_is_resumed_at_one_moment_by_tabs_and_other_processes_has_every_step_once(make_supervisor, others):
    """Two tabs of this server, and two processes of the same home: another server, or a command that trains it."""
    supervisor = make_supervisor(workers=2)
    run_id = supervisor.submit(quick(600))
    folder = RunFolder(supervisor.home, run_id)
    wait_until(lambda: supervisor.status(run_id).step > 5)
    supervisor.command(run_id, "stop")
    wait_until(lambda: supervisor.status(run_id).state == "stopped")
    at = time.time() + 3
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RESUMES, way, str(supervisor.home), run_id, str(at)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for way in others
    ]  # fmt: skip
    said = []

    def press() -> None:
        time.sleep(max(0.0, at - time.time()))
        try:
            supervisor.resume(run_id)
            said.append("did")
        except PrecedenceError as error:
            said.append(str(error))

    tabs = [threading.Thread(target=press) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    said += [process.communicate(timeout=MOST_SECONDS)[0].strip() for process in processes]
    assert all(process.returncode == 0 for process in processes)
    wait_until(lambda: supervisor.status(run_id).state == "finished")
    assert steps_of(folder) == list(range(1, 601))
    if others == ("resume", "resume"):
        assert said.count("did") == 1
    assert all(one == "did" or one.startswith("Run ") for one in said), said
    wait_until(lambda: not Queue(supervisor.home).waiting() and not is_owned(folder.path))
    assert supervisor.status(run_id).state == "finished"


def test_a_process_of_its_own_waits_for_the_worker_that_has_the_run(supervisor):
    run_id = supervisor.submit(quick(400))
    wait_until(lambda: supervisor.status(run_id).step > 5)
    assert run_to_completion(supervisor.home, run_id, DoubleEngine()) == "finished"
    assert steps_of(RunFolder(supervisor.home, run_id)) == list(range(1, 401))


def test_a_silent_worker_is_not_ended_by_a_sweep_and_a_persons_resume_harms_no_bystander(supervisor, monkeypatch):
    monkeypatch.setattr(registry, "SILENT_AFTER", 2.0)
    point, bystander = supervisor.submit(quick(2500)), supervisor.submit(quick(2500))
    wait_until(lambda: min(supervisor.status(name).step for name in (point, bystander)) > 5)
    worker = supervisor.status(point).worker_pid
    os.kill(worker, signal.SIGSTOP)
    wait_until(lambda: supervisor.status(point).state == "crashed")
    assert supervisor.status(point, patient=True).state == "running", "a sweep's driver sees it alive"
    with pytest.raises(PrecedenceError, match="silent but there"):
        supervisor.take_up(point)
    assert psutil.pid_exists(worker)
    supervisor.resume(point)
    for name in (point, bystander):
        wait_until(lambda name=name: supervisor.status(name).state == "finished")
        assert steps_of(RunFolder(supervisor.home, name)) == list(range(1, 2501))


def test_the_clock_kills_no_worker(monkeypatch):
    me = Heartbeat.now()
    real = time.time
    for jump in (5, 3600, -3600):
        monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump)
        assert abs(me.quiet()) < 2
        assert me.process_exists()
        changed = me.model_copy(update={"created": me.created + jump})
        assert changed.process_exists(), "the time of its start is told from the machine's start"
    monkeypatch.setattr(time, "time", real)
    assert not me.model_copy(update={"mark": me.mark + "1"}).process_exists(), "another process of that number"
    assert me.model_copy(update={"mark": ""}).process_exists(), "as earlier versions wrote it"


def test_a_run_waits_no_longer_where_the_clock_was_set_back(tmp_path):
    queue, worker = Queue(tmp_path), WorkerFolder(tmp_path, "worker-a")
    worker.make()
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / f"{time.time_ns() + 10**13:020d}-some-run").touch()
    assert queue.claim(worker, patience=0.5) == "some-run"


class NoRoom:
    """A disk that is full from now on, for what the test's own process writes."""

    def __init__(self, monkeypatch):
        self.full = False
        self._write, self._replace = os.write, os.replace
        monkeypatch.setattr(os, "write", lambda *given: self._check() or self._write(*given))
        monkeypatch.setattr(os, "replace", lambda *given: self._check() or self._replace(*given))

    def _check(self):
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("at", [1, 20, 199])
def test_a_full_disk_ends_a_run_that_can_be_resumed_stopped_and_deleted(make_supervisor, monkeypatch, at):
    supervisor = make_supervisor(start=False)
    home = supervisor.home
    folder = RunFolder.create(home, quick(200, microseconds=100))
    worker = WorkerFolder(home, "worker-test")
    worker.make()
    standing = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    worker.write_status(registry.WorkerStatus.now(standing.pid, ready=True, runs=1))  # in this process' place
    (worker.path / "claimed" / folder.run_id).touch()
    room = NoRoom(monkeypatch)
    run = driver(folder)
    while len(steps_of(folder)) < at:
        run.turn(0)  # one step: a budget might take the last ones together
    room.full = True
    while not run.ended:
        run.turn(0.01)
    worker.release(folder.run_id)
    assert supervisor.status(folder.run_id).state == "crashed", "never 'running' for ever"
    with pytest.raises(PrecedenceError, match=r"No space left on device.*make room"):
        supervisor.resume(folder.run_id)
    room.full = False
    supervisor.resume(folder.run_id)
    assert supervisor.status(folder.run_id).state == "queued"
    Queue(home).claim(worker, 0.0)
    run = driver(folder)
    while not run.ended:
        run.turn(0.1)
    assert folder.status().state == "finished"
    assert steps_of(folder) == list(range(1, 201))
    library = Library(home)
    library.delete(folder.run_id)
    library.close()


def test_a_run_that_a_full_disk_cut_off_can_be_deleted(tmp_path):
    folder = RunFolder.create(tmp_path, quick(200))
    folder.write_status(run_folder.RunStatus(state="running", worker="worker-gone", step=8))
    library = Library(tmp_path)
    held = Owner(folder.path)
    with pytest.raises(PrecedenceError, match="stop it before"):
        library.delete(folder.run_id)
    held.release()
    library.delete(folder.run_id)
    assert not folder.path.exists()
    library.close()


def test_what_waits_for_nobody_can_be_stopped(make_supervisor):
    supervisor = make_supervisor(start=False)
    folder = RunFolder.create(supervisor.home, quick(5))
    supervisor.command(folder.run_id, "stop")
    assert supervisor.status(folder.run_id).state == "stopped"


@pytest.mark.parametrize("damage", [b"\0" * 40, b'{"half": ', b""])
def test_a_log_that_changed_is_noticed_and_no_run_finishes_over_it(tmp_path, damage):
    folder = RunFolder.create(tmp_path, quick(200, microseconds=100))
    run = driver(folder)
    while len(steps_of(folder)) < 50:
        run.turn(0.01)

    def harm() -> None:
        data = folder.log.read_bytes()
        middle = len(data) // 2
        with folder.log.open("r+b") as log:
            log.write(data[:middle] + (damage or bytes([data[middle] ^ 4])) + data[middle + len(damage or b"x") :])

    harm()
    while not run.ended:
        run.turn(0.1)
    status = folder.status()
    assert status.state == "failed"
    assert "event log of run" in (status.error or "")
    assert folder.result() is None


@pytest.mark.parametrize("with_sums", [True, False])
def test_a_log_that_changed_under_a_stopped_run_is_noticed_when_it_goes_on(tmp_path, with_sums):
    folder = RunFolder.create(tmp_path, quick(200, microseconds=100))
    run = driver(folder)
    while len(steps_of(folder)) < 50:
        run.turn(0.01)
    run.suspend("")
    data = bytearray(folder.log.read_bytes())
    data[len(data) // 2] = 0
    folder.log.write_bytes(data)
    if not with_sums:  # as earlier versions left it
        (folder.path / "events.sum").unlink()
    run = driver(folder)
    while not run.ended:
        run.turn(0.1)
    assert folder.status().state == "failed"
    assert "is damaged" in (folder.status().error or "")
