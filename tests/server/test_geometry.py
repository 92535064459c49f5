"""The bench's WebSocket over a real server with the real calculator."""

from __future__ import annotations

import json
import subprocess

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.conftest import MOST_SECONDS
from tests.runs.support import wait_until

pytestmark = pytest.mark.slow  # the calculator imports torch

ARROWS = {"gradients": [[1.0, 0.0], [-1.0, 1.0]]}


def talk(server, origin=None):
    return connect(f"ws://{server.address}/api/geometry", origin=origin, open_timeout=MOST_SECONDS)


def ask(socket, name, arguments, number=1):
    socket.send(json.dumps({"id": number, "name": name, "arguments": arguments}))
    return json.loads(socket.recv(timeout=MOST_SECONDS))


def calculators(server):
    return [
        child
        for child in psutil.Process(server.process.pid).children(recursive=True)
        if "core.runs.sidecar.calculator" in child.cmdline()
    ]


def test_a_drag_is_answered_in_the_order_of_asking(server):
    with talk(server) as socket:
        assert ask(socket, "directions", ARROWS, 7)["id"] == 7
        for number in range(8, 12):
            socket.send(json.dumps({"id": number, "name": "directions", "arguments": ARROWS}))
        said = [json.loads(socket.recv(timeout=MOST_SECONDS)) for _ in range(4)]
    assert [message["id"] for message in said] == [8, 9, 10, 11]
    assert said[0]["result"]["methods"]["single_task"]["update"] == [1.0, 0.0]
    assert len(calculators(server)) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"id": "x", "name": "directions", "arguments": {}}', "known are directions"),
        ('{"id": 1, "name": "process", "arguments": {}}', "known are directions"),
        ('{"id": 1, "name": "directions", "arguments": {"gradients": [[NaN, 1]]}}', "cannot be used"),
        ('{"id": 1, "name": "directions", "arguments": {"gradients": [[1e400, 1]]}}', "cannot be used"),
        ("[" * 15_000, "cannot be read"),
        ('"' + "x" * 30_000 + '"', "at most 20000"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_line_stays_open(server, text, says):
    with talk(server) as socket:
        socket.send(text)
        said = json.loads(socket.recv(timeout=MOST_SECONDS))
        assert says in said["problem"]
        assert "Traceback" not in said["problem"]
        assert "result" in ask(socket, "directions", ARROWS)


def test_another_sites_page_is_turned_away(server):
    with talk(server, origin="http://elsewhere.example") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=MOST_SECONDS)
        assert closed.value.rcvd.code == 4403


def test_a_killed_calculator_is_replaced_and_ends_with_the_server(server):
    with talk(server) as socket:
        ask(socket, "directions", ARROWS)
        (before,) = calculators(server)
        before.kill()
        assert "result" in ask(socket, "directions", ARROWS)
    (now,) = calculators(server)
    server.process.terminate()
    try:
        server.process.wait(60)
    except subprocess.TimeoutExpired:
        pytest.fail("the server did not end within 60 s of being asked")
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait(MOST_SECONDS)
    wait_until(lambda: not now.is_running() or now.status() == psutil.STATUS_ZOMBIE)
    server.start()
