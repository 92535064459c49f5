"""One simulated student or teacher: a cookie from the page itself, Streamlit's messages, clicks, then the live line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from core.bench.soak_browser import EARLY, PATIENCE, Heard, is_whole_page
from core.server.people import COOKIE

_LIVE = re.compile(rb"/api/runs/[A-Za-z0-9_-]+/events")


@dataclass
class Tab:
    """An open page: where it is, what can be clicked, which parts of it ask to be run again."""

    query: str
    page: str = "classroom"
    script: str = ""  # the page's hash, once the server has told it
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)  # label → widget, fragment
    inputs: dict[str, str] = field(default_factory=dict)  # label → widget
    fragments: dict[str, float] = field(default_factory=dict)  # → seconds between two runs
    live: str = ""  # path of a run's live events


class ClassBrowser:
    """Connect with `async with`; `click` and `stay` are what a person does."""

    def __init__(self, host: str, port: int, query: str, heard: Heard) -> None:
        self._at = f"{host}:{port}"
        self._heard = heard
        self._socket: Any = None
        self._lines = contextlib.AsyncExitStack()
        self.tab = Tab(query)

    async def __aenter__(self) -> ClassBrowser:
        from websockets.asyncio.client import connect
        from websockets.typing import Subprotocol

        self._cookie = await asyncio.to_thread(self._fetch)
        address = f"ws://{self._at}/_stcore/stream"
        options = self._options() | {"subprotocols": [Subprotocol("streamlit")]}
        self._socket = await self._lines.enter_async_context(connect(address, **options))
        await self.run()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._lines.aclose()

    def _fetch(self) -> str:
        """The HTML page, whose answer brings the cookie that the browser keeps."""
        asked = urllib.request.Request(
            f"http://{self._at}/{self.tab.page}?{self.tab.query}", headers={"Accept": "text/html"}
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            answer.read()
            return str(answer.headers.get("set-cookie", "")).partition(";")[0]

    @property
    def person(self) -> str:
        """What the cookie says."""
        return self._cookie.removeprefix(f"{COOKIE}=")

    def _options(self) -> dict[str, Any]:
        headers = {"Cookie": self._cookie}
        return {"max_size": None, "compression": None, "additional_headers": headers, "origin": f"http://{self._at}",
                "open_timeout": PATIENCE, "ping_timeout": None}  # fmt: skip

    async def click(self, label: str, typed: dict[str, str] | None = None) -> None:
        """Presses a button after text was typed into inputs; both by their labels."""
        widget, fragment = self.tab.buttons[label]
        await self.run(fragment, widget, typed or {})

    async def run(self, fragment: str = "", pressed: str = "", typed: dict[str, str] | None = None) -> None:
        """Asks for the page or a fragment of it and waits for the end of the answer, another page's included."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        ask = BackMsg()
        asked = ask.rerun_script
        asked.query_string, asked.page_script_hash, asked.fragment_id = self.tab.query, self.tab.script, fragment
        if not self.tab.script:
            asked.page_name = self.tab.page
        for label, text in (typed or {}).items():
            asked.widget_states.widgets.add(id=self.tab.inputs[label], string_value=text)
        if pressed:
            asked.widget_states.widgets.add(id=pressed, trigger_value=True)
        began = time.monotonic()
        await self._socket.send(ask.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while not self._take(await self._socket.recv()):
                pass
        self._heard.seconds.append(time.monotonic() - began)

    def _take(self, raw: bytes) -> bool:
        """One message of the server; True where the answer is at its end."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        message = ForwardMsg()
        message.ParseFromString(raw)
        kind, tab = message.WhichOneof("type"), self.tab
        if kind == "navigation":
            if tab.script != message.navigation.page_script_hash:  # another page: nothing of the one before is left
                tab.buttons, tab.inputs, tab.fragments, tab.live = {}, {}, {}, ""
            tab.script = message.navigation.page_script_hash
        elif is_whole_page(message):
            tab.fragments = {}
        elif kind == "page_info_changed":
            tab.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            tab.fragments[message.auto_rerun.fragment_id] = max(0.5, message.auto_rerun.interval)
        elif kind == "delta":
            self._element(message.delta, raw)
        return kind == "script_finished" and message.script_finished != EARLY

    def _element(self, delta: Any, raw: bytes) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "button":
            self.tab.buttons[element.button.label] = element.button.id, delta.fragment_id
        elif kind == "text_input":
            self.tab.inputs[element.text_input.label] = element.text_input.id
        elif kind == "bidi_component" and (found := _LIVE.search(raw)):
            self.tab.live = found.group().decode()
        elif kind == "exception":
            self._heard.note(f"the page showed: {element.exception.message[:100]}")
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self._heard.note(f"the page said: {element.alert.body[:100]}")

    async def stay(self) -> None:
        """Runs the page's fragments when they ask for it, until it is cancelled."""
        due: dict[str, float] = {}
        while True:
            now = time.monotonic()
            due = {one: due.get(one, now + every) for one, every in self.tab.fragments.items()}
            first = min(due, key=due.__getitem__, default="")
            if not first:
                await asyncio.sleep(1)
                continue
            await asyncio.sleep(max(0.0, due[first] - now))
            await self.run(first)
            due[first] = time.monotonic() + self.tab.fragments.get(first, 1.0)

    async def follow(self, first_point: asyncio.Future[float]) -> None:
        """The run's live line; tells when its first point came, and stays until it is cancelled."""
        from websockets.asyncio.client import connect

        async with connect(f"ws://{self._at}{self.tab.live}", **self._options()) as line:
            async for message in line:
                if not first_point.done() and json.loads(message)["series"]:
                    first_point.set_result(time.monotonic())
        self._heard.note("the live line was closed")

    def asked(self, name: str) -> str:
        """A parameter of the page's address."""
        return parse_qs(self.tab.query.lstrip("?")).get(name, [""])[0]
