"""What the browser tests of the Priority lab share: a quick run, and the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from playwright.sync_api import expect

from core.data.source import DatasetChoice
from core.methods.nmt import NMTConfig
from core.settings.address import to_query
from core.settings.run import RunConfig
from tests.pages.looking import address, button, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

QUICK = RunConfig(
    dataset=DatasetChoice(rows=20_000),
    priority=("relevance", "click"),
    batch_size=256,
    stage_steps=50_000,
    evaluate_every=25,
    patience=1000,
    validation_rows=2000,
    probe_every=100,
    record_every=2,
    reference=False,
    method=NMTConfig(validation_every=5),
)
"""Quick to begin, and longer than any test looks at it: the fixture `no_run_is_left` ends it."""


def open_lab(page: Page, url: str, config: RunConfig | None = None, **more: str) -> None:
    """Opens the lab, presses Train unless the address names a run, and waits until it stands: first points, buttons
    and, outside lessons, the form."""
    page.goto(f"{url}/priority_lab?{urlencode({**(to_query(config) if config else {}), **more})}")
    if "run" not in more:
        press_train(page)
    wait_for_lab(page, lesson="lesson" in more)


def press_train(page: Page) -> None:
    """The button in the middle of the page: it is there with and without the form."""
    page.locator(".st-key-train_here button").click()


def wait_for_lab(page: Page, lesson: bool = False) -> None:
    wait_for_points(page)
    address(page, lambda asked: "run" in asked)
    expect(button(page, "Share")).to_be_visible()
    if not lesson:
        expect(page.locator(".rank-list li").first).to_be_visible()


def wait_for_points(page: Page) -> None:
    wait_for(page, "window.__live && window.__live.points > 0")
