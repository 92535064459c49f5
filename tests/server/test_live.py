"""The live lane over a real server: what a browser is sent, when it comes back, and who is turned away."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from core.events.events import EVENT, Step
from core.runs.paths import server_file
from core.runs.workers.supervisor import Supervisor
from tests.conftest import MOST_SECONDS
from tests.runs.support import quick, wait_until
from tests.server.conftest import serve

ROOT = Path(__file__).parents[2]


def look(server, token, offset=0, origin=None):
    address = f"ws://{server.address}/api/runs/{token}/events?offset={offset}"
    return connect(address, origin=origin, max_size=None, open_timeout=MOST_SECONDS)


def hear(socket, until):
    """Messages until one of them satisfies `until`."""
    messages, deadline = [], time.monotonic() + MOST_SECONDS
    while not messages or not until(messages[-1]):
        messages.append(json.loads(socket.recv(timeout=max(0.1, deadline - time.monotonic()))))
    return messages


def closed_with(socket):
    """The code with which the server closes the line; None where it just drops it."""
    try:
        while True:
            socket.recv(timeout=MOST_SECONDS)
    except ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code


def joined(messages):
    """Points of every series after all messages, as a browser would hold them."""
    held = {}
    for message in messages:
        if message["replace"]:
            held = {}
        for name, column in message["series"].items():
            points = held.setdefault(name, [])
            points += zip(column["x"], column["y"], strict=True)
    return held


def oracle(folder):
    """The same points, read off the raw log."""
    held = {}
    for line in folder.log.read_bytes().splitlines():
        event = EVENT.validate_json(line)
        if isinstance(event, Step):
            for name in ("loss", "multiplier", "weight", "violation", "violation_train"):
                for task, value in zip("ab", getattr(event, name), strict=True):
                    if value is not None:
                        held.setdefault(f"{name}/{task}", []).append((event.step, pytest.approx(value, rel=1e-6)))
    return held


def test_a_viewer_sees_every_point_and_event_and_the_end(server):
    folder = server.submit(quick(300))
    with look(server, folder.token()) as socket:
        messages = hear(socket, lambda message: message["status"] == "finished")
    assert messages[0]["replace"]
    assert not any(message["replace"] for message in messages[1:])
    assert joined(messages) == oracle(folder)
    kinds = [event["kind"] for message in messages for event in message["events"]]
    assert kinds == ["started", "finished"]
    offsets = [message["offset"] for message in messages]
    assert offsets == sorted(offsets)
    assert offsets[-1] == folder.log.stat().st_size


def test_a_viewer_who_comes_back_gets_what_it_missed_and_nothing_twice(server):
    folder = server.submit(quick(3000, microseconds=3000))  # so slow that what is missed is never thinned
    with look(server, folder.token()) as socket:
        before = hear(
            socket, lambda message: "loss/a" in message["series"] and message["series"]["loss/a"]["x"][-1] > 50
        )
    time.sleep(0.3)
    with look(server, folder.token(), before[-1]["offset"]) as socket:
        after = hear(socket, lambda message: message["series"].get("loss/a", {"x": [0]})["x"][-1] > 500)
    assert not after[0]["replace"]
    x = [step for step, _ in joined(before + after)["loss/a"]]
    assert x == list(range(1, x[-1] + 1))


def test_a_place_within_a_line_or_beyond_the_end_gets_the_whole(server):
    folder = server.submit(quick(50))
    wait_until(lambda: folder.status().state == "finished")
    for offset in (7, 10**9):
        with look(server, folder.token(), offset) as socket:
            message = json.loads(socket.recv(timeout=MOST_SECONDS))
        assert message["replace"]
        assert joined([message]) == oracle(folder)


def test_a_long_history_is_thinned(server):
    folder = server.submit(quick(3000, microseconds=1))
    wait_until(lambda: folder.status().state == "finished")
    with look(server, folder.token()) as socket:
        held = joined([json.loads(socket.recv(timeout=MOST_SECONDS))])
    truth = oracle(folder)
    assert len(truth["loss/a"]) == 3000
    for name, points in held.items():
        assert len(points) <= 600
        values = [value for _, value in points]
        exact = [value.expected for _, value in truth[name]]
        assert max(values) == pytest.approx(max(exact))
        assert min(values) == pytest.approx(min(exact))


def test_a_line_that_is_no_event_is_told_in_a_sentence(server):
    folder = server.submit(quick(20))
    wait_until(lambda: folder.status().state == "finished")
    with look(server, folder.token()) as socket:
        socket.recv(timeout=MOST_SECONDS)
        with folder.log.open("ab") as log:
            log.write(b'{"kind":"step","ste\n')
        message = json.loads(socket.recv(timeout=MOST_SECONDS))
    assert "no event" in message["problems"][0]


def test_unknown_tokens_and_other_origins_are_turned_away(server):
    folder = server.submit(quick(10))
    for token, origin, code in (
        ("x" * 32, None, 4404),
        (folder.run_id, None, 4404),
        (folder.token(), "http://evil.example", 4403),
    ):
        with look(server, token, origin=origin) as socket, pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=MOST_SECONDS)
        assert closed.value.rcvd.code == code
    with look(server, folder.token(), origin=f"http://{server.address}") as socket:
        assert json.loads(socket.recv(timeout=MOST_SECONDS))["replace"]


def test_who_has_anothers_word_watches_and_whatever_is_said_on_that_line_changes_nothing(server):
    folder = server.submit(quick(1_000_000))
    with look(server, folder.token(), origin=f"http://{server.address}") as socket:
        hear(socket, lambda message: message["status"] == "running")
        before = folder.control()
        for said in ("stop", '{"mode": "stop"}', '{"order": "pause"}', b"\x00" * 1000, json.dumps({"owner": "me"})):
            socket.send(said)
        at = folder.status().step
        wait_until(lambda: folder.status().step > at)
        assert folder.control() == before
        assert folder.status().state == "running"
    Supervisor(server.home, 1).command(folder.run_id, "stop")


def test_who_watches_a_run_that_is_deleted_is_told_so(server):
    folder = server.submit(quick(1))
    wait_until(lambda: folder.status().state == "finished")
    with look(server, folder.token()) as socket:
        hear(socket, lambda message: message["status"] == "finished")
        shutil.rmtree(folder.path)
        assert closed_with(socket) == 4404


def test_a_message_that_is_far_too_large_is_refused_before_it_is_held(server):
    """By the limit that .streamlit/config.toml gives, which the server of these tests is started with."""
    folder = server.submit(quick(1_000_000))
    wait_until(lambda: folder.status().step > 0)
    process = psutil.Process(server.process.pid)
    before, most = process.memory_info().rss, 0
    for path in (f"/api/runs/{folder.token()}/events", "/_stcore/stream"):
        for _ in range(3):
            address = f"ws://{server.address}{path}"
            with connect(address, origin=f"http://{server.address}", max_size=None) as socket:
                with contextlib.suppress(ConnectionClosed):  # refused while it is being sent
                    socket.send(b"x" * (30 << 20))
                assert closed_with(socket) in (None, 1009)
            most = max(most, process.memory_info().rss - before)
    assert most < 20 << 20
    Supervisor(server.home, 1).command(folder.run_id, "stop")


@pytest.mark.parametrize("token", ["x" * 32, "..", "%2e%2e%2f%2e%2e", "..%2Fread.token"])
def test_no_path_leads_out_of_the_runs(server, token):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://{server.address}/api/runs/{token}/events.jsonl")
    assert refused.value.code in (400, 404)
    with pytest.raises((ConnectionClosed, InvalidStatus)), look(server, token) as socket:
        socket.recv(timeout=MOST_SECONDS)


def test_the_raw_log_can_be_kept(server):
    folder = server.submit(quick(20))
    wait_until(lambda: folder.status().state == "finished")
    with urllib.request.urlopen(f"http://{server.address}/api/runs/{folder.token()}/events.jsonl") as answer:
        assert answer.read() == folder.log.read_bytes()
        assert folder.run_id in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_over_http(server, verb):
    folder = server.submit(quick(10))
    for end in ("events", "events.jsonl", "control", "control.json", "pause"):
        request = urllib.request.Request(f"http://{server.address}/api/runs/{folder.token()}/{end}", method=verb)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code in (404, 405)


def test_plotly_is_served_packed_and_for_a_year(server):
    import gzip

    address = f"http://{server.address}/vendor/plotly.min.js?version=1"
    plain = urllib.request.urlopen(address).read()
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        packed = answer.read()
        assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert b"plotly.js" in plain[:200]
    assert gzip.decompress(packed) == plain


def test_the_server_process_holds_no_torch(server):
    maps = psutil.Process(server.process.pid).memory_maps()
    assert not any("libtorch" in region.path for region in maps)


def test_a_killed_server_finds_its_runs_again(server):
    folder = server.submit(quick(1_000_000))
    wait_until(lambda: folder.status().step > 0)
    worker = folder.status().worker_pid
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(MOST_SECONDS)
    at = folder.status().step
    wait_until(lambda: folder.status().step > at)  # the worker needs no server
    server.start()
    with look(server, folder.token()) as socket:
        hear(socket, lambda message: message["status"] == "running" and not message["replace"])
    assert folder.status().worker_pid == worker


def test_the_server_closes_with_viewers_connected(server):
    folder = server.submit(quick(1_000_000))
    with look(server, folder.token()) as socket:
        hear(socket, lambda message: message["status"] == "running")
        server.process.terminate()
        with contextlib.suppress(ConnectionClosed):
            for _ in socket:
                pass
        server.process.wait(MOST_SECONDS)
    assert not server_file(server.home).exists()  # the good-bye was reached
    assert folder.status().state == "running"  # and the worker goes on
    server.start()


@pytest.fixture
def own_server(tmp_path):
    """One whose worker holds no run of another test: it would wait for a person."""
    yield from serve(tmp_path)


def test_a_server_that_is_told_to_end_drains(own_server):
    """SIGTERM: the server goes at once, its runs go to their ends with every step once, and then the workers go too."""
    server = own_server
    folder = server.submit(quick(300, 3000))
    wait_until(lambda: folder.status().step > 20)
    worker = psutil.Process(folder.status().worker_pid)
    server.process.terminate()
    server.process.wait(MOST_SECONDS)
    assert not server_file(server.home).exists()  # the good-bye was reached
    assert folder.status().state == "running"
    wait_until(lambda: folder.status().state == "finished")
    worker.wait(MOST_SECONDS)
    assert [event.step for event in folder.events() if isinstance(event, Step)] == list(range(1, 301))


def test_the_application_imports_no_torch():
    code = "import sys, core.server.application, core.runs.library; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "False"


def test_a_wrong_setting_ends_the_start_with_one_sentence():
    environment = {**os.environ, "PRECEDENCE_WORKERS": "many"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.port=0"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=MOST_SECONDS)
    assert answer.returncode != 0
    assert "PRECEDENCE_WORKERS is 'many'" in answer.stderr
    assert "Traceback" not in answer.stderr
