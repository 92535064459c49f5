"""What one run and one person may take: refused before it begins, in turn by time, suspended, replaced when frozen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future

import pytest

from core.errors import PrecedenceError
from core.runs.estimate import accept, size_of
from core.runs.folder.run_folder import RunFolder
from core.runs.limits import limits
from core.runs.workers import handing_on, watch, worker
from core.runs.workers.registry import Queue, WorkerFolder, worker_folders
from core.runs.workers.run_driver import RunDriver, sentence_of
from core.runs.workers.turns import Turns
from core.settings.address import from_query
from tests.runs.double import DoubleEngine
from tests.runs.support import DOUBLE, quick, wait_until

QUICK_MINUTES = f"""
import runpy, sys
from core.runs.workers.turns import Turns
own = Turns.own
Turns.own = lambda self, run: 100 * own(self, run)
sys.argv[0] = {str(DOUBLE)!r}
runpy.run_path({str(DOUBLE)!r}, run_name="__main__")
"""
"""A worker for which a minute is over after 0.6 s."""


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"batch_size": "1000000", "model.trunk": "8192"}, "batch_size up to"),
        ({"batch_size": "900000", "model.kind": "ple", "model.experts": "64"}, "batch_size up to"),
        ({"model.trunk": "8192,8192,8192,8192,8192,8192"}, "Layers of at most"),
        ({"dataset.name": "shop_pairs", "model.kind": "deepbow", "batch_size": "500000"}, "batch_size up to"),
        ({"stage_steps": "1000000000", "priority": "relevance,click"}, "stage_steps up to 5,000,000 would fit"),
    ],
)
def test_too_large_a_run_is_refused_with_what_would_fit(monkeypatch, asked, fits):
    monkeypatch.setenv("PRECEDENCE_RUN_MEMORY", "2048")
    with pytest.raises(PrecedenceError, match=fits):
        accept(from_query(asked))


def test_what_would_fit_fits(monkeypatch):
    monkeypatch.setenv("PRECEDENCE_RUN_MEMORY", "1024")
    config = from_query({"batch_size": "1000000"})
    with pytest.raises(PrecedenceError) as refused:
        accept(config)
    fits = int(str(refused.value).split("batch_size up to ")[1].split()[0].replace(",", ""))
    accept(config.model_copy(update={"batch_size": fits}))
    assert fits > 50_000


def test_every_default_run_is_accepted(monkeypatch):
    from core.data.registry import SOURCES
    from core.settings.presets import default_run

    monkeypatch.setenv("PRECEDENCE_RUN_MEMORY", "2048")
    for name in SOURCES:
        accept(default_run(name))


def test_a_wider_network_is_larger():
    one, two = size_of(from_query({})), size_of(from_query({"model.trunk": "256,128"}))
    assert two.parameters > one.parameters
    assert two.bytes(1024) > one.bytes(1024)


def test_a_limit_that_is_none_is_told(monkeypatch):
    monkeypatch.setenv("PRECEDENCE_RUN_STEPS", "many")
    with pytest.raises(PrecedenceError, match="PRECEDENCE_RUN_STEPS is 'many'; expected a whole number"):
        limits()


def test_turns_are_fair_by_time(tmp_path):
    """A run whose steps are twenty times as long has the same time, not the same number of turns."""
    data: Future = Future()
    data.set_result(None)
    turns, runs = Turns(), []
    for microseconds in (1000, 20_000, 60_000):
        folder = RunFolder.create(tmp_path, quick(100_000, microseconds))
        runs.append(RunDriver(folder, DoubleEngine(), data, "worker-test"))
        turns.add(runs[-1])
    spent = dict.fromkeys(runs, 0.0)
    ends = time.monotonic() + 3
    while time.monotonic() < ends:
        run = turns.next()
        began = time.monotonic()
        run.turn(0.03)
        lasted = time.monotonic() - began
        spent[run] += lasted
        turns.count(run, lasted, 0.03)
    for run in runs:
        run.suspend("")
    shares = [seconds / sum(spent.values()) for seconds in spent.values()]
    assert all(abs(share - 1 / 3) < 0.1 for share in shares), shares


def test_of_one_person_one_run_trains_and_the_rest_wait(make_supervisor):
    supervisor = make_supervisor(workers=2)
    first = supervisor.submit(quick(5000), owner="ann")
    wait_until(lambda: supervisor.status(first).state == "running")
    second, other = supervisor.submit(quick(5000), owner="ann"), supervisor.submit(quick(5000), owner="ben")
    wait_until(lambda: supervisor.status(other).state == "running")
    status = supervisor.status(second)
    assert (status.state, status.queue_position) == ("queued", 1)
    wait_until(lambda: "Another of your runs trains" in supervisor.status(second).note)  # counted once a second
    supervisor.command(first, "pause")
    wait_until(lambda: supervisor.status(second).state == "running")
    for run_id in (first, second, other):
        supervisor.command(run_id, "stop")


def test_a_run_that_nobody_watches_is_suspended_and_can_be_resumed(make_supervisor, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_UNWATCHED_EVERY", 0.0)
    supervisor = make_supervisor(workers=1)
    left, seen, own = (supervisor.submit(quick(50_000), owner=owner) for owner in ("ann", "ben", ""))
    wait_until(lambda: all(supervisor.status(run_id).state == "running" for run_id in (left, seen, own)))
    wait_until(lambda: {left, seen} <= supervisor._watch._seen.keys())
    long_ago = time.monotonic() - 60 * limits().unwatched_minutes - 1
    supervisor._watch._seen[left] = supervisor._watch._seen[own] = long_ago
    wait_until(lambda: supervisor.status(left).state == "stopped")
    assert "Nobody watched it for 60 minutes" in supervisor.status(left).note
    assert supervisor.status(seen).state == supervisor.status(own).state == "running"
    supervisor.resume(left)
    wait_until(lambda: supervisor.status(left).state == "running")
    for run_id in (left, seen, own):
        supervisor.command(run_id, "stop")


def test_a_stopped_process_is_replaced_and_its_runs_go_on(make_supervisor, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_FROZEN_SECONDS", "3")
    supervisor = make_supervisor(workers=1)
    runs = [supervisor.submit(quick(20_000)) for _ in range(2)]
    wait_until(lambda: all(supervisor.status(run_id).step > 20 for run_id in runs))
    frozen = supervisor.status(runs[0]).worker_pid
    os.kill(frozen, signal.SIGSTOP)
    wait_until(
        lambda: all(RunFolder(supervisor.home, run_id).status().worker_pid not in (frozen, None) for run_id in runs)
    )
    wait_until(lambda: all(supervisor.status(run_id).state == "running" for run_id in runs))
    for run_id in runs:
        steps = [event.step for event in RunFolder(supervisor.home, run_id).events() if event.kind == "step"]
        assert steps == sorted(set(steps))
        supervisor.command(run_id, "stop")


def test_a_turn_without_end_costs_only_its_own_run(make_supervisor, monkeypatch):
    """Stuck outside the interpreter: the heartbeat goes on, the turn does not end.

    While its worker is being replaced, which takes a while here, nobody is told that the run crashed by itself.
    """

    def end(worker):
        end_process(worker)
        time.sleep(1)

    end_process = handing_on.end_process
    monkeypatch.setattr(handing_on, "end_process", end)
    monkeypatch.setenv("PRECEDENCE_TURN_SECONDS", "10")
    supervisor = make_supervisor(workers=1)
    good = supervisor.submit(quick(50_000))
    wait_until(lambda: supervisor.status(good).step > 5)
    stuck = supervisor.submit(quick(10).model_copy(update={"name": "stuck"}))
    wait_until(lambda: supervisor.status(stuck).state == "crashed")
    assert "did not end" in supervisor.status(stuck).error
    wait_until(lambda: supervisor.status(good).state == "running")
    supervisor.command(good, "stop")


def test_a_run_trains_no_longer_than_allowed(make_supervisor, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_RUN_MINUTES", "1")
    supervisor = make_supervisor(command=(sys.executable, "-c", QUICK_MINUTES))
    run_id = supervisor.submit(quick(50_000))
    wait_until(lambda: supervisor.status(run_id).state == "stopped")
    assert "as long as a run may here" in supervisor.status(run_id).note
    supervisor.resume(run_id)
    wait_until(lambda: supervisor.status(run_id).state == "running")
    supervisor.command(run_id, "stop")


def test_memory_that_is_not_given_is_a_sentence():
    said = sentence_of(RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"))
    assert "smaller batch_size" in said


def test_a_worker_asks_in_vain_for_more_memory_than_allowed(tmp_path):
    """In a process of its own: the limit holds for all of it."""
    code = (
        "from core.runs.workers.memory import MemoryLimit\n"
        "limit = MemoryLimit(64)\n"
        "small = bytearray(20 << 20)\n"
        "assert not limit.is_exceeded()\n"
        "try:\n    bytearray(200 << 20)\nexcept MemoryError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "refused"


def test_a_claimed_file_still_says_whose_it_is(tmp_path):
    queue, folder = Queue(tmp_path), WorkerFolder(tmp_path, "worker-1")
    folder.make()
    run = RunFolder.create(tmp_path, quick(), owner="ann")
    queue.put(run.run_id, "ann")
    assert queue.claim(folder, patience=0, most=1) == run.run_id
    queue.give_back(folder, run.run_id)
    assert queue._person(queue._names()[0]) == "ann"
    assert worker.MOST_RUNS == 32
    assert len(worker_folders(tmp_path)) == 1
