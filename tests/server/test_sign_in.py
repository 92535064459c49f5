"""Signing in at a provider (OIDC): the real server, Streamlit's own way there and back, each account's role."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from core.server.people import NOBODY, mark_of, person_of_claims
from tests.conftest import MOST_SECONDS, free_port
from tests.server.conftest import serve
from tests.server.oidc_provider import CLIENT, SECRET, Provider

ROLES = "admin=ann@school.example;teacher=ben@school.example;member=cem@school.example;*=watcher"
SHELL = """
import json
import streamlit as st
from core.server.rights import RIGHTS, may
from pages.shared.person import me, signs_in
person = me()
said = [person.role, person.mark, person.name, [name for name in RIGHTS if may(person, name, person.mark)], signs_in()]
st.markdown("ROLE " + json.dumps(said))
if not st.user.is_logged_in:
    st.login()
"""


@pytest.fixture(scope="module")
def provider():
    started = Provider()
    yield started
    started.close()


@pytest.fixture(scope="module")
def server(provider, tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("signing"), free_port()
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f"""
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "a long word of the test's own, for signing"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.address}/.well-known/openid-configuration"
"""
    )
    yield from serve(folder, SHELL, port=port, environment={"PRECEDENCE_ROLES": ROLES})


def visit(server, cookies: str = "", with_token: bool = True) -> tuple[list, str]:
    """What the page says of the visitor, and where it sends one who has not signed in.

    `with_token`: as our own page does, which alone can read the cookie against forged requests.
    """
    told, goes_to = [], ""
    with connect(
        f"ws://{server.address}/_stcore/stream",
        subprotocols=["streamlit", *re.findall(r"_streamlit_xsrf=([^;]+)", cookies if with_token else "")],
        origin=f"http://{server.address}",
        additional_headers={"Cookie": cookies} if cookies else {},
        open_timeout=MOST_SECONDS,
        max_size=None,
    ) as socket:
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        socket.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(socket.recv(timeout=MOST_SECONDS))
            text = message.delta.new_element.markdown.body
            if text.startswith("ROLE "):
                told = json.loads(text.removeprefix("ROLE "))
            if message.WhichOneof("type") == "auth_redirect":
                goes_to = message.auth_redirect.url
            if message.WhichOneof("type") == "script_finished":
                return told, goes_to


def sign_in(server, provider, account) -> str:
    """The whole way there and back; the cookies of the browser afterwards."""
    provider.account = account
    _, goes_to = visit(server)
    with httpx.Client(follow_redirects=True, timeout=MOST_SECONDS) as browser:
        browser.get(f"http://{server.address}/_stcore/health")
        browser.get(httpx.URL(f"http://{server.address}/").join(goes_to))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)


def test_whoever_has_not_signed_in_is_nobody(server):
    (role, mark, _, rights, asks), goes_to = visit(server)
    assert (role, mark, rights, asks) == ("nobody", "", ["see"], True)
    assert "/auth/login" in goes_to
    assert visit(server, f"precedence_person={'x' * 43}")[0][0] == "nobody"  # a cookie alone is no account


@pytest.mark.parametrize(
    ("email", "role", "least", "most"),
    [
        ("Ann@school.example", "admin", "administer", ""),
        ("ben@school.example", "teacher", "stop_any", "administer"),
        ("cem@school.example", "member", "start", "see_all"),
        ("dora@elsewhere.example", "watcher", "see", "start"),
    ],
)
def test_an_account_has_the_role_that_the_operator_gives_it(server, provider, email, role, least, most):
    cookies = sign_in(server, provider, {"sub": email, "email": email, "name": "Somebody", "email_verified": True})
    (said, mark, name, rights, _), goes_to = visit(server, cookies)
    assert (said, name, goes_to) == (role, "Somebody", "")
    assert mark == mark_of(f"account {email.lower()}")
    assert least in rights
    assert most not in rights
    assert email.lower() not in cookies.lower()


def test_an_address_that_the_provider_does_not_vouch_for_gives_no_role(server, provider):
    claims = {"sub": "77", "email": "ann@school.example", "email_verified": False}
    (role, mark, *_), _ = visit(server, sign_in(server, provider, claims))
    assert role == "watcher"
    assert mark != mark_of("account ann@school.example")


def test_a_changed_cookie_or_one_without_its_token_is_nobody(server, provider):
    cookies = sign_in(server, provider, {"sub": "1", "email": "ann@school.example"})
    assert visit(server, cookies)[0][0] == "admin"
    assert visit(server, cookies, with_token=False)[0][0] == "nobody"
    place = cookies.index("_streamlit_user=") + 40
    changed = cookies[:place] + ("A" if cookies[place] != "A" else "B") + cookies[place + 1 :]
    assert visit(server, changed)[0][0] == "nobody"


@pytest.mark.parametrize(
    "claims", [{}, {"name": "x"}, {"email": ""}, {"email": "ann@school.example", "email_verified": False}]
)
def test_claims_that_name_nobody_are_nobody(claims):
    assert person_of_claims(claims) == NOBODY
