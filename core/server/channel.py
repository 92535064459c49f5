"""One run on the air: read once, encoded once, the same text sent to every viewer."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from core.events.events import Event, Started, Step
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.series import Columns, Series
from core.runs.folder.status import State
from core.runs.folder.tail import Piece
from core.server.sketch import sampled

READ_AT_ONCE = 1 << 16  # bytes that are read on the event loop; longer pieces go to a thread
KEPT_BATCHES = 32  # sent since the last picture of the whole; more, and a newcomer gets a new picture
MOST_PENDING = 64  # batches that a slow viewer may be behind before it gets a picture of the whole instead
MOST_HELD = 2400  # points a series that are held at least, however long the log is; a picture has a quarter of it
MOST_MISSED = 1 << 20  # bytes that a viewer who comes back is sent one by one; more, and it gets a picture


class Viewer:
    """What one browser has yet to be sent."""

    def __init__(self) -> None:
        self.pending: deque[str] = deque()
        self.behind = False  # it lost its place: the next message is a picture of the whole
        self.wake = asyncio.Event()

    def push(self, message: str) -> None:
        if len(self.pending) >= MOST_PENDING:
            self.pending.clear()
            self.behind = True
        else:
            self.pending.append(message)
        self.wake.set()


class Channel:
    """The curves and events of one run so far, and who looks at them. Lives on one event loop."""

    def __init__(self, folder: RunFolder) -> None:
        self.viewers: set[Viewer] = set()
        self.state: State = "queued"
        self.ended = False  # there is no such run any more
        self._folder = folder
        self._tail = folder.tail()
        self._series = Series(most=MOST_HELD)
        self._events: list[dict[str, Any]] = []
        self._picture = ""  # the whole, thinned, up to some offset …
        self._batches: list[str] = []  # … and every batch since
        self._caught_up = asyncio.Lock()
        self._ready = False
        self._sketching = asyncio.Lock()
        self._sketch: str | None = None  # drawn once for all who come while the log is read

    @property
    def offset(self) -> int:
        return self._tail.offset

    async def catch_up(self) -> None:
        """Reads the log to its present end; in a thread, so that others are served meanwhile."""
        async with self._caught_up:
            if not self._ready:
                while await self._read(quietly=True):
                    pass
                self._ready, self._sketch = True, None

    async def sketch(self) -> str | None:
        """A picture drawn from samples of a long log, to be shown while the whole is read; None where that is short or
        has been read. It stands at offset 0, so whoever loses the line over it begins anew."""
        async with self._sketching:
            if not self._ready and self._sketch is None:
                self._sketch = await self._draw_sketch()
            return None if self._ready else self._sketch or None

    async def _draw_sketch(self) -> str:
        series = await asyncio.to_thread(sampled, self._folder)
        if series is None:
            return ""
        message = {
            "offset": 0, "replace": True, "series": series.thinned(), "events": series.said, "status": self.state,
        }  # fmt: skip
        return json.dumps(message, separators=(",", ":"), allow_nan=False)

    def leave(self, viewer: Viewer) -> None:
        """One viewer less; with the last one gone the log is not read any more."""
        self.viewers.discard(viewer)
        if not self.viewers:
            self._ready, self._picture, self._batches = False, "", []

    def end(self) -> None:
        """The run was deleted: nothing more comes for anybody."""
        self.ended = True
        for viewer in self.viewers:
            viewer.wake.set()

    async def poll(self) -> None:
        """Sends what is new in the log to every viewer."""
        if self._ready:
            async with self._caught_up:
                await self._read()

    def say_state(self, state: State) -> None:
        """Tells every viewer when the run's state changed, even if the log is silent."""
        if state != self.state:
            self.state = state
            self._send(self._message({}, [], replace=False))

    def join(self, offset: int) -> Viewer:
        """A new viewer, with what it must be sent first: what it missed since `offset`, or a picture of the whole."""
        viewer = Viewer()
        missed = self._missed(offset) if offset > 0 else None
        if missed is not None:
            viewer.push(missed)
        else:
            self._repaint(viewer)
        self.viewers.add(viewer)
        return viewer

    def next_for(self, viewer: Viewer) -> str | None:
        """The next message for this viewer; None when it has everything."""
        if viewer.behind:
            viewer.behind = False
            viewer.pending.clear()
            self._repaint(viewer)
        return viewer.pending.popleft() if viewer.pending else None

    async def _read(self, quietly: bool = False) -> bool:
        """One piece of the log; True when there is more at once."""
        if quietly:
            piece = await asyncio.to_thread(self._tail.read)
        else:
            piece = self._tail.read(READ_AT_ONCE)
        if piece.restarted:
            self._series, self._events = Series(most=MOST_HELD), []
        if not (piece.events or piece.problems or piece.restarted):
            return piece.more
        fresh = Series(self._series.tasks)
        news = self._sort(piece, fresh)
        if quietly:
            return piece.more
        if piece.restarted:
            self._picture, self._batches = "", []
            for viewer in self.viewers:
                viewer.pending.clear()
                viewer.behind = True
                viewer.wake.set()
        else:
            self._send(self._message(fresh.columns(), news, replace=False, problems=piece.problems))
        return piece.more

    def _sort(self, piece: Piece, fresh: Series) -> list[dict[str, Any]]:
        """Curves into the columns of the whole and into `fresh`; other events are kept and returned."""
        news = []
        for event in piece.events:
            if isinstance(event, Step):
                if len(event.loss) != len(self._series.tasks):
                    piece.problems.append(f"The record of step {event.step} does not fit the run's tasks.")
                    continue
                self._series.add(event)
                fresh.add(event)
                continue
            if isinstance(event, Started):
                self._series.start(event)
                fresh.start(event)
            news.append(_plain(event))
        self._events += news
        return news

    def _missed(self, offset: int) -> str | None:
        """What lies between `offset` and now; None when that place is void, too far back or within a line."""
        lowest_cut = self._folder.lowest_cut()
        if (lowest_cut is not None and offset > lowest_cut) or not 0 <= self.offset - offset <= MOST_MISSED:
            return None
        if not _at_line_start(self._folder, offset):
            return None
        tail = self._folder.tail(offset)
        fresh, news, problems = Series(self._series.tasks), [], []
        while tail.offset < self.offset:
            piece = tail.read(self.offset - tail.offset)
            if piece.restarted or not (piece.events or piece.problems):
                return None
            for event in piece.events:
                if isinstance(event, Step) and len(event.loss) == len(fresh.tasks):
                    fresh.add(event)
                elif not isinstance(event, Step):
                    news.append(_plain(event))
            problems += piece.problems
        return self._message(fresh.columns(), news, replace=False, problems=problems)

    def _repaint(self, viewer: Viewer) -> None:
        if not self._picture or len(self._batches) > KEPT_BATCHES:
            self._picture = self._message(self._series.thinned(), self._events, replace=True)
            self._batches = []
        for message in (self._picture, *self._batches):
            viewer.push(message)

    def _send(self, message: str) -> None:
        if self._picture:
            if len(self._batches) > KEPT_BATCHES:
                self._picture, self._batches = "", []  # nobody came for a while; painted anew when somebody does
            else:
                self._batches.append(message)
        for viewer in self.viewers:
            viewer.push(message)

    def _message(
        self, series: Columns, events: list[dict[str, Any]], replace: bool, problems: list[str] | None = None
    ) -> str:
        message: dict[str, Any] = {
            "offset": self.offset,
            "replace": replace,
            "series": series,
            "events": events,
            "status": self.state,
        }
        if problems:
            message["problems"] = problems
        return json.dumps(message, separators=(",", ":"), allow_nan=False)


def _plain(event: Event) -> dict[str, Any]:
    """The event as JSON knows it: what is no number becomes null, as in the log."""
    plain: dict[str, Any] = json.loads(event.model_dump_json())
    return plain


def _at_line_start(folder: RunFolder, offset: int) -> bool:
    if offset == 0:
        return True
    try:
        with folder.log.open("rb") as log:
            log.seek(offset - 1)
            return log.read(1) == b"\n"
    except OSError:
        return False
