"""Who started a run steers it; who came by a link watches, whatever is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from core.runs.folder import RunFolder, run_ids
from core.training.address import to_query
from tests.pages.lab import QUICK, wait_for_lab, wait_for_points

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = QUICK.model_copy(update={"stage_steps": 3000})
STEERING = ("Pause", "Play", "Step", "Stop", "Resume")


def watch(page: Page, url: str) -> None:
    """Opens a link and waits until the page has said that one is watching, which no button then contradicts."""
    page.goto(url)
    wait_for_points(page)
    page.get_by_text("You are watching. Reset starts your own copy.").wait_for()
    assert [name for name in STEERING if button(page, name).count()] == []
    assert page.get_by_text("Slow motion").count() == 0


def test_only_who_started_a_run_steers_it(page: Page, browser: Browser, app: Any) -> None:
    page.goto(f"{app.url}/priority_lab?{urlencode(to_query(LONG))}")
    wait_for_points(page)
    mine = asked(page)
    folder = RunFolder(app.home, mine["run"])
    assert folder.is_steered_by(mine["key"])
    button(page, "Share").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link == f"{app.url}/priority_lab?run={folder.run_id}"

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        other = context.new_page()
        other.set_default_timeout(60_000)
        watch(other, link)
        assert "key" not in asked(other)
        tolerance = other.locator(".rank-list input").first
        tolerance.fill("7")
        tolerance.press("Tab")
        other.get_by_text("take effect with the next Train").wait_for()
        assert folder.control().edits == ()

        watch(other, f"{link}&key={'x' * 32}")
        assert "is not the one of run" in other.get_by_test_id("stAlert").first.inner_text()
        assert "key" not in asked(other)

        button(other, "Reset").click()
        other.wait_for_url(lambda url: folder.run_id not in url)
        button(other, "Pause").wait_for()
        own = asked(other)
        assert RunFolder(app.home, own["run"]).is_steered_by(own["key"])
        assert folder.control().mode == "run"  # another's Reset leaves the run alone
    finally:
        context.close()

    page.reload()
    button(page, "Pause").click()
    page.wait_for_function("window.__live.status === 'paused'")
    assert asked(page)["key"] == mine["key"]
    for run_id in run_ids(app.home):
        left = RunFolder(app.home, run_id)
        left.write_control(left.control().changed(mode="stop"))
