"""A person has so many tabs and no more; who closes one may open another, and nobody else is concerned."""

from __future__ import annotations

from core.server.people import new_cookie
from core.server.tabs import Tabs
from pages.shared import person
from tests.pages.opened import be, opened_page


def test_as_many_tabs_as_allowed_and_another_once_one_is_closed():
    closed = set()
    tabs = Tabs(lambda tab: tab not in closed)
    assert all(tabs.admits("ann", f"tab {number}", 3) for number in range(3))
    assert not tabs.admits("ann", "tab 3", 3)
    assert tabs.admits("ann", "tab 1", 3)  # one that is in stays in
    assert tabs.admits("ben", "tab 4", 3)
    closed.add("tab 0")
    assert tabs.admits("ann", "tab 3", 3)
    assert not tabs.admits("ann", "tab 5", 3)
    assert tabs.admits("ann", "tab 5", 0)


def test_a_page_too_many_says_what_to_do(monkeypatch):
    be(person.Person("a" * 24, "member"), monkeypatch)
    monkeypatch.setattr(person, "tabs", Tabs(lambda _: True))
    monkeypatch.setenv("PRECEDENCE_TABS_A_PERSON", "1")
    person.tabs.admits("a" * 24, new_cookie(), 1)
    page = opened_page("learn")
    assert [warning.value for warning in page.warning] == [
        "Open tabs of yours: 1, as many as one may have. Close some, then load this one again."
    ]
    assert not page.button
