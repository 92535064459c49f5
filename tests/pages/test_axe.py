"""Every page for all eyes and hands: axe finds nothing serious, light and dark; lessons and rooms elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages.navigation import PAGES
from tests.pages.accessibility import assert_accessible
from tests.pages.looking import settled, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOME_BUTTON = "document.querySelector('[data-testid=stMain] button')"
READY = {
    "home": SOME_BUTTON,
    "learn": SOME_BUTTON,
    "learn?view=teacher": "document.querySelectorAll('h3').length >= 6",
    "learn?view=glossary": SOME_BUTTON,
    "priority_lab": "window.__live?.watch.drawn > 0",
    "what_if": SOME_BUTTON,
    "conflict?part=run": "window.__conflict?.watch.redraws > 0",
    "conflict?part=bench": "window.__bench?.watch.redraws > 0",
    "conflict?part=landscape": "document.querySelector('.land-start')",
    "relevance": "document.querySelector('.st-key-relevance_results')?.clientHeight > 600",
    "users": "window.__userMap?.drawn",
    "data": SOME_BUTTON,
    "runs": SOME_BUTTON,
    "classroom": SOME_BUTTON,
}


def test_no_page_is_left_out() -> None:
    assert {path.partition("?")[0] for path in READY} == {
        page.url_path for page in PAGES.values() if page.right == "see"
    }


@pytest.mark.parametrize("path", READY)
def test_axe_finds_nothing_serious(page: Page, app: Any, path: str) -> None:
    page.goto(f"{app.url}/{'' if path == 'home' else path}")
    wait_for(page, READY[path])
    settled(page)
    assert_accessible(page)
