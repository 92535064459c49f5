"""A class in a browser: a teacher's room, a student's link, and what that link cannot do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.classroom import rules
from core.classroom.room import Poll
from core.classroom.rooms import Rooms
from core.classroom.wall import Tile
from core.errors import PrecedenceError
from core.server import teaching
from core.settings.address import from_query
from pages.classroom.controls import PRESETS
from pages.classroom.wall_view import poll_html, tile_html, wall_html
from tests.conftest import new_context
from tests.pages.accessibility import assert_accessible
from tests.pages.looking import button, seen

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

HOSTILE = '<img src=x onerror="alert(1)">'
TEACHERS = ("Pause all", "Send settings", "Spotlight", "Room", "For the projector", "Close, and show the answers")


def test_what_people_type_is_text_on_the_wall() -> None:
    tile = Tile("m", HOSTILE, "r1", "running", note=HOSTILE, task=HOSTILE, line=(0.0, 1.0))
    poll = Poll(question="?", answers=(HOSTILE, "b"), votes={"m": 0})
    for html in (wall_html([tile], None, lab="priority_lab"), tile_html(tile), poll_html(poll)):
        assert "<img" not in html
        assert "&lt;img" in html
    assert "r1" not in wall_html([tile], "r1")  # a student's wall would name no run


def test_the_settings_that_are_offered_can_be_trained() -> None:
    configs = [from_query(query) for query in PRESETS.values()]
    assert configs[0].tolerance_of("relevance") == 0.01
    assert len(configs[0].priority) == 2


def test_whatever_a_student_asks_of_the_server_the_teachers_acts_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = Rooms(tmp_path)
    code = rooms.open("Mine", "t" * 24).code
    rooms.change(code, lambda now: rules.join(now, "a" * 24, "Ann"))
    monkeypatch.setattr(teaching, "rooms", lambda: rooms)
    before = rooms.room(code)
    for mark in ("a" * 24, "", "x" * 24, code):
        for act in (
            lambda: teaching.hold_all(code, mark, True),  # noqa: B023
            lambda: teaching.erase(code, mark),  # noqa: B023
            lambda: teaching.teach(code, mark, lambda now: rules.let_join(now, False)),  # noqa: B023
        ):
            with pytest.raises(PrecedenceError, match="Only the teacher"):
                act()
    assert rooms.room(code) == before


@pytest.mark.browser
@pytest.mark.slow
def test_a_student_joins_answers_and_sees_no_control_of_the_teacher(page: Page, browser: Browser, app: Any) -> None:
    page.goto(f"{app.url}/classroom")
    button(page, "Open a room").click()
    expect(button(page, "Pause all")).to_be_visible()
    seen(page, "listens on this machine alone")
    expect(page.get_by_alt_text("QR code of the link below")).to_be_visible()
    link = page.url
    assert re.search(r"room=[a-z0-9]{10}$", link)  # no secret of the teacher's
    button(page, "Ask").click()
    page.get_by_role("button", name="Ask everybody").click()
    expect(page.get_by_role("button", name="Ask everybody")).to_be_hidden()  # the wall is to be seen
    context = new_context(browser)
    try:
        student = context.new_page()
        student.goto(f"{link}&view=large")
        student.get_by_label("Your nickname").fill(HOSTILE[:24])
        button(student, "Join").click()
        student.goto(f"{app.url}/learn")  # wherever a student is, the question is there
        asked = student.locator(".st-key-room_question")
        expect(asked).to_contain_text("What does the multiplier do?")
        assert_accessible(student)
        box, window = asked.bounding_box(), student.viewport_size
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= window["width"]
        assert box["width"] <= 480
        asked.get_by_role("button", name="It falls").click()
        expect(asked).to_be_hidden()
        student.goto(f"{link}&view=large")
        seen(student, "You may change your answer")
        for name in TEACHERS:
            expect(button(student, name)).to_have_count(0)
        expect(student.locator(".wall")).to_have_count(0)  # others' runs
        seen(page, "1 of 1 answered")
        expect(page.locator(".wall .name")).to_have_text(HOSTILE[:24])
        for view in (page, student):
            assert_accessible(view)
        button(page, "Close, and show the answers").click()
        seen(student, "It falls (yours): 1")
    finally:
        context.close()
