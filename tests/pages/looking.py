"""How a test looks at a page: every look waits for what it asks about, at most `conftest.MOST_SECONDS`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import expect

from tests.conftest import MOST_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

STILL = 0.15  # seconds between two looks at something that may move


def wait_for(page: Page, expression: str, argument: Any = None) -> None:
    """Until the JavaScript expression, or function of `argument`, is true."""
    page.wait_for_function(expression, arg=argument)


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """For what neither an expression nor `expect` can ask; the page's events are heard meanwhile."""
    deadline = time.monotonic() + MOST_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"it did not come true in {MOST_SECONDS} s: {page.inner_text('body')}"
        page.wait_for_timeout(100)


def seen(place: Page | Locator, text: Any) -> Locator:
    """The first visible place of a text, once there is one: while Streamlit redraws, a text may stand there twice."""
    found = place.get_by_text(text).filter(visible=True).first
    expect(found).to_be_visible()
    return found


def button(page: Page, name: str) -> Locator:
    """A button of the page's body, the sidebar left out."""
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True).first


def address(page: Page, holds: Callable[[dict[str, str]], Any]) -> dict[str, str]:
    """The parameters of the page's URL, once they are as they should be."""
    page.wait_for_url(lambda url: bool(holds(_parameters(url))))
    return _parameters(page.url)


def _parameters(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(url).query).items()}


def focus(place: Locator) -> None:
    """Puts the keyboard's focus there; once more where a redrawing took it away at that moment."""
    wait_until(place.page, lambda: place.evaluate("one => (one.focus(), one === one.getRootNode().activeElement)"))


def resting(place: Locator) -> FloatRect:
    """Where something is, once nothing moves it any more: for a hand that goes there."""
    place.scroll_into_view_if_needed()
    box, before = place.bounding_box(), None
    while box is None or box != before:
        place.page.wait_for_timeout(1000 * STILL)
        box, before = place.bounding_box(), box
    return box


def settled(page: Page) -> None:
    """The script has come to its end: what it had to say is said. Looked at by frame, as fragments soon run again."""
    wait_for(page, "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'")


def assert_no_traceback(page: Page) -> None:
    settled(page)
    assert page.get_by_test_id("stException").count() == 0
    assert "Traceback" not in page.inner_text("body")
