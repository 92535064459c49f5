"""All runs on the air: one loop looks at their logs, however many browsers look at it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator

from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import UNDER_WAY
from core.runs.workers.supervisor import Supervisor
from core.server.channel import Channel

LOOK_EVERY = 0.06  # seconds between two looks at the logs: motion for the eye, half of the promised delay
STATE_EVERY = 0.5  # seconds between two looks at the states, and at the logs of runs that are over
KEEP_FOR = 20.0  # seconds that what was read is kept when nobody looks, for a reload

_log = logging.getLogger(__name__)


class Hub:
    """Shares one channel a run among its viewers; lives on the server's event loop."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._channels: dict[str, Channel] = {}
        self._left: dict[str, float] = {}  # run → when its last viewer went
        self._loop: asyncio.Task[None] | None = None

    async def view(self, run_id: str, offset: int) -> AsyncGenerator[str, None]:
        """The messages of one viewer, from `offset` on; they end where the run is deleted."""
        channel = self._channels.get(run_id)
        if channel is None:
            channel = self._channels[run_id] = Channel(RunFolder(self._supervisor.home, run_id))
        if not channel.viewers:
            channel.state = self._supervisor.status(run_id).state
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._look())
        if (sketch := await channel.sketch()) is not None:
            yield sketch
        await channel.catch_up()
        viewer = channel.join(offset)
        self._left.pop(run_id, None)
        try:
            while not channel.ended:
                message = channel.next_for(viewer)
                if message is None:
                    viewer.wake.clear()
                    await viewer.wake.wait()
                else:
                    yield message
        finally:
            channel.leave(viewer)
            if not channel.viewers:
                self._left[run_id] = time.monotonic()

    def viewers(self) -> int:
        """Of all runs together."""
        return sum(len(channel.viewers) for channel in list(self._channels.values()))

    async def close(self) -> None:
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop

    async def _look(self) -> None:
        state_at = 0.0
        while True:
            began = time.monotonic()
            look_at_states = began - state_at >= STATE_EVERY
            if look_at_states:
                state_at = began
                self._forget(began)
            for run_id, channel in list(self._channels.items()):
                if channel.viewers and (look_at_states or channel.state in UNDER_WAY):
                    await self._look_at(run_id, channel, look_at_states)
            await asyncio.sleep(max(0.005, LOOK_EVERY - (time.monotonic() - began)))

    async def _look_at(self, run_id: str, channel: Channel, look_at_state: bool) -> None:
        try:
            await channel.poll()
            if look_at_state:
                channel.say_state(self._supervisor.status(run_id).state)
                self._supervisor.watched(run_id)
        except PrecedenceError:  # its status is damaged, or it was deleted while somebody looked
            if not RunFolder(self._supervisor.home, run_id).exists():
                self._channels.pop(run_id, None)
                channel.end()
        except Exception:
            _log.exception("a look at run %s failed", run_id)

    def _forget(self, now: float) -> None:
        for run_id, left in list(self._left.items()):
            if now - left > KEEP_FOR:
                self._channels.pop(run_id, None)
                del self._left[run_id]
