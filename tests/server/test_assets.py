"""The modules of the front end as a browser gets them, and the head of the page that they are drawn into."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from streamlit import config

from core.server import assets, first_paint
from core.server.assets import FOLDER, asset_address, asset_text


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: Headers
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


class Client:
    """Asks an application as a server would; a path is what stands in the request, nothing in it is tidied up."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str, headers: Mapping[str, str] | None = None, query: str = "") -> Answer:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": ""}
        scope |= {"path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "headers": raw}
        asyncio.run(self._app({**scope, "server": ("localhost", 80)}, receive, send))  # type: ignore[arg-type]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], Headers(raw=list(sent[0]["headers"])), body)


@pytest.fixture
def client() -> Client:
    return Client(Starlette(routes=assets.routes()))


def test_a_module_is_served_for_ever_as_what_it_is(client: Client) -> None:
    answer = client.get(asset_address("live/charts.js"), headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    assert answer.text == (FOLDER / "live" / "charts.js").read_text()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_it_is_packed_for_a_browser_that_takes_it(client: Client) -> None:
    answer = client.get(asset_address("live/store.js"), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.content).decode() == asset_text("live/store.js")


def test_all_modules_lie_under_one_hash_so_that_relative_imports_find_them(client: Client) -> None:
    one, other = asset_address("live/charts.js"), asset_address("shared/socket.js")
    assert one.removesuffix("live/charts.js") == other.removesuffix("shared/socket.js")


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "%2e%2e/app.py",
        "live/../../app.py",
        "/etc/passwd",
        "..%2f..%2fetc/passwd",
        "live",
        "live/store.test.js",
        "package.json",
        "shared/events.d.ts",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(asset_address("") + path).status_code == 404


def test_an_address_of_another_version_is_not_answered_with_this_one(client: Client) -> None:
    assert client.get("/assets/0123456789abcdef/live/charts.js").status_code == 404


def test_addresses_and_routes_lie_below_the_base() -> None:
    config.set_option("server.baseUrlPath", "lab")
    try:
        client = Client(Starlette(routes=assets.routes()))
        address = asset_address("shared/dom.js")
        assert address.startswith("/lab/assets/")
        assert client.get(address).status_code == 200
    finally:
        config.set_option("server.baseUrlPath", "")


PAGE = "<html><head><title>A</title></head><body></body></html>"


@pytest.fixture
def framed() -> Client:
    async def page(request: Any) -> HTMLResponse:
        return HTMLResponse(PAGE, headers={"ETag": "1", "Cache-Control": "no-cache"})

    async def text(request: Any) -> PlainTextResponse:
        return PlainTextResponse("</head>")

    routes = [Route("/text", text), Route("/{path:path}", page)]
    return Client(Starlette(routes=routes, middleware=first_paint.middleware(["priority_lab"])))


def test_a_page_begins_with_its_style(framed: Client) -> None:
    answer = framed.get("/home", headers={"Accept": "text/html,*/*", "If-None-Match": "1"})
    assert asset_text(first_paint.STYLE) in answer.text.partition("</head>")[0]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"
    assert "<script>" not in answer.text


@pytest.mark.parametrize("path", ["/priority_lab", "/lab/priority_lab/"])
def test_a_page_with_a_sidebar_keeps_its_room(framed: Client, path: str) -> None:
    assert asset_text(first_paint.SIDEBAR) in framed.get(path, headers={"Accept": "text/html"}).text


def test_a_lesson_has_no_sidebar(framed: Client) -> None:
    assert "<script>" not in framed.get("/priority_lab", headers={"Accept": "text/html"}, query="lesson=1").text


def test_what_is_no_page_passes_untouched(framed: Client) -> None:
    assert framed.get("/text", headers={"Accept": "text/html"}).text == "</head>"
    assert framed.get("/home", headers={"Accept": "application/json"}).text == PAGE
