"""Asks an ASGI application without a server: one request, or the first word of a WebSocket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any


@dataclass
class Answer:
    status_code: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Asker:
    """As a browser that keeps cookies; `host` is what it takes the server's name for."""

    app: Any
    host: str = "localhost:8501"
    cookies: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, body: str = "") -> Answer:
        sent: list[dict] = []
        incoming = [{"type": "http.request", "body": body.encode(), "more_body": False}]
        asyncio.run(self._run(self._scope("http", path, headers, method=method), incoming, sent))
        start = next(message for message in sent if message["type"] == "http.response.start")
        told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        for name, morsel in SimpleCookie(told.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return Answer(start["status"], told, b"".join(message.get("body", b"") for message in sent))

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.request("GET", path, headers)

    def post(self, path: str, body: str, headers: dict[str, str] | None = None) -> Answer:
        return self.request("POST", path, headers, body)

    def closed_with(self, path: str, headers: dict[str, str] | None = None) -> int | None:
        """The code with which a WebSocket is closed; None where it stays open and is left."""
        sent: list[dict] = []
        incoming = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
        asyncio.run(self._run(self._scope("websocket", path, headers), incoming, sent))
        return next((message["code"] for message in sent if message["type"] == "websocket.close"), None)

    def _scope(self, kind: str, path: str, headers: dict[str, str] | None, **more: Any) -> dict[str, Any]:
        told = {"host": self.host, **(headers or {})}
        if self.cookies:
            told["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {
            "type": kind, "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
            "scheme": "http" if kind == "http" else "ws", "server": ("localhost", 8501), "client": ("127.0.0.1", 5),
            "headers": [(name.encode(), value.encode()) for name, value in told.items()], "http_version": "1.1",
            "subprotocols": [], "extensions": {}, **more,
        }  # fmt: skip

    async def _run(self, scope: dict[str, Any], incoming: list[dict], sent: list[dict]) -> None:
        async def receive() -> dict:
            if not incoming:
                await asyncio.sleep(3600)
            return incoming.pop(0)

        async def send(message: dict) -> None:
            sent.append(message)

        await asyncio.wait_for(self.app(scope, receive, send), 20)
