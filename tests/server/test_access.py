"""Every route under every name, from every page; every right for every role; keys that were used before."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from streamlit import config

from core.classroom.rooms import Rooms
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.runs.library import Library
from core.server import access, application, operation, people, rights, shared
from core.server.people import COOKIE, Person, mark_of, new_cookie
from tests.runs.support import quick
from tests.server.asking import Asker

ROOT = Path(__file__).parents[2]
FOREIGN = "http://evil.example"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    people.forget_admins()
    yield tmp_path
    people.forget_admins()


@pytest.fixture
def client(home, monkeypatch):
    from core.runs.workers.supervisor import Supervisor

    monkeypatch.setattr(shared.supervisor, "made", Supervisor(home, 1))
    monkeypatch.setattr(shared.hub, "made", None)
    app = Starlette(routes=application.routes(), middleware=access.middleware())
    return Asker(app)


def address(path: str, token: str) -> str:
    files = {"{version}": "x", "{path:path}": "live/charts.js", "{token}": token, "{began:int}": "0"}
    for part, value in files.items():
        path = path.replace(part, value)
    return path


def test_every_route_is_in_the_table(client):
    assert {route.path for route in application.routes()} == set(rights.ROUTES)


def test_every_route_refuses_a_name_that_is_not_ours(client, home):
    """DNS rebinding: another site's name leads to this machine."""
    token = RunFolder.create(home, quick()).token()
    for route in application.routes():
        path = address(route.path, token)
        for host in ("evil.example", "evil.example:8501", "localhost.evil.example", ""):
            headers = {"host": host, "origin": f"http://{host}"}
            if "WebSocket" in type(route).__name__:
                assert client.closed_with(path, headers) == access.WRONG_ORIGIN, path
            else:
                method = "POST" if "POST" in (route.methods or ()) else "GET"
                assert client.request(method, path, headers).status_code == 403, path


def test_a_page_of_another_site_gets_nothing_that_is_not_for_everybody(client, home):
    token = RunFolder.create(home, quick()).token()
    for route in application.routes():
        path = address(route.path, token)
        if "WebSocket" in type(route).__name__:
            assert client.closed_with(path, {"origin": FOREIGN}) == access.WRONG_ORIGIN
            assert client.closed_with(path, {"origin": "http://localhost:8501"}) is None
        elif "everybody" not in rights.ROUTES[route.path]:
            method = "POST" if "POST" in (route.methods or ()) else "GET"
            assert client.request(method, path, {"origin": FOREIGN}).status_code in (403, 404), path


def test_nothing_but_a_runs_own_word_opens_it(client, home):
    """A student knows the room's code, the own run with its word, and perhaps another's name: none opens another's."""
    mine, theirs = (RunFolder.create(home, quick(), owner=mark * 24) for mark in "ab")
    room = Rooms(home).open("Class", "t" * 24)
    known = [theirs.run_id, mine.run_id, "a" * 24, "b" * 24, room.code, mine.token()[::-1], theirs.path.name, "..", ""]
    own_page = {"origin": "http://localhost:8501"}
    for route in application.routes():
        if "{token}" not in route.path:
            continue
        for word in known:
            path = address(route.path, word)
            if "WebSocket" in type(route).__name__:
                assert client.closed_with(path, own_page) is not None, path
            else:
                assert client.get(path, own_page).status_code in (403, 404), path
    for route in application.routes():  # and no route at all takes an order about a run
        assert not {"PUT", "DELETE", "PATCH"} & set(getattr(route, "methods", None) or ())
    posts = {route.path for route in application.routes() if "POST" in (getattr(route, "methods", None) or ())}
    assert not {path for path in posts if "run" in path or "room" in path}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8501", "[::1]:8501", "192.168.1.7:8501", "lab.localhost"])
def test_names_of_this_machine_are_ours(host):
    assert access.host_is_ours(host)


def test_options_of_streamlit_hold_for_every_name(monkeypatch):
    assert not access.host_is_ours("lab.school.example")
    given = {"browser.serverAddress": "lab.school.example"}
    real = config.get_option
    monkeypatch.setattr(config, "get_option", lambda name: given[name] if name in given else real(name))
    monkeypatch.setattr(config, "is_manually_set", lambda name: name in given)
    assert access.host_is_ours("lab.school.example:8600")
    given["server.enableCORS"] = False
    assert access.host_is_ours("anything.example")
    given["server.allowedHosts"] = ["only.example"]
    assert not access.host_is_ours("lab.school.example")
    assert access.host_is_ours("only.example")


def test_answers_forbid_foreign_frames_and_tell_no_address(client):
    headers = client.get("/sign_in").headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "no-referrer"
    assert "img-src 'self' data: blob:" in headers["content-security-policy"]  # no picture of another site loads


def test_a_visitor_gets_a_cookie_that_no_script_reads_and_keeps_it(client):
    first = client.get("/sign_in")
    assert "HttpOnly; SameSite=Lax" in first.headers["set-cookie"]
    assert "Secure" not in first.headers["set-cookie"]
    assert "set-cookie" not in client.get("/sign_in").headers
    client.cookies.update({COOKIE: "too short"})
    assert "Secure" in client.get("/sign_in", {"x-forwarded-proto": "https"}).headers["set-cookie"]


