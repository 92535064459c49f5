"""The page's frame before Streamlit has drawn anything: nothing that a person looks at moves when the rest arrives.

Streamlit begins narrow, with wide margins, and learns the width, the style and the sidebar only from the script. What
the program looks like is known before, so it is written into the head of the HTML that every page begins with.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.server.assets import asset_address, asset_text

STYLE = "shared/page.css"
GLOSSARY = "shared/glossary.js"
SIDEBAR = "shared/reserve_sidebar.js"
SIDEBAR_PIXELS = 330
LESSON = b"lesson="
"""In the query of an address that shows a page without its settings, and so without its sidebar."""
OWN_COPY = (b"accept-encoding", b"if-none-match", b"if-modified-since")
"""Of a request: what may make the answer packed, or none. The page is small and changes with the style."""


def middleware(with_sidebar: Sequence[str]) -> list[Middleware]:
    """`with_sidebar`: the last part of the addresses of pages that have a sidebar."""
    return [Middleware(FirstPaint, with_sidebar=frozenset(with_sidebar))]


class FirstPaint:
    """Writes the style into the head of every HTML page that passes, and keeps the sidebar's room where one comes."""

    def __init__(self, app: ASGIApp, with_sidebar: frozenset[str]) -> None:
        self._app = app
        self._with_sidebar = with_sidebar

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name not in OWN_COPY]
        page = _Page(send, self._head(scope["path"], scope["query_string"]))
        await self._app({**scope, "headers": headers}, receive, page.send)

    def _head(self, path: str, query: bytes) -> bytes:
        head = f"<style>{asset_text(STYLE)}</style>"
        head += f'<script type="module" src="{asset_address(GLOSSARY)}"></script>'
        if path.rstrip("/").rpartition("/")[2] in self._with_sidebar and LESSON not in query:
            head += f"<style>:root {{ --sidebar: {SIDEBAR_PIXELS}px }}</style><script>{asset_text(SIDEBAR)}</script>"
        return head.encode()


class _Page:
    """One answer: an HTML page is held back until it is whole, anything else passes."""

    def __init__(self, send: Send, head: bytes) -> None:
        self._send = send
        self._head = head
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_whole(self._start)
        else:
            await self._send(message)

    async def _send_whole(self, start: Message) -> None:
        body = self._body.replace(b"</head>", self._head + b"</head>", 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        for stale in ("etag", "last-modified"):
            del headers[stale]
        headers["content-length"] = str(len(body))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_html(start: Message) -> bool:
    headers = Headers(raw=list(start["headers"]))
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
