"""Who started a run steers it; who came by a link watches, whatever is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.runs.folder.run_folder import RunFolder
from tests.conftest import new_context
from tests.pages.lab import QUICK, open_lab, wait_for_lab
from tests.pages.looking import address, button, seen, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEERING = ("Pause", "Play", "Step", "Stop", "Resume")


def watch(page: Page, url: str) -> None:
    """Opens a link and waits until the page has said that one is watching, which no button then contradicts."""
    page.goto(url)
    wait_for_lab(page)
    seen(page, "You are watching somebody else's run.")
    for name in STEERING:
        expect(button(page, name)).to_have_count(0)
    expect(page.get_by_text("Slow motion")).to_have_count(0)


def test_only_who_started_a_run_steers_it(page: Page, browser: Browser, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    mine = address(page, lambda asked: "run" in asked)
    assert "key" not in mine
    folder = RunFolder(app.home, mine["run"])
    assert folder.about().owner
    button(page, "Share").click()
    link = f"{app.url}/priority_lab?run={folder.run_id}"
    expect(page.get_by_test_id("stCode").first).to_have_text(link)
    seen(page, "listens on this machine alone")  # a test's server does

    context = new_context(browser)
    try:
        other = context.new_page()
        watch(other, link)
        address(other, lambda asked: "key" not in asked)
        tolerance = other.locator(".rank-list input").first
        tolerance.fill("7")
        tolerance.press("Tab")
        seen(other, "take effect with the next Train")
        assert folder.control().edits == ()

        watch(other, f"{link}&key={folder.control_key()}")  # as from somebody's history: it opens nothing any more
        expect(other.get_by_test_id("stAlert").first).to_contain_text("does not open run")
        address(other, lambda asked: "key" not in asked)

        button(other, "Make my own copy").click()
        own = address(other, lambda asked: asked.get("run", folder.run_id) != folder.run_id)
        expect(button(other, "Pause")).to_be_visible()
        assert RunFolder(app.home, own["run"]).about().owner not in ("", folder.about().owner)
        assert folder.control().mode == "run"  # another's Reset leaves the run alone
    finally:
        context.close()

    page.reload()
    wait_for_lab(page)
    button(page, "Pause").click()
    wait_for(page, "window.__live.status === 'paused'")
