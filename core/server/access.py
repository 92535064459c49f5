"""Who may talk to this server at all: by which name it is asked for, from which page, inside which frame.

A page of another site must not read or steer anything here: not by its own script (Origin), not by a name of its own
that leads to this machine (Host; DNS rebinding), not by laying our page under its buttons (frame-ancestors).
"""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
from urllib.parse import urlparse

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from core.server.addresses import under_base
from core.server.people import A_YEAR_SECONDS, COOKIE, NOBODY, new_cookie, person_of_cookie

WRONG_ORIGIN = 4403  # close code
FRAMES_VARIABLE = "PRECEDENCE_FRAME_ANCESTORS"
"""Sites that may show the app in a frame, e.g. `https://moodle.school.example`, with spaces in between."""

_CONTENT = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self' ws: wss: "
    "blob: data:; worker-src 'self' blob:; frame-src 'self' blob: data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)


def middleware() -> list[Middleware]:
    return [Middleware(Guard)]


class Guard:
    """Outermost: refuses requests to a name that is not this server's, gives visitors a cookie, answers headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not host_is_ours(headers.get("host")):
            await _refuse(scope, receive, send, headers.get("host") or "")
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        answered = _Answer(scope, headers, send)
        await self._app(scope, receive, answered.send)


class _Answer:
    def __init__(self, scope: Scope, headers: Headers, send: Send) -> None:
        self._scope = scope
        self._headers = headers
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            headers["content-security-policy"] = _content_policy()
            if not os.environ.get(FRAMES_VARIABLE):
                headers["x-frame-options"] = "SAMEORIGIN"
            headers["referrer-policy"] = "no-referrer"
            headers["x-content-type-options"] = "nosniff"
            if self._wants_cookie(headers):
                headers.append("set-cookie", self._cookie())
            message = {**message, "headers": headers.raw}
        await self._send(message)

    def _wants_cookie(self, headers: MutableHeaders) -> bool:
        if self._scope["method"] != "GET" or "text/html" not in headers.get("content-type", ""):
            return False
        return person_of_cookie(cookie_parser(self._headers.get("cookie", ""))) == NOBODY

    def _cookie(self) -> str:
        secure = self._scope["scheme"] == "https" or self._headers.get("x-forwarded-proto") == "https"
        return f"{COOKIE}={new_cookie()}; Path={under_base('/')}; Max-Age={A_YEAR_SECONDS}; HttpOnly; SameSite=Lax" + (
            "; Secure" if secure else ""
        )


def _content_policy() -> str:
    more = os.environ.get(FRAMES_VARIABLE, "")
    return _CONTENT + (f" {' '.join(more.split())}" if more and ";" not in more else "")


def host_is_ours(host: str | None) -> bool:
    """Whether a request names this server. A number never leads a browser astray, a name may: any site can point its
    own name at this machine.

    Names that are ours: this machine's, `server.allowedHosts`, `server.address`, `browser.serverAddress`, those of
    `server.corsAllowedOrigins`. `server.enableCORS false` takes every name.
    """
    if config.get_option("server.allowedHosts"):
        return is_host_allowed(host)
    if not config.get_option("server.enableCORS"):
        return True
    if host is None:
        return False
    try:
        name = (urlparse(f"//{host}").hostname or "").lower().rstrip(".")
    except ValueError:
        return False
    return _is_number(name) or name in _own_names() or name.endswith(".localhost")


def _own_names() -> set[str]:
    names = {"localhost", *_machine()} - {""}
    for option in ("server.address", "browser.serverAddress"):
        given = config.get_option(option)
        if given and config.is_manually_set(option):
            names.add((urlparse(given if "//" in given else f"//{given}").hostname or "").lower())
    for origin in config.get_option("server.corsAllowedOrigins") or []:
        names.add((urlparse(origin).hostname or "").lower())
    return names


@functools.cache
def _machine() -> frozenset[str]:
    name = socket.gethostname().lower()
    return frozenset((name, f"{name}.local"))


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def same_origin(headers: Headers) -> bool:
    """True unless a page of another site asks: its `Origin` names neither this host nor one that is allowed.

    Every browser names the origin of a WebSocket and of a POST; programs that name none carry no other site's consent.
    """
    if not host_is_ours(headers.get("host")):
        return False
    origin = headers.get("origin")
    if origin is None or not config.get_option("server.enableCORS"):
        return True
    parsed = urlparse(origin)
    if parsed.netloc == headers.get("host") or origin in (config.get_option("server.corsAllowedOrigins") or []):
        return True
    given = config.get_option("browser.serverAddress")
    if given and config.is_manually_set("browser.serverAddress"):
        return parsed.hostname == urlparse(given if "//" in given else f"//{given}").hostname
    return False


async def _refuse(scope: Scope, receive: Receive, send: Send, host: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": WRONG_ORIGIN})
        return
    said = (
        f"This server does not know itself as {host[:80]!r}. If that is its name, start it with the environment "
        "variable STREAMLIT_SERVER_ALLOWED_HOSTS or STREAMLIT_BROWSER_SERVER_ADDRESS set to it.\n"
    ).encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(said)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": said})
