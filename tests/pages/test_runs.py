"""The Runs page: a run is found, two are laid over one another, a question is answered."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.pages.looking import button, seen

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import App

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RUNS = Path(__file__).parents[1] / "fixtures" / "runs_1" / "runs"


def tick(page: Page, row: int) -> None:
    """The box of a row of the list, which is drawn on a canvas."""
    box = page.get_by_test_id("stDataFrame").first.locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 35 * row + 52)


def test_runs_are_listed_compared_and_asked(own_app: App, page: Page) -> None:
    for name in ("cograd", "pcgrad"):
        shutil.copytree(RUNS / name, own_app.home / "runs" / name)
    page.goto(f"{own_app.url}/runs")
    seen(page, "2 runs")
    page.get_by_test_id("stDataFrame").first.wait_for()
    tick(page, 0)
    seen(page, "Take home")
    seen(page, "trained before models were kept")
    tick(page, 1)
    seen(page, "Settings that differ")
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first).to_be_visible()
    page.get_by_text("Ask in SQL").first.click()
    button(page, "Ask").click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
