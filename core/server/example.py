"""The shipped example, replayed: what the lab shows until somebody presses Train. Nothing is trained for it.

One run of the default settings, read once for everybody. Each visitor's replay begins when the page is opened, so a
replay is only a moment of its beginning and costs the server a few sent texts a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import json
import time
from bisect import bisect_right
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import PrecedenceError
from core.events.events import Event, StageStarted, Started, Step
from core.home import PROGRAM
from core.records import read_bytes, read_record
from core.runs.folder.control import Control
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.series import Series
from core.runs.folder.status import RunStatus
from core.server.access import WRONG_ORIGIN, same_origin
from core.server.addresses import under_base
from core.server.websockets import send_until_gone
from core.settings.run import RunConfig

NAME = "example"
FOLDER = PROGRAM / "sample_data" / NAME
LASTS = 40.0  # seconds of a replay
BOUNDS_AT, ALONE_AT = 2.5, 30.0  # seconds into it: the first bound, and the first task that is trained alone
MOMENTS_A_SECOND = 10
_ADVICE = "make the example again: python -m core data make-example"
_EVENTS: TypeAdapter[Event] = TypeAdapter(Event)


class ExampleFolder(RunFolder):
    """The shipped run as a run folder that nothing can be written to."""

    def __init__(self, path: Path = FOLDER) -> None:
        super().__init__(path.parent, NAME)
        self.path = path

    def config(self) -> RunConfig:
        return read_record(RunConfig, self.path / "config.json", _ADVICE)

    def control(self) -> Control:
        return Control()


class Example:
    """Its events, each with the second of the replay at which it is told."""

    def __init__(self, path: Path = FOLDER) -> None:
        lines = gzip.decompress(read_bytes(path / "events.jsonl.gz", _ADVICE)).splitlines()
        self.events: list[Event] = [_EVENTS.validate_json(line) for line in lines]
        self.last_step = max(1, max(event.step for event in self.events))
        steps, seconds = self._marks()
        self.times = [_between(event.step, steps, seconds) for event in self.events]
        self._messages: dict[tuple[int, bool], str] = {}

    def _marks(self) -> tuple[list[int], list[float]]:
        """Steps and the seconds at which they are shown: most of a replay belongs to what happens under bounds."""
        started = [event for event in self.events if isinstance(event, StageStarted)]
        bounds = [event.step for event in started if event.constraints]
        alone = [event.step for event in started if event.phase == "reference" and event.step > 0]
        steps, seconds = [0], [0.0]
        for at, when in ((bounds[:1], BOUNDS_AT), (alone[:1], ALONE_AT), ([self.last_step], LASTS)):
            if at and at[0] > steps[-1]:
                steps.append(at[0])
                seconds.append(when)
        return steps, [*seconds[:-1], LASTS]

    def until(self, seconds: float) -> list[Event]:
        """What has been told after so many seconds."""
        return self.events[: self._told(seconds)]

    def status(self, seconds: float) -> RunStatus:
        """As if it were trained now."""
        told = self.until(seconds)
        step = told[-1].step if told else 0
        over = seconds >= LASTS
        return RunStatus(
            state="finished" if over else "running",
            step=step,
            most_steps=self.last_step,
            seconds=min(seconds, LASTS),
            remaining_seconds=None if over else LASTS - seconds,
        )

    def message(self, moment: int, whole: bool) -> str:
        """What is sent at a moment, a tenth of a second each: the news since the last, or all so far."""
        key = moment, whole
        if key not in self._messages:
            first = 0 if whole else self._told((moment - 1) / MOMENTS_A_SECOND)
            events = self.events[first : self._told(moment / MOMENTS_A_SECOND)]
            self._messages[key] = self._text(moment, events, whole)
        return self._messages[key]

    def _told(self, seconds: float) -> int:
        return bisect_right(self.times, seconds)

    def _text(self, moment: int, events: list[Event], whole: bool) -> str:
        series, others = Series(self._tasks), []
        for event in events:
            if isinstance(event, Step):
                series.add(event)
            else:
                others.append(json.loads(event.model_dump_json()))
        message: dict[str, Any] = {
            "offset": moment,
            "replace": whole,
            "series": series.thinned() if whole else series.columns(),
            "events": others,
            "status": "finished" if moment >= LASTS * MOMENTS_A_SECOND else "running",
        }
        return json.dumps(message, separators=(",", ":"), allow_nan=False)

    @functools.cached_property
    def _tasks(self) -> list[str]:
        return next((list(event.tasks) for event in self.events if isinstance(event, Started)), [])


def _between(step: int, steps: list[int], seconds: list[float]) -> float:
    """The second of a step, on straight lines between the marks."""
    after = min(max(1, bisect_right(steps, step)), len(steps) - 1)
    share = (step - steps[after - 1]) / (steps[after] - steps[after - 1])
    return seconds[after - 1] + share * (seconds[after] - seconds[after - 1])


@functools.cache
def example() -> Example | None:
    """The example; None where it is not shipped or cannot be read."""
    with contextlib.suppress(FileNotFoundError, PrecedenceError, OSError, ValueError):
        return Example()
    return None


def now() -> int:
    """The moment at which a replay begins, as its address has it: milliseconds of this server's clock."""
    return int(1000 * time.monotonic())


def elapsed(began: int) -> float:
    """Seconds of the replay that began then."""
    return max(0.0, time.monotonic() - began / 1000)


def example_address(began: int) -> str:
    """Where a browser finds the replay that began then."""
    return under_base(f"/api/example/{began}/events")


def routes() -> list[BaseRoute]:
    return [WebSocketRoute(under_base("/api/example/{began:int}/events"), replay)]


async def replay(websocket: WebSocket) -> None:
    """Sends the replay as far as it is, then what comes, until it is over or the browser goes."""
    await websocket.accept()
    shown = await asyncio.to_thread(example)
    if not same_origin(websocket.headers) or shown is None:
        await websocket.close(WRONG_ORIGIN)
        return
    began, text = websocket.path_params["began"], websocket.query_params.get("offset", "0")
    known = int(text) if text.isdigit() and len(text) < 8 else 0
    await send_until_gone(websocket, _send(websocket, shown, began, known))


async def _send(websocket: WebSocket, shown: Example, began: int, known: int) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        async for message in _messages(shown, began, known):
            await websocket.send_text(message)
        await asyncio.Event().wait()  # the line stays: a closed one would be opened again


async def _messages(shown: Example, began: int, known: int) -> AsyncIterator[str]:
    last = int(LASTS * MOMENTS_A_SECOND)
    moment = min(last, int(MOMENTS_A_SECOND * elapsed(began)))
    if known <= 0 or known > moment:
        yield shown.message(max(1, moment), True)
        known = max(1, moment)
    while known < last:
        known += 1
        await asyncio.sleep(max(0.0, known / MOMENTS_A_SECOND - elapsed(began)))
        yield shown.message(known, False)
