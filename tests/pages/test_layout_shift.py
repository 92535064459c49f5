"""Nothing that a person looks at jumps while a page arrives: the browser's own measure of it, as anybody's would be.

A shift is the share of the window that moved times how far it moved, as a share of the window; their sum is the score.
Below .1 a page counts as steady.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.pages.looking import settled, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MOST = 0.1
REST = 1500  # milliseconds in which nothing must move any more
WATCH = """
window.__shifts = []
window.__moved = performance.now()
new PerformanceObserver(list => {
  for (const entry of list.getEntries().filter(entry => !entry.hadRecentInput)) {
    window.__moved = performance.now()
    const what = entry.sources.map(source => source.node?.className ?? '?')
    window.__shifts.push({ value: entry.value, at: Math.round(entry.startTime), what })
  }
}).observe({ type: 'layout-shift', buffered: true })
"""
PAGES = {
    "home": "document.querySelector('[data-testid=stMain] button')",
    "priority_lab": "window.__live?.watch.drawn > 0",
    "what_if": "document.querySelector('[data-testid=stMain] button')",
    "conflict?part=run": "window.__conflict?.watch.redraws > 0",
    "conflict?part=bench": "window.__bench?.watch.redraws > 0",
    "conflict?part=landscape": "document.querySelector('.land-start')",
    "relevance": "document.querySelector('.st-key-relevance_results')?.clientHeight > 600",
    "users": "window.__userMap?.drawn",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_steady_while_it_arrives(page: Page, app: Any, path: str) -> None:
    page.add_init_script(WATCH)
    page.goto(f"{app.url}/{'' if path == 'home' else path}")
    wait_for(page, PAGES[path])
    settled(page)
    wait_for(page, f"performance.now() - window.__moved > {REST}")
    shifts = page.evaluate("window.__shifts")
    score = sum(shift["value"] for shift in shifts)
    assert score < MOST, f"{score:.3f}: {[shift for shift in shifts if shift['value'] > 0.005]}"
    print(f"{path}: {score:.3f}")
