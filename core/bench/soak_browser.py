"""One simulated browser: Streamlit's own WebSocket with its messages, and the live one beside it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

from core.server.people import COOKIE

PATIENCE = 60.0  # seconds for an answer
EARLY = 2  # ForwardMsg.ScriptFinishedStatus: another run of the script follows at once


def is_whole_page(message: Any) -> bool:
    """Where a run of the whole page begins: it says anew what repeats, and a browser forgets what did before."""
    return message.WhichOneof("type") == "new_session" and not message.metadata.run.fragment_ids


@dataclass
class Heard:
    """Seconds from asking to the end of each answer, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    notes: list[str] = field(default_factory=list)

    def note(self, said: str) -> None:
        self.errors += 1
        self.notes.append(said)


class Browser:
    """A tab with the Priority lab; `asked` is its query, `token` opens its run's live events."""

    def __init__(self, host: str, port: int, cookie: str, asked: str, token: str | None, heard: Heard) -> None:
        self._at = f"{host}:{port}"
        self._cookie = f"{COOKIE}={cookie}"
        self._asked = asked
        self._token = token
        self._heard = heard
        self._fragments: dict[str, float] = {}  # fragment → seconds between two runs of it

    async def stay(self) -> None:
        """Until it is cancelled: the page, its fragments, its curves."""
        parts = [self._page()] + ([self._live()] if self._token else [])
        await asyncio.gather(*parts)

    async def shout(self, size: int) -> None:
        """One message far too large on either line."""
        from websockets.asyncio.client import connect

        for path in (f"/api/runs/{self._token}/events", "/_stcore/stream"):
            with contextlib.suppress(Exception):
                async with connect(f"ws://{self._at}{path}", **self._options()) as socket:
                    await socket.send(b"x" * size)
                    await socket.recv()

    def _options(self) -> dict[str, Any]:
        return {
            "max_size": None,
            "compression": None,
            "additional_headers": {"Cookie": self._cookie},
            "origin": f"http://{self._at}",
            "open_timeout": PATIENCE,
            "ping_timeout": None,
        }

    async def _live(self) -> None:
        from websockets.asyncio.client import connect

        try:
            async with connect(f"ws://{self._at}/api/runs/{self._token}/events", **self._options()) as socket:
                async for _ in socket:
                    pass
            self._heard.note("the live line was closed")
        except OSError as error:
            self._heard.note(f"the live line was lost: {error}")

    async def _page(self) -> None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed
        from websockets.typing import Subprotocol

        try:
            options = self._options() | {"subprotocols": [Subprotocol("streamlit")]}
            async with connect(f"ws://{self._at}/_stcore/stream", **options) as socket:
                await self._run(socket, "")
                while True:
                    due = dict(self._fragments)
                    await asyncio.sleep(min(due.values(), default=1.0))
                    for fragment in due:
                        if fragment in self._fragments:  # else the page no longer has it repeat
                            await self._run(socket, fragment)
        except (OSError, TimeoutError, ConnectionClosed) as error:
            self._heard.note(f"the page's line was lost: {type(error).__name__} {error}")

    async def _run(self, socket: Any, fragment: str) -> None:
        """Asks for the page, or one of its fragments, and waits for its end."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        ask = BackMsg()
        ask.rerun_script.query_string = self._asked
        ask.rerun_script.page_name = "priority_lab"
        ask.rerun_script.fragment_id = fragment
        began = time.monotonic()
        await socket.send(ask.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                message = ForwardMsg()
                message.ParseFromString(await socket.recv())
                kind = message.WhichOneof("type")
                if is_whole_page(message):
                    self._fragments.clear()
                elif kind == "auto_rerun":
                    self._fragments[message.auto_rerun.fragment_id] = max(0.5, message.auto_rerun.interval)
                elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                    self._heard.note(f"the page showed: {message.delta.new_element.exception.message[:100]}")
                elif kind == "script_finished" and message.script_finished != EARLY:
                    self._heard.seconds.append(time.monotonic() - began)
                    return
