"""A line to a browser on which only the server speaks: what both the live line and the replayed example are."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocket


async def send_until_gone(websocket: WebSocket, sending: Coroutine[Any, Any, None]) -> None:
    """Runs `sending` until it is over or the browser goes; whatever the browser says is passed over."""
    tasks = (asyncio.create_task(sending), asyncio.create_task(_listen(websocket)))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