def test_the_consoles_code_makes_one_browser_an_admin_once(client, home):
    client.get("/sign_in")
    cookie = client.cookies[COOKIE]
    code = people.invite_admin()
    assert client.post("/api/sign_in", code, {"origin": FOREIGN}).status_code == 403
    assert client.post("/api/sign_in", "guessed").status_code == 403
    assert client.post("/api/sign_in", code).status_code == 200
    assert people.person_of_cookie({COOKIE: cookie}).role == "admin"
    client.cookies.update({COOKIE: new_cookie()})
    assert client.post("/api/sign_in", code).status_code == 403, "a code that was used opens nothing"
    people.forget_admins()
    assert people.person_of_cookie({COOKIE: cookie}).role == "admin", "also after a restart"
    assert cookie not in (home / "admins").read_text()


def test_what_is_written_of_a_person_is_no_cookie():
    cookie = new_cookie()
    person = people.person_of_cookie({COOKIE: cookie})
    assert person == Person(mark_of(cookie), "member")
    assert people.person_of_cookie({COOKIE: person.mark}) == people.NOBODY
    assert people.person_of_cookie({}) == people.NOBODY


def test_an_account_has_the_role_that_the_operator_gives(monkeypatch):
    monkeypatch.setenv(people.ROLES_VARIABLE, "admin=ann@school.example;teacher=ben@school.example;*=watcher")
    assert people.person_of_account("Ann@school.example").role == "admin"
    assert people.person_of_account("ben@school.example").role == "teacher"
    assert people.person_of_account("cid@school.example").role == "watcher"
    monkeypatch.setenv(people.ROLES_VARIABLE, "king=ann@school.example")
    with pytest.raises(people.PrecedenceError, match="king=ann"):
        people.roles_of_accounts()


def test_the_table_of_rights_says_what_is_promised():
    rows = {row[0]: dict(zip(rights.PEOPLE, row[1:], strict=True)) for row in rights.table()}
    assert len(rows) == len(rights.RIGHTS)
    for name, right in rights.RIGHTS.items():
        row = rows[right.title]
        assert row["admin"] == "yes"
        if right.own:
            assert (row["owner"], row["other member"], row["watcher"], row["nobody"]) == ("yes", "no", "no", "no"), name
    assert rows[rights.RIGHTS["see"].title]["nobody"] == "yes"
    assert rows[rights.RIGHTS["start"].title]["watcher"] == "no"
    assert not rights.may(Person("", "member"), "steer", ""), "what is nobody's is not everybody's"


def test_the_documents_have_the_tables_as_they_are():
    assert rights.markdown() in (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")


def test_health_and_metrics_say_figures_alone(client, home):
    folder = RunFolder.create(home, quick(), owner="somebody")
    found = client.get("/healthz")
    assert found.status_code == 503
    assert found.json()["problems"] == ["no worker is alive"]
    assert {"server", "workers", "queue", "disk"} <= found.json().keys()
    text = client.get("/metrics").text
    assert 'precedence_runs{state="queued"} 1' in text
    for secret in (str(home), folder.run_id, folder.token(), "somebody"):
        assert secret not in text + json.dumps(found.json())


@pytest.mark.parametrize(
    "headers",
    [{"host": "192.168.1.7:8501"}, *({name: "127.0.0.1"} for name in sorted(operation.FORWARDED))],
    ids=lambda headers: next(iter(headers)),
)
def test_a_stranger_learns_of_the_servers_health_what_a_load_balancer_asks_for(client, home, headers):
    found = client.get("/healthz", headers)
    assert (found.status_code, found.json()) == (503, {"status": "unwell"})
    client.get("/sign_in", headers)  # brings the cookie
    client.post("/api/sign_in", people.invite_admin(), {"host": "192.168.1.7:8501"})
    assert client.get("/healthz", headers).json()["server"]["version"]  # the admin's browser is no stranger


def test_a_deleted_runs_word_opens_nothing(client, home):
    own_page = {"origin": "http://localhost:8501"}
    gone, other = (RunFolder.create(home, quick(), owner="a" * 24) for _ in range(2))
    routes = [route.path for route in application.routes() if "{token}" in route.path]

    def opens(folder: RunFolder, token: str) -> set[bool]:
        return {
            client.get(address(path, token), own_page).status_code == 200
            if path.endswith(".jsonl")
            else client.closed_with(address(path, token), own_page) is None
            for path in routes
        }

    tokens = gone.token(), other.token()
    assert [opens(*one) for one in zip((gone, other), tokens, strict=True)] == [{True}, {True}]
    gone.write_status(RunStatus(state="stopped"))
    with contextlib.closing(Library(home)) as library:
        library.delete(gone.run_id)
    assert [opens(*one) for one in zip((gone, other), tokens, strict=True)] == [{False}, {True}]
    RunFolder.create(home, quick())  # nor once somebody asks for a newer run's
    assert opens(gone, tokens[0]) == {False}
