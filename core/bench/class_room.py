"""A class in one room on the real server: a teacher opens it, students join by its link, train what was sent.

All of it over the protocols of a browser: the HTML page with its cookie, Streamlit's WebSocket with clicks, and the
live one. Only the settings that the teacher sends are written into the room from here, so that their length can be
chosen.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from core.bench.class_browser import ClassBrowser
from core.bench.live import running_server
from core.bench.soak_browser import Heard
from core.classroom import rules
from core.classroom.rooms import Rooms
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.server.people import mark_of
from core.settings.address import from_query

TWO_TASKS = {"priority": "relevance,click", "tolerances.relevance": "0.01"}
JOINING = 45.0  # seconds over which the students come in, where the class is long
WINDOW = 120.0  # seconds over which steps are compared


@dataclass
class Lesson:
    """The room and all that was heard of it."""

    home: Path
    port: int
    code: str = ""
    heard: Heard = field(default_factory=Heard)  # students
    wall: Heard = field(default_factory=Heard)  # the teacher
    waits: list[float] = field(default_factory=list)  # click on Train → first point
    trains: int = 0  # students whose first point has come
    failed: int = 0

    def runs(self) -> list[RunFolder]:
        room = Rooms(self.home).room(self.code)
        return [RunFolder(self.home, run_id) for run_id in room.runs()]


def measure(
    browsers: int = 30, minutes: float = 10.0, steps: int = 300, report: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """`latency_p95_ms`: from a student's asking for the page or a part of it to the answer's end.
    `first_point_last_s`: from the last student's click on Train to the first point (the longest wait of all).
    `memory_growth`: of the server, from when all train to the end, as a share. `fairness`: most steps of a run over the
    fewest, counted in the two minutes after all train, or until the first run ends, of those that still train then: the
    default seed has little left to train. `server_ms_an_answer`, `server_cores`: processor time of the server process
    from when all train, which says the same on a busy machine."""
    if browsers < 1 or minutes <= 0 or steps < 1:
        raise PrecedenceError(
            f"{browsers} browsers, {minutes} minutes, {steps} steps were asked for; expected 1 or more, above 0, 1."
        )
    query = {**TWO_TASKS, "stage_steps": str(steps)}
    from_query(query)
    with tempfile.TemporaryDirectory(prefix="precedence-") as name, running_server(Path(name), None) as (port, server):
        return asyncio.run(_class(Lesson(Path(name), port), server, browsers, minutes, query, report))


async def _class(
    lesson: Lesson,
    server: psutil.Process,
    browsers: int,
    minutes: float,
    query: dict[str, str],
    report: Callable[[str], None],
) -> dict[str, Any]:
    began, seconds = time.monotonic(), 60 * minutes
    opened, ready = [], asyncio.Event()
    opened.append(asyncio.create_task(_teacher(lesson, query, ready)))
    await asyncio.wait((opened[0], asyncio.create_task(ready.wait())), return_when=asyncio.FIRST_COMPLETED)
    if opened[0].done():
        raise PrecedenceError(f"The teacher could not open a room: {'; '.join(lesson.wall.notes)}.")
    gap = min(JOINING, 0.15 * seconds) / browsers
    for number in range(browsers):
        opened.append(asyncio.create_task(_student(lesson, number)))
        await asyncio.sleep(gap)
    while lesson.trains + lesson.failed < browsers and time.monotonic() - began < seconds:
        await asyncio.sleep(0.2)
    trained = time.monotonic()
    report(f"{lesson.trains} of {browsers} train after {time.monotonic() - began:.0f} s")
    memory = server.memory_info().rss
    answers, busy = _answers(lesson), _busy(server)
    fairness, compared = await _fairness(lesson.runs(), began + seconds)
    while (left := seconds - (time.monotonic() - began)) > 0:
        await asyncio.sleep(min(20.0, left))
        states = [folder.status().state for folder in lesson.runs()]
        report(f"{time.monotonic() - began:.0f} s: {lesson.heard.errors} errors, {states.count('finished')} finished")
    grown, runs = server.memory_info().rss, lesson.runs()
    answers, busy = _answers(lesson) - answers, _busy(server) - busy
    states = [folder.status().state for folder in runs]
    for task in opened:
        task.cancel()
    await asyncio.gather(*opened, return_exceptions=True)
    return {
        "browsers": browsers,
        "errors": lesson.heard.errors + lesson.wall.errors,
        "latency_p95_ms": _late(lesson.heard, 0.95),
        "first_point_last_s": round(max(lesson.waits), 2) if lesson.waits else None,
        "runs_started": len(runs),
        "runs_finished": states.count("finished"),
        "memory_growth": round(grown / memory - 1, 4),
        "fairness": fairness,
        "fairness_seconds": compared,
        "latency_p50_ms": _late(lesson.heard, 0.5),
        "wall_p95_ms": _late(lesson.wall, 0.95),
        "first_point_median_s": round(statistics.median(lesson.waits), 2) if lesson.waits else None,
        "answers": len(lesson.heard.seconds),
        "server_ms_an_answer": round(1000 * busy / answers, 1) if answers else None,
        "server_cores": round(busy / (seconds - (trained - began)), 3) if seconds > trained - began else None,
        "memory_mb": grown >> 20,
        "minutes": minutes,
        "stage_steps": int(query["stage_steps"]),
        "cores": psutil.cpu_count(),
        "machine_load": round(psutil.getloadavg()[0], 1),
        "notes": (lesson.heard.notes + lesson.wall.notes)[:10],
    }


def _answers(lesson: Lesson) -> int:
    return len(lesson.heard.seconds) + len(lesson.wall.seconds)


def _busy(server: psutil.Process) -> float:
    """Seconds of a core that the server has used, its workers left out."""
    used = server.cpu_times()
    return float(used.user + used.system)


async def _teacher(lesson: Lesson, query: dict[str, str], ready: asyncio.Event) -> None:
    """Opens the room, sends the settings and looks at the wall."""
    try:
        async with ClassBrowser("127.0.0.1", lesson.port, "", lesson.wall) as browser:
            await browser.click("Open a room", {"Name of the room": "Bench"})
            lesson.code = browser.asked("room")
            rooms = Rooms(lesson.home)
            if not rooms.room(lesson.code).taught_by(mark_of(browser.person)):
                raise PrecedenceError("the room is not the teacher's")
            rooms.change(lesson.code, lambda room: rules.send(room, query, own_seeds=True))
            lesson.wall.seconds.clear()  # the first answers of a cold server are no lesson
            ready.set()
            await browser.stay()
    except Exception as error:
        lesson.wall.note(f"the teacher's page was lost: {type(error).__name__} {error}"[:200])
        raise


async def _student(lesson: Lesson, number: int) -> None:
    """Joins, presses Train, watches."""
    counted = False
    try:
        async with ClassBrowser("127.0.0.1", lesson.port, f"room={lesson.code}", lesson.heard) as browser:
            await browser.click("Join", {"Your nickname": f"Student {number + 1}"})
            clicked, first = time.monotonic(), asyncio.get_running_loop().create_future()
            await browser.click("Train them")
            following = asyncio.create_task(browser.follow(first))
            staying = asyncio.create_task(browser.stay())
            try:
                lesson.waits.append(await first - clicked)
                lesson.trains += 1
                counted = True
                await asyncio.gather(following, staying)
            finally:
                for task in (following, staying):
                    task.cancel()
                await asyncio.gather(following, staying, return_exceptions=True)
    except Exception as error:
        lesson.heard.note(f"student {number + 1}'s page was lost: {type(error).__name__} {error}"[:200])
        lesson.failed += not counted
        raise


_TRAINING = ("starting", "running")


async def _fairness(runs: list[RunFolder], most: float) -> tuple[float | None, float]:
    """Most steps over the fewest, of runs that still train, and the seconds in which they were counted."""
    runs = [run for run in runs if run.status().state in _TRAINING]
    began, before = time.monotonic(), [run.status().step for run in runs]
    moved: list[int] = []
    seconds = 0.0
    while seconds < WINDOW and time.monotonic() < most:
        await asyncio.sleep(1)
        now = [run.status() for run in runs]
        if any(status.state not in _TRAINING for status in now):
            break
        seconds = time.monotonic() - began
        moved = [status.step - first for status, first in zip(now, before, strict=True)]
    fewest = min(moved, default=0)
    return round(max(moved) / fewest, 3) if fewest else None, round(seconds, 1)


def _late(heard: Heard, share: float) -> float | None:
    answers = sorted(heard.seconds)
    if not answers:
        return None
    return round(1000 * answers[int(share * (len(answers) - 1))], 1)
