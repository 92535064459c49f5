"""A run is named, put first on Home, and deleted, by who started it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.runs.folder.run_folder import RunFolder
from tests.conftest import new_context
from tests.pages.lab import QUICK, open_lab
from tests.pages.looking import address, assert_no_traceback, button, seen, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_run_is_named_found_again_and_deleted(page: Page, app: Any, browser: Browser, tmp_path: Path) -> None:
    name = f"<b>{tmp_path.name}</b> *best*"  # another one, should the test be run once more
    open_lab(page, app.url, QUICK)
    run = RunFolder(app.home, address(page, lambda asked: "run" in asked)["run"])
    button(page, "Keep").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Name", exact=True).press("Enter")
    wait_until(page, lambda: run.about().name == name)
    page.get_by_text("First in the list on Home").click()
    wait_until(page, lambda: run.about().pinned)
    expect(page.get_by_role("button", name="Delete this run")).to_be_disabled()
    page.keyboard.press("Escape")
    button(page, "Stop").click()
    expect(button(page, "Resume")).to_be_visible()

    home = page.context.new_page()
    home.goto(app.url)
    seen(home, name)
    home.close()

    visitor = new_context(browser)
    other = visitor.new_page()
    other.goto(app.url)  # a run is its owner's: others find it by its link alone
    seen(other, "Runs so far")
    expect(other.get_by_text(name)).to_have_count(0)
    other.goto(f"{app.url}/priority_lab?run={run.run_id}")
    button(other, "Keep").click()
    seen(other, "Settings (JSON)")
    expect(other.get_by_role("button", name="Delete this run")).to_have_count(0)
    visitor.close()

    button(page, "Keep").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    page.get_by_text("It may go, with its curves and its model").click()
    page.get_by_role("button", name="Delete this run").click()
    seen(page, "Runs so far")
    expect(page.get_by_text(name)).to_have_count(0)
    assert not run.path.exists()
    assert_no_traceback(page)
