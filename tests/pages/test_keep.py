"""A run is named, put first on Home, and deleted, by who started it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.pages.lab import QUICK, asked, button, open_lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "<b>mine</b> *best*"


def test_a_run_is_named_found_again_and_deleted(page: Page, app: Any, browser: Browser) -> None:
    open_lab(page, app.url, QUICK)
    run = asked(page)["run"]
    button(page, "Keep").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_text("First in the list on Home").click()
    assert page.get_by_role("button", name="Delete this run").is_disabled(), "it is under way"
    page.keyboard.press("Escape")
    button(page, "Stop").click()
    button(page, "Resume").wait_for()

    other = browser.new_page()
    other.goto(app.url)
    other.get_by_text(NAME).wait_for()
    other.goto(f"{app.url}/priority_lab?run={run}")
    button(other, "Keep").click()
    other.get_by_role("button", name="Settings (JSON)").wait_for()
    assert other.get_by_role("button", name="Delete this run").count() == 0, "somebody else only looks on"
    other.close()

    button(page, "Keep").click()
    assert page.get_by_label("Name", exact=True).input_value() == NAME
    page.get_by_text("It may go, with its curves and its model").click()
    page.get_by_role("button", name="Delete this run").click()
    page.get_by_text("Runs so far").wait_for()
    assert page.get_by_text(NAME).count() == 0
    assert not (app.home / "runs" / run).exists()
    assert page.get_by_test_id("stException").count() == 0
