"""A page's URL is told apart from its own echoes: of quick clicks none is taken back by the next."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import url
from tests.conftest import MOST_SECONDS


def script() -> None:
    """A page whose button counts; its URL says how far."""
    import streamlit as st

    from pages.shared.url import Url, arrive

    arrive(st.session_state.get("page", "here"))
    known = st.session_state.setdefault("url", Url())
    asked = known.asked()
    if asked:
        st.session_state["count"] = int(asked["count"])
    count = st.session_state.setdefault("count", 0) + st.button("More")
    st.session_state["count"] = count
    known.show({"count": str(count)})
    st.text(str(count))


@pytest.fixture
def counted() -> AppTest:
    """A page that was clicked twice: its URL held 0, 1 and now 2."""
    app = AppTest.from_function(script, default_timeout=MOST_SECONDS).run()
    for _ in range(2):
        app.button[0].click().run()
    assert shown(app) == ("2", "2")
    return app


def shown(app: AppTest) -> tuple[str, str]:
    """What the page says, and what its URL says."""
    assert not app.exception
    return app.text[0].value, app.query_params["count"][0]


def test_a_click_that_brings_an_older_url_counts_and_takes_nothing_back(counted: AppTest) -> None:
    counted.query_params["count"] = "0"
    counted.button[0].click().run()
    assert shown(counted) == ("3", "3")


def test_a_url_that_the_page_never_showed_is_obeyed(counted: AppTest) -> None:
    counted.query_params["count"] = "7"
    counted.run()
    assert shown(counted) == ("7", "7")


def test_a_link_from_another_page_is_obeyed_wherever_it_leads(counted: AppTest) -> None:
    counted.session_state["page"] = "there"
    counted.query_params["count"] = "0"
    counted.run()
    assert shown(counted) == ("0", "0")


def test_what_was_shown_long_ago_is_no_echo(counted: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(url, "LATE", 0.0)
    counted.query_params["count"] = "1"
    counted.run()
    assert shown(counted) == ("1", "1")
