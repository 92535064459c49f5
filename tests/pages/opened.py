"""Pages opened without a browser, by whoever a test says."""

from __future__ import annotations

import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages.navigation import PAGES
from pages.shared import person
from tests.conftest import MOST_SECONDS, ROOT


def be(who, monkeypatch):
    """Every page takes whoever opens it for this person; without a browser a whole page runs, never a fragment alone.

    What the function does is replaced, not its name: a page that is imported meanwhile would keep another function.
    """
    monkeypatch.setattr(person, "TESTED", who, raising=False)
    monkeypatch.setattr(person.me, "__code__", (lambda: TESTED).__code__)  # noqa: F821
    rerun = st.rerun
    monkeypatch.setattr("streamlit.rerun", lambda **_: rerun())
    monkeypatch.setattr("streamlit.page_link", lambda *_, label, **__: st.markdown(label))


MENUS = {"lab": ("keep", "share", "faq")}
"""Keys of popovers that are filled when they are opened: here they are open."""


def opened_page(page, query=""):
    """The page at its address, run once without an exception."""
    app = AppTest.from_file(ROOT / "pages" / "shell.py", default_timeout=MOST_SECONDS)
    url = PAGES[page].url_path
    app._page_hash = "" if url == "home" else calc_hash(url)
    for asked in filter(None, query.split("&")):
        name, _, value = asked.partition("=")
        app.query_params[name] = value
    for key in MENUS.get(page, ()):
        app.session_state[key] = True
    app.run()
    assert not app.exception, app.exception
    return app
