"""What the browser tests of the Priority lab share: a quick run, and words for looking at the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlparse

from core.data.choice import DatasetChoice
from core.methods.config import NMTConfig
from core.training.address import to_query
from core.training.config import RunConfig

if TYPE_CHECKING:
    from playwright.sync_api import Page

QUICK = RunConfig(
    dataset=DatasetChoice(rows=20_000),
    priority=("relevance", "click"),
    batch_size=256,
    stage_steps=1500,
    evaluate_every=25,
    patience=1000,
    slice_rows=2000,
    probe_every=100,
    record_every=2,
    reference=False,
    method=NMTConfig(slice_every=5),
)
"""Long enough to be looked at, small enough to be quick."""


def open_lab(page: Page, url: str, config: RunConfig | None = None, **more: str) -> None:
    """Opens the lab and waits for the first points."""
    page.goto(f"{url}/priority_lab?{urlencode({**(to_query(config) if config else {}), **more})}")
    wait_for_points(page)


def wait_for_points(page: Page) -> None:
    wait_for(page, "window.__live && window.__live.points > 0")


def wait_for(page: Page, expression: str, seconds: float = 90) -> None:
    page.wait_for_function(expression, timeout=1000 * seconds)


def asked(page: Page) -> dict[str, str]:
    """The parameters of the page's URL."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def button(page: Page, name: str) -> Any:
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)
