"""The WebSocket of the geometry bench: a browser drags, the calculator answers, one request at a time a browser.

Browser → server {"id": 3, "name": "directions", "arguments": {...}}; server → browser {"id": 3, "result": ...} or
{"id": 3, "problem": "a sentence"}. A browser that drags keeps one request on the way and the newest one in hand, so
thirty of them cannot pile up work.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import PrecedenceError
from core.server import shared
from core.server.access import WRONG_ORIGIN, same_origin
from core.server.addresses import GEOMETRY, under_base

OPEN_TO_BROWSERS = ("directions", "landscapes", "surface", "path")
"""Calculations that anybody with the page may ask for: small ones on what is in the request, nothing of a person's."""
MOST_CHARACTERS = 20_000


def routes() -> list[BaseRoute]:
    return [WebSocketRoute(under_base(GEOMETRY), geometry)]


async def geometry(websocket: WebSocket) -> None:
    """Answers until the browser goes or the server closes."""
    await websocket.accept()  # a browser learns a close code only after the handshake
    if not same_origin(websocket.headers):
        await websocket.close(WRONG_ORIGIN)
        return
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            said = await _answer(message.get("text") or "")
            await websocket.send_text(json.dumps(said, separators=(",", ":"), allow_nan=False))
    except WebSocketDisconnect:
        return


async def _answer(text: str) -> dict[str, Any]:
    number: Any = None
    try:
        number, name, arguments = _read(text)
        future = shared.calculator().submit(name, arguments)
        return {"id": number, "result": await asyncio.wrap_future(future)}
    except PrecedenceError as error:
        return {"id": number, "problem": str(error)}


def _read(text: str) -> tuple[int, str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise PrecedenceError(f"The request has {len(text)} characters; at most {MOST_CHARACTERS} are read.")
    try:
        request = json.loads(text)
        number, name, arguments = request["id"], request["name"], request["arguments"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PrecedenceError(
            f"The request {text[:60]!r} cannot be read; expected an object with id, name and arguments."
        ) from error
    if not isinstance(number, int) or name not in OPEN_TO_BROWSERS:
        known = ", ".join(OPEN_TO_BROWSERS)
        raise PrecedenceError(f"The request asks for {str(name)[:60]!r} as number {number!r}; known are {known}.")
    return number, name, arguments
