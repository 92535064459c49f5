"""What a class of viewers costs: the real server, one real run, simulated browsers on the live lane.

Rounds with and without viewers alternate, so that whatever else the machine does falls on both alike. The browsers
run in a process of their own: their work is not counted as the server's, but it shares the machine's cores.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from core.errors import PrecedenceError
from core.home import PROGRAM
from core.runs.folder.run_folder import RunFolder
from core.runs.workers.registry import Queue, worker_folders
from core.settings.run import RunConfig

SETTLE = 1.0  # seconds after viewers came or went that are not measured
LOOK_EVERY = 0.004  # seconds between two looks at the event log's size
PATIENCE = 120.0  # seconds for the server to start and the run to move


@dataclass
class Round:
    """What one round cost: CPU seconds and steps a second."""

    server: float
    worker: float
    steps: float


@dataclass
class Writes:
    """When the event log grew to which size, seen by looking at it all the time; a write's own time is its mtime."""

    log: Path
    sizes: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def watch(self, ended: threading.Event) -> None:
        while not ended.wait(LOOK_EVERY):
            found = self.log.stat()
            if not self.sizes or found.st_size > self.sizes[-1]:
                self.sizes.append(found.st_size)
                self.times.append(found.st_mtime_ns / 1e9)

    def delays(self, messages: list[tuple[float, int]]) -> Iterator[float]:
        """Seconds from each write to its arrival, for one viewer's (time, offset) in order; history left out."""
        for (_, before), (arrived, offset) in pairwise(messages):
            for place in range(bisect_right(self.sizes, before), bisect_right(self.sizes, offset)):
                yield arrived - self.times[place]


