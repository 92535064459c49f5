"""How every run of a room stands, read so cheaply that thirty of them can be looked at once a second.

A run costs one status file and the lines that its log has grown by; of a long log only the end is ever read. All who
look at a room share one reading.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.classroom.room import Room, Student
from core.data.registry import card
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus, State
from core.task_kinds.kinds import KINDS

END = 1 << 16  # bytes of the end of a log that are read at first, or after a pause
POINTS = 60  # of a sparkline
FRESH = 0.9  # seconds that a reading holds for all


@dataclass(frozen=True)
class Tile:
    """One student's newest run; `multiplier` and `metric` are those of the most important task."""

    mark: str
    name: str
    run_id: str = ""
    state: State | None = None  # None: nothing started
    note: str = ""
    place: int | None = None  # in the queue, 1 = next
    wait: float | None = None  # seconds until it begins, where that is known
    step: int = 0
    most_steps: int = 0
    remaining: float | None = None
    task: str = ""
    multiplier: float | None = None
    metric_title: str = ""
    metric: float | None = None
    line: tuple[float, ...] = ()  # the multiplier over time, oldest first


@dataclass
class _Glance:
    """What is known of one run's log so far."""

    folder: RunFolder
    offset: int = 0
    place: int | None = None  # of the most important task
    title: str = ""
    metric_title: str = ""
    multiplier: float | None = None
    metric: float | None = None
    line: deque[float] = field(default_factory=lambda: deque(maxlen=4 * POINTS))

    def look(self) -> None:
        """Reads on; nothing where there is no log yet."""
        try:
            with self.folder.log.open("rb") as log:
                size = log.seek(0, 2)
                if size < self.offset:  # cut back
                    self.offset, self.multiplier, self.metric = 0, None, None
                    self.line.clear()
                if self.place is None:
                    log.seek(0)
                    self._begin(log.readline(END))
                start = max(self.offset, size - END)
                log.seek(start)
                data = log.read(size - start)
        except OSError:
            return
        whole = data.rfind(b"\n") + 1
        lines = data[:whole].splitlines()
        for text in lines[start > self.offset :]:  # the first may be half a line
            self._take(text)
        self.offset = start + whole

    def _begin(self, text: bytes) -> None:
        event = _event(text)
        if event.get("kind") != "started":
            return
        tasks, first = event["tasks"], event["priority"][0]
        self.place = tasks.index(first)
        kind = KINDS.get(event["task_kinds"][self.place])
        self.metric_title = kind.metric.name if kind else ""
        try:
            known = {task.name: task.title for task in card(self.folder.config().dataset).tasks}
        except PrecedenceError:
            known = {}
        self.title = known.get(first, first)

    def _take(self, text: bytes) -> None:
        if self.place is None or not (b'"kind":"step"' in text or b'"kind":"evaluated"' in text):
            return
        event = _event(text)
        if event.get("kind") == "step":
            self.multiplier = _number(event.get("multiplier"), self.place)
            if self.multiplier is not None:
                self.line.append(self.multiplier)
        elif event.get("phase") != "reference":
            self.metric = _number(event.get("metric"), self.place)


class Wall:
    """All rooms' tiles; safe to call from any thread."""

    def __init__(self, home: Path, status: Callable[[str], RunStatus]) -> None:
        self._home = home
        self._status = status
        self._lock = threading.Lock()
        self._glances: dict[str, _Glance] = {}
        self._shown: dict[str, tuple[float, Room, list[Tile]]] = {}

    def tiles(self, room: Room) -> list[Tile]:
        """In the order of joining."""
        with self._lock:
            known = self._shown.get(room.code)
            if known is not None and time.monotonic() - known[0] < FRESH and known[1] is room:
                return known[2]
            tiles = [self._tile(student) for student in room.students]
            self._shown[room.code] = time.monotonic(), room, tiles
            return tiles

    def forget(self, room: Room) -> None:
        """The room is gone."""
        with self._lock:
            self._shown.pop(room.code, None)
            for run_id in room.runs():
                self._glances.pop(run_id, None)

    def _tile(self, student: Student) -> Tile:
        for run_id in reversed(student.runs):  # the newest that is still there
            try:
                status = self._status(run_id)
            except PrecedenceError:
                continue
            glance = self._glances.setdefault(run_id, _Glance(RunFolder(self._home, run_id)))
            glance.look()
            return Tile(
                student.mark, student.name, run_id, status.state, status.error or status.note, status.queue_position,
                self._wait(student, run_id) if status.state == "queued" else None, status.step, status.most_steps,
                status.remaining_seconds, glance.title, glance.multiplier, glance.metric_title, glance.metric,
                _thin(list(glance.line)),
            )  # fmt: skip
        return Tile(student.mark, student.name)

    def _wait(self, student: Student, run_id: str) -> float | None:
        """Of one person one run trains at a time: as long as the one before it still takes."""
        left = [0.0]
        for other in student.runs:
            try:
                status = self._status(other)
            except PrecedenceError:
                continue
            if other != run_id and status.state in ("starting", "running"):
                left.append(status.remaining_seconds or 0.0)
        return max(left) or None


def _event(text: bytes) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _number(values: Any, place: int) -> float | None:
    value = values[place] if isinstance(values, list) and place < len(values) else None
    return float(value) if isinstance(value, int | float) else None


def _thin(values: list[float]) -> tuple[float, ...]:
    """One of so many, the last one always."""
    every = max(1, -(-len(values) // POINTS))
    return tuple(values[::-1][::every][::-1])
