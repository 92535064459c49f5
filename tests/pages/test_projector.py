"""One chart on the whole screen for a class: large letters, a true sentence, and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.conftest import new_context
from tests.pages.accessibility import assert_accessible
from tests.pages.lab import QUICK, open_lab, wait_for_points
from tests.pages.looking import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LEAST_LETTERS = 20  # pixels
LETTERS = """() => {
  const dialog = document.querySelector('dialog.projector')
  const sizes = []
  for (const element of dialog.querySelectorAll('*')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
    if (!own || !element.getClientRects().length) continue
    const plot = element.closest('.projector-frame > div')
    const scale = plot ? plot.getBoundingClientRect().width / parseFloat(getComputedStyle(plot).width) : 1
    sizes.push([scale * parseFloat(getComputedStyle(element).fontSize), element.textContent.trim()])
  }
  return sizes
}"""
FITS = "() => { const at = document.querySelector('dialog.projector'); return at.scrollHeight <= at.clientHeight + 1 }"
PAUSED = "window.__live.status === 'paused'"


def open_projector(page: Page) -> None:
    page.get_by_role("button", name="Projector").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    wait_for(page, "document.querySelector('.projector-frame .main-svg')")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_every_chart_fills_the_screen_in_large_letters(page: Page, app: Any, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{app.url}/priority_lab")
    wait_for(page, "window.__live?.step > 610")  # of the recorded run, under bounds
    open_projector(page)
    titles = set()
    for _ in range(5):
        title = page.locator(".projector-title")
        titles.add(title.inner_text())
        assert page.locator(".projector-sentence").inner_text().endswith(".")
        wait_for(page, FITS)
        letters = page.evaluate(LETTERS)
        assert len(letters) > 8
        small = [one for one in letters if one[0] < LEAST_LETTERS - 0.01]
        assert not small, small
        before = title.inner_text()
        page.keyboard.press("ArrowRight")
        expect(title).not_to_have_text(before)
    assert len(titles) == 5
    if size[0] == 1280:
        assert_accessible(page)
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_who_owns_the_run_pauses_the_run_and_who_watches_the_picture(page: Page, app: Any, browser: Browser) -> None:
    open_lab(page, app.url, QUICK)
    open_projector(page)
    page.keyboard.press(" ")
    wait_for(page, PAUSED)
    held = page.evaluate("window.__live.step")
    page.keyboard.press("s")
    wait_for(page, f"window.__live.step >= {held + QUICK.record_every}")
    wait_for(page, PAUSED)
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.keyboard.press(" ")
    wait_for(page, f"window.__live.status === 'running' && window.__live.step > {held + 4 * QUICK.record_every}")
    expect(page.get_by_role("dialog")).to_be_visible()  # through all of it

    context = new_context(browser)
    try:
        watcher = context.new_page()
        watcher.goto(page.url)
        wait_for_points(watcher)
        open_projector(watcher)
        watcher.keyboard.press(" ")
        expect(watcher.get_by_role("button", name="Go on")).to_be_visible()
        held = watcher.evaluate("window.__live.step")
        wait_for(watcher, "window.__live.waiting > 3")
        assert watcher.evaluate("window.__live.step") == held
        assert page.evaluate("window.__live.status") == "running"  # the run itself goes on
        watcher.keyboard.press("s")
        wait_for(watcher, f"window.__live.step > {held}")
        watcher.keyboard.press(" ")
        wait_for(watcher, "window.__live.waiting === 0")
    finally:
        context.close()