def measure(browsers: int = 30, rounds: int = 10, seconds: float = 4.0) -> dict[str, Any]:
    """Cost and delay of `browsers` viewers of one run; ratios are medians over pairs of neighbouring rounds.

    `core_share`: CPU seconds a second of the server process with viewers, less those without.
    `training_slowdown`: 1 − steps a second with viewers / without. `latency_p95_ms`: from a line's writing by the
    worker to its arrival in a viewer.
    """
    if browsers < 1 or rounds < 2 or seconds < 1:
        raise PrecedenceError(
            f"{browsers} browsers, {rounds} rounds of {seconds} s were asked for; expected at least 1, 2 and 1 s."
        )
    try:
        import websockets  # noqa: F401
    except ModuleNotFoundError as error:
        raise PrecedenceError(
            "Simulated viewers need the package websockets; install tests/requirements.txt."
        ) from error
    with tempfile.TemporaryDirectory(prefix="precedence-") as name, running_server(Path(name)) as (port, server):
        home = Path(name)
        folder, first_point = _start_run(home)
        worker = psutil.Process(folder.status().worker_pid)
        writes, ended = Writes(folder.log), threading.Event()
        watching = threading.Thread(target=writes.watch, args=(ended,), daemon=True)
        watching.start()
        rounds_of: dict[bool, list[Round]] = {False: [], True: []}
        with _viewers(home, port, folder.token(), browsers) as viewers:
            for number in range(rounds):
                for looking in (False, True) if number % 2 == 0 else (True, False):  # a trend falls on both alike
                    viewers.ask("look" if looking else "leave", "looking" if looking else "left")
                    time.sleep(SETTLE)
                    rounds_of[looking].append(_round(folder, server, worker, seconds))
                    viewers.ask("leave", "left")
        ended.set()
        watching.join()
        delays = sorted(delay for messages in viewers.heard() for delay in writes.delays(messages))
    viewed, without = rounds_of[True], rounds_of[False]
    pairs = list(zip(viewed, without, strict=True))
    return {
        "browsers": browsers,
        "core_share": round(statistics.median(on.server - off.server for on, off in pairs), 4),
        "training_slowdown": round(statistics.median(1 - on.steps / off.steps for on, off in pairs), 4),
        "training_slowdown_per_cpu_second": round(
            statistics.median(1 - (on.steps / on.worker) / (off.steps / off.worker) for on, off in pairs), 4
        ),
        "latency_p50_ms": round(1000 * delays[len(delays) // 2], 1),
        "latency_p95_ms": round(1000 * delays[int(len(delays) * 0.95)], 1),
        "latency_max_ms": round(1000 * delays[-1], 1),
        "arrivals": len(delays),
        "steps_per_second": round(statistics.median(off.steps for off in without), 1),
        "server_core_share_alone": round(statistics.median(off.server for off in without), 4),
        "first_point_ms": round(1000 * first_point),
        "rounds": rounds,
        "seconds_a_round": seconds,
        "cores": os.cpu_count(),
    }


def _round(folder: RunFolder, server: psutil.Process, worker: psutil.Process, seconds: float) -> Round:
    began, server_began, worker_began, step = time.perf_counter(), _cpu(server), _cpu(worker), _last_step(folder)
    time.sleep(seconds)
    wall = time.perf_counter() - began
    return Round(
        server=(_cpu(server) - server_began) / wall,
        worker=(_cpu(worker) - worker_began) / wall,
        steps=(_last_step(folder) - step) / wall,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _last_step(folder: RunFolder) -> int:
    with folder.log.open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 65536))
        return int(json.loads(log.read().rstrip(b"\n").rsplit(b"\n", 1)[-1])["step"])


def _start_run(home: Path) -> tuple[RunFolder, float]:
    """The default example with one stage of even steps that outlasts the measurement; seconds to its first point."""
    _wait(lambda: any((status := folder.status()) and status.ready for folder in worker_folders(home)))
    config = RunConfig(stage_steps=10_000_000, evaluate_every=10_000_000, probe_every=0, reference=False)
    began = time.perf_counter()
    folder = RunFolder.create(home, config)
    Queue(home).put(folder.run_id)
    _wait(lambda: folder.log.exists() and b'"kind":"step"' in folder.log.read_bytes(), pause=0.005)
    first_point = time.perf_counter() - began
    _wait(lambda: folder.status().step >= 50)
    return folder, first_point


@contextlib.contextmanager
def running_server(home: Path, workers: int | None = 1) -> Iterator[tuple[int, psutil.Process]]:
    """The real server on a free port; `workers` None: as many as it takes by itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.headless=true", "--server.address=127.0.0.1"]
    environment = {**os.environ, "PRECEDENCE_HOME": str(home), "PRECEDENCE_WORKERS": str(workers or "")}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(PROGRAM / "app.py"), *options],
            cwd=PROGRAM, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip

    def answers() -> bool:
        if process.poll() is not None:
            raise PrecedenceError(f"The server ended at its start: {(home / 'server.log').read_text()[-500:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    try:
        _wait(answers)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)
        for folder in worker_folders(home):
            status = folder.status()
            if status is not None and status.process_exists():
                worker = psutil.Process(status.pid)
                worker.kill()
                worker.wait(30)


class _Viewers:
    """Simulated browsers in a process of their own; see `core.bench.viewers` for the words they know."""

    def __init__(self, process: subprocess.Popen[str], file: Path) -> None:
        self._process = process
        self._file = file

    def ask(self, word: str, answer: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline().strip() != answer:
            raise PrecedenceError("The simulated viewers could not connect to the server; run the measurement again.")

    def heard(self) -> list[list[tuple[float, int]]]:
        """What each heard, (seconds since 1970, offset), once the process has ended."""
        heard: list[list[tuple[float, int]]] = json.loads(self._file.read_text())
        return heard


@contextlib.contextmanager
def _viewers(home: Path, port: int, token: str, browsers: int) -> Iterator[_Viewers]:
    file = home / "heard.json"
    address = f"ws://127.0.0.1:{port}/api/runs/{token}/events"
    process = subprocess.Popen(
        [sys.executable, "-m", "core.bench.viewers", address, str(browsers), str(file)],
        cwd=PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield _Viewers(process, file)
    finally:
        process.communicate(timeout=30)  # closes its input: it writes what was heard and ends


def _wait(true: Callable[[], bool], pause: float = 0.05) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise PrecedenceError(f"The server or its run did not start within {PATIENCE:.0f} s; see its log.")
        time.sleep(pause)
