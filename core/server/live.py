"""Routes beside the pages: the live events of a run, its raw log, and the script that draws the curves.

A run is named by its read token alone, so whoever has a link may look; nothing here changes a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.server import shared
from core.server.access import WRONG_ORIGIN, same_origin
from core.server.addresses import under_base
from core.server.assets import A_YEAR
from core.server.websockets import send_until_gone

UNKNOWN_TOKEN = 4404  # close code: there is no such run, do not try again


def routes() -> list[BaseRoute]:
    return [
        WebSocketRoute(under_base("/api/runs/{token}/events"), live_events),
        Route(under_base("/api/runs/{token}/events.jsonl"), raw_events),
        Route(under_base("/vendor/plotly.min.js"), plotly_script),
    ]


async def live_events(websocket: WebSocket) -> None:
    """Sends the run's messages until the browser goes, the run is deleted or the server closes."""
    await websocket.accept()  # a browser learns a close code only after the handshake
    if not same_origin(websocket.headers):
        await websocket.close(WRONG_ORIGIN)
        return
    run_id = shared.supervisor().run_of_token(websocket.path_params["token"])
    if run_id is None:
        await websocket.close(UNKNOWN_TOKEN)
        return
    text = websocket.query_params.get("offset", "0")
    offset = int(text) if text.isdigit() and len(text) < 16 else 0
    await send_until_gone(websocket, _send(websocket, run_id, offset))


async def _send(websocket: WebSocket, run_id: str, offset: int) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        with contextlib.suppress(PrecedenceError):  # deleted between two lines
            async with contextlib.aclosing(shared.hub().view(run_id, offset)) as messages:
                async for message in messages:
                    await websocket.send_text(message)
        await websocket.close(UNKNOWN_TOKEN)


async def raw_events(request: Request) -> Response:
    """The log as it is now, whole lines, to keep."""
    run_id = shared.supervisor().run_of_token(request.path_params["token"])
    if run_id is None or not same_origin(request.headers):
        return PlainTextResponse("There is no such run.", status_code=404)
    name = f'attachment; filename="{run_id}.events.jsonl"'
    lines = _whole_lines(RunFolder(shared.supervisor().home, run_id).log)
    return StreamingResponse(lines, media_type="application/jsonl", headers={"Content-Disposition": name})


def _whole_lines(log: Path) -> Iterator[bytes]:
    if not log.exists():
        return
    left = log.stat().st_size
    with log.open("rb") as file:
        while left > 0 and (piece := file.read(min(left, 1 << 16))):
            if len(piece) == left:  # the last piece ends with its last whole line
                yield piece[: piece.rfind(b"\n") + 1]
                return
            left -= len(piece)
            yield piece


async def plotly_script(request: Request) -> Response:
    """plotly.js out of the installed package; compressed once, not for every browser of a class."""
    plain, packed = await asyncio.to_thread(_plotly_file)
    headers = {"Cache-Control": A_YEAR, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
    return Response(plain, media_type="text/javascript", headers=headers)


@functools.cache
def _plotly_file() -> tuple[bytes, bytes]:
    file = next(path for path in importlib.metadata.files("plotly") or () if path.name == "plotly.min.js")
    plain = Path(str(file.locate())).read_bytes()
    return plain, gzip.compress(plain, 6)
