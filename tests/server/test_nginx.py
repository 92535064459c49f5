"""Behind a real nginx, by the very lines that docs/operation.md gives: HTTPS, a port of its own, below a path.

Skipped with the reason where there is no nginx.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.conftest import MOST_SECONDS, ROOT, free_port
from tests.runs.support import quick, wait_until
from tests.server.conftest import serve

NAME, PATH = "lab.school.example", "/lab"
WITH_HOST = "proxy_set_header Host $http_host;"
FRAME = """daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {servers}
}}
"""


def nginx_program() -> str:
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        pytest.skip("no nginx: apt-get install nginx-light")
    return found


def lines_of_the_documents() -> str:
    text = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    nginx_program()
    yield from serve(
        tmp_path_factory.mktemp("server"),
        options=(f"--server.baseUrlPath={PATH.strip('/')}",),
        environment={"STREAMLIT_BROWSER_SERVER_ADDRESS": NAME},
        path=PATH,
    )


@pytest.fixture(scope="module")
def ports(server, tmp_path_factory):
    """Of the server of the documents, and of the same without its line on the name of the host."""
    folder = tmp_path_factory.mktemp("nginx")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}",
         "-keyout", folder / "lab.key", "-out", folder / "lab.pem"], check=True, capture_output=True,
    )  # fmt: skip
    given, found = lines_of_the_documents(), (free_port(), free_port())
    servers = ""
    for port, lines in zip(found, (given, given.replace(WITH_HOST, "")), strict=True):
        for before, after in (
            ("listen 8443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("/etc/ssl", str(folder)),
            ("127.0.0.1:8501", server.address),
        ):
            assert before in lines
            lines = lines.replace(before, after)
        servers += lines
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, servers=servers))
    process = subprocess.Popen([nginx_program(), "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"])
    wait_until(lambda: process.poll() is not None or all(map(listens, found)))
    assert process.poll() is None
    yield found
    process.terminate()
    process.wait(MOST_SECONDS)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def get(port: int, path: str, host: str | None = None):
    """Status, headers and body; `host` as the browser's address bar has it."""
    asked = urllib.request.Request(f"https://127.0.0.1:{port}{path}", headers={"Host": host or f"{NAME}:{port}"})
    try:
        with urllib.request.urlopen(asked, context=trusting(), timeout=MOST_SECONDS) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def stream(port: int, path: str, origin: str, host: str | None = None):
    """A WebSocket as a page at `origin` opens it."""
    where = socket.create_connection(("127.0.0.1", port), timeout=MOST_SECONDS)
    return connect(
        f"wss://{host or NAME}:{port}{path}", sock=where, ssl=trusting(), origin=origin, open_timeout=MOST_SECONDS,
        max_size=None,
    )  # fmt: skip


@pytest.mark.parametrize("way", [0, 1], ids=["with the Host line", "without it"])
def test_a_page_its_cookie_and_its_streams(server, ports, way):
    port = ports[way]
    status, headers, body = get(port, f"{PATH}/")
    assert status == 200
    assert "<html" in body.lower()
    cookie = headers["set-cookie"]
    assert f"Path={PATH}/" in cookie
    assert "Secure" in cookie
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    status, _, body = get(port, f"{PATH}/healthz")
    assert status in (200, 503)
    assert list(json.loads(body)) == ["status"]  # by a proxy everybody is a stranger
    assert get(port, f"{PATH}/metrics")[0] == 403
    with stream(port, f"{PATH}/_stcore/stream", f"https://{NAME}:{port}"):
        pass  # opened
    with pytest.raises(InvalidStatus), stream(port, f"{PATH}/_stcore/stream", "https://evil.example"):
        pass


@pytest.mark.parametrize("way", [0, 1], ids=["with the Host line", "without it"])
def test_live_curves_come_through_and_to_our_pages_alone(server, ports, way):
    folder = server.submit(quick(60))
    path = f"{PATH}/api/runs/{folder.token()}/events?offset=0"
    with stream(ports[way], path, f"https://{NAME}:{ports[way]}") as socket_:
        assert "series" in json.loads(socket_.recv(timeout=MOST_SECONDS))
    foreign = stream(ports[way], path, "https://evil.example")
    with pytest.raises((InvalidStatus, ConnectionClosed)), foreign as socket_:
        socket_.recv(timeout=MOST_SECONDS)


def test_another_name_or_none_is_refused_in_a_sentence(ports):
    status, _, body = get(ports[0], f"{PATH}/", "evil.example")
    assert status == 403
    assert "does not know itself as 'evil.example'" in body
    with trusting().wrap_socket(socket.create_connection(("127.0.0.1", ports[0]), timeout=MOST_SECONDS)) as raw:
        raw.sendall(f"GET {PATH}/healthz HTTP/1.0\r\n\r\n".encode())
        answer = b""
        while piece := raw.recv(4096):
            answer += piece
    assert answer.split(b"\r\n", 1)[0].split()[1] in (b"400", b"403")
    assert b"Traceback" not in answer


def test_outside_its_path_there_is_nothing(ports):
    for path in ("/healthz", "/api/runs/x/events.jsonl", "/_stcore/health"):
        assert get(ports[0], path)[0] in (403, 404), path  # nginx' own: nothing of ours


def test_the_documents_name_what_they_test():
    assert Path(ROOT / ".ci" / "run").read_text().count("nginx") >= 1
    assert WITH_HOST in lines_of_the_documents()
