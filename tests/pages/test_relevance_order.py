"""The order of the hits in a real browser: a trained point reorders them, stands in the address and explains itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.pages.looking import address, assert_no_traceback, seen, wait_until
from tests.pages.test_relevance import keys, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUERY = "women dress"


def test_the_slider_reorders_by_keyboard_and_stands_in_the_address(page: Page, app: Any) -> None:
    open_page(page, app, QUERY)
    alone = keys(page)
    expect(page.locator(".relevance-moved:not(:empty)")).to_have_count(0)
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    address(page, lambda asked: asked.get("lose") == "0.01")
    wait_until(page, lambda: keys(page) != alone)
    seen(page, re.compile(r"NDCG@.?10 \.\d+ → \.\d+ \(−\.\d+ ± \.\d+\), mean clicks"))
    expect(page.locator(".relevance-moved[title$='from relevance alone']").first).to_have_text(re.compile("[▲▼] \\d+"))
    seen(page, re.compile(r"Its words make .*; the order adds .* for clicks"))
    row = page.locator(".relevance-card tr[data-term='-1']")
    expect(row).to_contain_text("added by the order")
    shares = page.locator(".relevance-card .relevance-share").all_inner_texts()
    assert sum(int(text.rstrip(" %")) for text in shares if text != "–") in range(98, 103)  # each is rounded
    moved = keys(page)
    page.reload()
    wait_until(page, lambda: keys(page) == moved)
    page.get_by_role("slider").press("ArrowLeft")
    wait_until(page, lambda: keys(page) == alone)
    address(page, lambda asked: "lose" not in asked)
    assert_no_traceback(page)


def test_another_aim_and_chinese_titles(page: Page, app: Any) -> None:
    open_page(page, app, "大号书柜", "&lose=0.03&aim=price")
    expect(page.locator(".relevance-card tr[data-term='-1']")).to_contain_text("price")
    seen(page, "mean price in yuan")
    page.locator(".relevance-hit").nth(4).get_by_role("button", name="Compare").click()
    expect(page.locator(".relevance-compare")).to_contain_text("price")
    assert_no_traceback(page)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("&lose=0.5", "No order that may lose 0.5 was trained for clicks"),
        ("&lose=lots", "'lose=lots' in the address is no share of"),
        ("&lose=0.01&aim=luck", "There is no order for 'luck' here"),
    ],
)
def test_a_point_that_is_not_there_is_told(page: Page, app: Any, more: str, sentence: str) -> None:
    open_page(page, app, QUERY, more)
    expect(page.get_by_test_id("stAlert").first).to_contain_text(sentence)
    expect(page.locator(".relevance-hit")).to_have_count(10)
    expect(page.locator(".relevance-card tr[data-term='-1']")).to_have_count(0)
    assert_no_traceback(page)


def test_a_change_by_hand_under_a_point_moves_from_that_order(page: Page, app: Any) -> None:
    open_page(page, app, QUERY, "&lose=0.02")
    before = keys(page)
    page.locator(".relevance-card .relevance-strike").first.click()
    seen(page, "Draft: only you see it")
    wait_until(page, lambda: keys(page) != before)
    expect(page.locator(".relevance-moved[title$='by your changes'], .relevance-moved:text('new')")).not_to_have_count(
        0
    )
    page.get_by_role("button", name="Discard all").click()
    wait_until(page, lambda: keys(page) == before)
    assert_no_traceback(page)
