"""A class on the real server for some minutes: simulated browsers that speak Streamlit's protocol and the live one.

Every browser opens the Priority lab with a cookie of its own, runs the page's fragments when they ask for it, as a
browser does, and listens to its run's events. Half of them train; one more is hostile: the largest run that is allowed,
many tabs, messages of 30 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from core.bench.live import running_server
from core.bench.soak_browser import Browser, Heard
from core.errors import PrecedenceError
from core.runs.estimate import accept
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import ACTIVE
from core.runs.workers.registry import Queue, worker_folders
from core.server.people import mark_of, new_cookie
from core.settings.presets import default_run
from core.settings.run import RunConfig

STEPS = 2_000_000 // 2  # of a run: it outlasts the measurement
TABS, LARGE = 120, 30 << 20
WARM = 0.2  # share of the time after which memory is measured first …
WINDOW = 0.05  # … and for how long, then and at the end
LOOK_EVERY = 0.5  # seconds


@dataclass
class Class:
    """Everything that is open, and what was heard."""

    home: Path
    port: int
    heard: Heard = field(default_factory=Heard)
    hostile: Heard = field(default_factory=Heard)  # what happens to the hostile one counts for nobody
    runs: list[RunFolder] = field(default_factory=list)

    def train(self, cookie: str, config: RunConfig) -> RunFolder:
        """A run of a browser, put into the queue as the page does."""
        accept(config)
        folder = RunFolder.create(self.home, config, owner=mark_of(cookie))
        Queue(self.home).put(folder.run_id, mark_of(cookie))
        return folder

    def browser(self, cookie: str, run: RunFolder | None, heard: Heard) -> Browser:
        asked = urlencode({"run": run.run_id}) if run is not None else ""
        token = run.token() if run is not None else None
        return Browser("127.0.0.1", self.port, cookie, asked, token, heard)


def largest_allowed() -> RunConfig:
    """The default run with as large a batch as is accepted."""
    config = default_run("shop").model_copy(update={"stage_steps": STEPS})
    for batch in (1_000_000, 500_000, 250_000, 120_000, 60_000, 30_000):
        with contextlib.suppress(PrecedenceError):
            found = config.model_copy(update={"batch_size": batch})
            accept(found)
            return found
    return config


def measure(
    browsers: int = 30, minutes: float = 10.0, tabs: int = TABS, report: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """`errors`: exceptions shown, lines lost. `latency_p95_ms`: from a browser's asking for a fragment to its end.
    `fairness`: the largest distance of a run's steps from the mean of all, as a share of it. `memory_growth`: of the
    server, from a fifth of the time to its end, as a share; both are medians over a twentieth of the time, since a
    message that is being received comes and goes within a second. `memory_peak_mb`: the most of all looks."""
    if browsers < 2 or minutes <= 0 or tabs < 0:
        raise PrecedenceError(f"{browsers} browsers for {minutes} minutes were asked for; expected 2 or more, above 0.")
    with tempfile.TemporaryDirectory(prefix="precedence-") as name, running_server(Path(name), None) as (port, server):
        return asyncio.run(_class(Class(Path(name), port), server, browsers, minutes, tabs, report))


async def _class(
    room: Class, server: psutil.Process, browsers: int, minutes: float, tabs: int, report: Callable[[str], None]
) -> dict[str, Any]:
    small = default_run("shop").model_copy(update={"stage_steps": STEPS, "probe_every": 0, "reference": False})
    opened = []
    for number in range(browsers):
        cookie = new_cookie()
        run = room.train(cookie, small.model_copy(update={"seed": number})) if number % 2 == 0 else None
        if run is not None:
            room.runs.append(run)
        opened.append(asyncio.create_task(room.browser(cookie, run, room.heard).stay()))
        await asyncio.sleep(0.1)
    attack = asyncio.create_task(_hostile(room, tabs))
    began, seconds = time.monotonic(), 60 * minutes
    await asyncio.sleep(WARM * seconds)
    room.heard.seconds.clear()  # the first opening, on a cold server, is no lesson
    before, memory, said = _steps(room), [], time.monotonic()
    while time.monotonic() - began < seconds:
        await asyncio.sleep(LOOK_EVERY)
        memory.append(server.memory_info().rss)
        if time.monotonic() - said > 30:
            said = time.monotonic()
            report(
                f"{said - began:.0f} s: {room.heard.errors} errors, {len(room.heard.seconds)} answers, "
                f"{memory[-1] >> 20} MB"
            )
    after, few = _steps(room), max(1, int(WINDOW * seconds / LOOK_EVERY))
    first, last = statistics.median(memory[:few]), statistics.median(memory[-few:])
    states = {folder.run_id: folder.status().state for folder in room.runs}
    for task in (attack, *opened):
        task.cancel()
    await asyncio.gather(attack, *opened, return_exceptions=True)
    moved = [last - first for first, last in zip(before, after, strict=True)]
    mean = statistics.mean(moved)
    answers = sorted(room.heard.seconds) or [float("nan")]
    ended = sum(state not in ACTIVE for state in states.values())
    return {
        "browsers": browsers,
        "errors": room.heard.errors + ended,
        "latency_p95_ms": round(1000 * answers[int(0.95 * (len(answers) - 1))], 1),
        "fairness": round(max(abs(one / mean - 1) for one in moved), 3) if mean else 1.0,
        "memory_growth": round(last / first - 1, 4),
        "latency_p50_ms": round(1000 * statistics.median(answers), 1),
        "answers": len(room.heard.seconds),
        "runs": len(room.runs),
        "steps_a_run": round(mean, 1),
        "memory_mb": int(last) >> 20,
        "memory_peak_mb": max(memory) >> 20,
        "workers": sum((status := one.status()) is not None and status.alive() for one in worker_folders(room.home)),
        "minutes": minutes,
        "tabs": tabs,
        "hostile_errors": room.hostile.errors,
        "notes": room.heard.notes[:10],
    }


def _steps(room: Class) -> list[int]:
    return [folder.status().step for folder in room.runs]


async def _hostile(room: Class, tabs: int) -> None:
    """The largest allowed run, then tab after tab, each with a run of its own, then messages far too large."""
    cookie, open_tabs = new_cookie(), []
    largest = await asyncio.to_thread(largest_allowed)
    runs = [room.train(cookie, largest.model_copy(update={"seed": number})) for number in range(min(tabs, 20))]
    for number in range(tabs):
        run = runs[number % len(runs)] if runs else None
        open_tabs.append(asyncio.create_task(room.browser(cookie, run, room.hostile).stay()))
        await asyncio.sleep(0.2)
    try:
        while True:
            await room.browser(cookie, runs[0] if runs else None, room.hostile).shout(LARGE)
            await asyncio.sleep(10)
    finally:
        for task in open_tabs:
            task.cancel()
        await asyncio.gather(*open_tabs, return_exceptions=True)
