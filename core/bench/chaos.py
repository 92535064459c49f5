"""What becomes of runs when processes are killed, files damaged and disks full, again and again, by a seed.

Real processes on a home of their own: worker, server, driver of a sweep, child that reads an upload. After each blow
the home must start, everybody else's run must go on, and in the end every log must hold each step once, with the very
numbers of an undisturbed run.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter as Count
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from core.bench.chaos_damage import damage_files, flip_checkpoints, kill_reader
from core.bench.chaos_engine import FULL, WORKER, values
from core.errors import PrecedenceError
from core.events.events import Step
from core.home import PROGRAM
from core.runs.environment import environment
from core.runs.folder.owner import owner_pid
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import ACTIVE, RESUMABLE, UNDER_WAY
from core.runs.workers.registry import Queue, read_server, worker_folders
from core.runs.workers.supervisor import Supervisor
from core.settings.run import RunConfig
from core.sweeps.description import SweepConfig
from core.sweeps.folder import SweepFolder

KINDS = ("worker", "server", "both", "driver", "upload")
STEPS, MICROSECONDS = 600, 3000  # of a run: about two seconds alone
AT_ONCE = 3  # runs under way
PATIENCE = 90.0  # seconds for what must come


class Chaos:
    """One home, its server and its runs; counts what went wrong."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home = home
        self.chance = random.Random(seed)
        self.found: Count[str] = Count()
        self.notes: list[str] = []
        self.done = 0  # runs that were followed to their end
        self._watch = Supervisor(home, 2, command=WORKER)  # never started: it only reads and resumes
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._open: list[str] = []
        self._refused: dict[str, str] = {}  # run → why it could not be resumed
        self._sweeps: list[str] = []
        self._seeds = 0

    # ------------------------------------------------------------------ processes

    def start(self, name: str) -> None:
        """The server or the driver; a server that does not come up is a failure to start."""
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", "core.bench.chaos_engine", name, str(self.home)],
            env=environment(PRECEDENCE_HOME=str(self.home), PRECEDENCE_WORKER_MINUTES="1"),
            cwd=PROGRAM,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        pid = self._processes[name].pid
        if name == "server" and not self._becomes(
            lambda: (beat := read_server(self.home)) is not None and beat.pid == pid
        ):
            self.note("start_failures", "the server did not start")

    def kill(self, name: str) -> None:
        process = self._processes.pop(name, None)
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def close(self) -> None:
        for name in list(self._processes):
            self.kill(name)
        for folder in worker_folders(self.home):
            status = folder.status()
            if status is not None and status.process_exists():
                with contextlib.suppress(psutil.Error):
                    worker = psutil.Process(status.pid)
                    worker.kill()
                    worker.wait(10)

    def note(self, what: str, said: str, count: int = 1) -> None:
        self.found[what] += count
        self.notes.append(f"{what}: {said}")

    # ------------------------------------------------------------------ runs

    def keep_busy(self) -> None:
        """As many runs and sweeps under way as are looked at; those that have ended are checked."""
        for run_id in list(self._open):
            if self._state(run_id) not in UNDER_WAY | RESUMABLE:
                self._open.remove(run_id)
                self.check(run_id)
        while len(self._open) < AT_ONCE:
            self._seeds += 1
            config = RunConfig(stage_steps=STEPS, batch_size=MICROSECONDS, record_every=1, seed=self._seeds)
            folder = RunFolder.create(self.home, config)
            Queue(self.home).put(folder.run_id)
            self._open.append(folder.run_id)

    def begin_sweep(self) -> None:
        base = RunConfig(
            stage_steps=STEPS // 3, batch_size=MICROSECONDS, record_every=1, seed=10_000 + len(self._sweeps)
        )
        config = SweepConfig(base=base, seeds=tuple(range(3)), shared_stages=False)
        self._sweeps.append(SweepFolder.create(self.home, config, ("a", "b")).sweep_id)

    def resume_all(self) -> None:
        """As a person would, until nothing waits for one."""
        for run_id in self._open:
            if self._state(run_id) in RESUMABLE:
                try:
                    self._watch.resume(run_id)
                except PrecedenceError as error:  # its worker still dies: at the next look
                    self._refused[run_id] = str(error)

    def check(self, run_id: str) -> None:
        """The log of a finished run against that of an undisturbed one."""
        folder = RunFolder(self.home, run_id)
        config = folder.config()
        steps = [event for event in folder.events() if isinstance(event, Step)]
        counted = Count(event.step for event in steps)
        expected = values(config.seed, config.stage_steps)
        missing = config.stage_steps - len(counted)
        twice = sum(count - 1 for count in counted.values())
        if missing:
            self.note("lost", f"{missing} steps of {run_id}", missing)
        if twice:
            self.note("doubled", f"{twice} steps of {run_id}", twice)
        result = folder.result()
        last = None if result is None else result.tasks["a"].loss
        if last != expected[-1] or any(event.loss[0] != expected[event.step - 1] for event in steps):
            self.note("differences", run_id)
        self.done += 1

    def finish(self) -> None:
        """Lets everything end, and checks it."""
        deadline = time.monotonic() + 3 * PATIENCE

        def over() -> bool:
            self._open += [run_id for run_id in self._points() if run_id not in self._open]
            self.resume_all()
            return all(self._state(run_id) == "finished" for run_id in self._open)

        self._becomes(lambda: all(SweepFolder(self.home, name).is_over() for name in self._sweeps))
        while not over() and time.monotonic() < deadline:
            time.sleep(0.2)
        for run_id in self._open:
            if self._state(run_id) == "finished":
                self.check(run_id)
            else:
                self.note("lost", f"{run_id} is {self._state(run_id)}: {self._refused.get(run_id)}", STEPS)
        self._open = []

    def _points(self) -> list[str]:
        """Runs of the sweeps; one whose worker was killed too often is resumed by hand, as a person may."""
        return [one.run_id for name in self._sweeps for one in SweepFolder(self.home, name).records() if one.run_id]

    def _state(self, run_id: str) -> str:
        return self._watch.status(run_id).state

    def _becomes(self, true: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if true():
                return True
            time.sleep(0.02)
        return False

    # ------------------------------------------------------------------ blows

    def strike(self, kind: str) -> None:
        """One kill, and what the others make of it."""
        self.keep_busy()
        self._becomes(lambda: any(self._state(run_id) in ACTIVE for run_id in self._open))
        time.sleep(self.chance.random() * 0.4)
        if kind == "upload":
            said = kill_reader(self.home / "upload.csv", self.chance)
            if said:
                self.note("bystanders", said)
            return
        struck = self._kill_worker() if kind in ("worker", "both") else None
        if kind in ("server", "both"):
            self.kill("server")
        if kind == "driver":
            self.kill("driver")
            if not self._sweeps or SweepFolder(self.home, self._sweeps[-1]).is_over():
                self.begin_sweep()
        others = [run_id for run_id in self._open if self._owner(run_id) not in (None, struck)]
        if "server" not in self._processes:
            self.start("server")
        if "driver" not in self._processes:
            self.start("driver")
        for run_id in others:
            if self._state(run_id) in ("failed", "stopped", "crashed"):
                self.note("bystanders", f"{run_id} is {self._state(run_id)} after a kill of the {kind}")
        self.resume_all()

    def _owner(self, run_id: str) -> int | None:
        return owner_pid(RunFolder(self.home, run_id).path) if self._state(run_id) in ACTIVE else None

    def _kill_worker(self) -> int | None:
        pids = [pid for run_id in self._open if (pid := self._owner(run_id)) is not None]
        if not pids:
            return None
        pid = self.chance.choice(pids)
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            process.kill()
            psutil.wait_procs([process], timeout=10)
        return pid

    def fill_disk(self) -> None:
        """Nothing can be written for a moment; then there is room, and everything goes on."""
        self.keep_busy()
        self._becomes(lambda: any(self._state(run_id) in ACTIVE for run_id in self._open))
        time.sleep(0.2 + 0.3 * self.chance.random())
        (self.home / FULL).touch()
        time.sleep(0.7)
        (self.home / FULL).unlink()
        self._becomes(lambda: self._goes_on())

    def _goes_on(self) -> bool:
        self.resume_all()
        return all(self._state(run_id) not in RESUMABLE for run_id in self._open)


def measure(
    kills: int = 200, damaged: int = 100, disk_full: int = 20, flips: int = 200, seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:  # fmt: skip
    """Counts of what went wrong over so many blows; all zero is the promise.

    `lost`, `doubled`: steps of the logs. `differences`: runs whose numbers are not those of an undisturbed run without
    anybody being told. `bystanders`: others that a blow harmed. `start_failures`: homes on which no server started.
    """
    if min(kills, damaged, disk_full, flips) < 0:
        raise PrecedenceError("kills, damaged, disk_full and flips must be 0 or more.")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="precedence-") as name:
        chaos = Chaos(Path(name) / "home", seed)
        chaos.home.mkdir()
        try:
            chaos.start("server")
            chaos.start("driver")
            chaos.begin_sweep()
            for number in range(kills):
                chaos.strike(KINDS[chaos.chance.randrange(len(KINDS))])
                if number % 20 == 19:
                    report(f"{number + 1} of {kills} kills, {time.monotonic() - began:.0f} s: {dict(chaos.found)}")
            for _ in range(disk_full):
                chaos.fill_disk()
            chaos.finish()
            report(f"{disk_full} full disks, {time.monotonic() - began:.0f} s: {dict(chaos.found)}")
        finally:
            chaos.close()
        damage_files(chaos.home, damaged, chaos.chance, chaos.note)
        report(f"{damaged} damaged files, {time.monotonic() - began:.0f} s: {dict(chaos.found)}")
    noticed = flip_checkpoints(flips, seed)
    chaos.found["differences"] += flips - noticed
    names = ("lost", "doubled", "differences", "bystanders", "start_failures")
    return {
        "kills": kills,
        "damaged": damaged,
        "disk_full": disk_full,
        **{name: chaos.found[name] for name in names},
        "flips": flips,
        "flips_noticed": noticed,
        "runs": chaos.done,
        "seconds": round(time.monotonic() - began),
        "seed": seed,
        "notes": chaos.notes[:20],
    }
