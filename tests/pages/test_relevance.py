"""The Relevance page in a real browser: it explains itself on opening, ranks move under a hand, text stays text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from core.relevance.overrides import OverrideLog, override_of
from core.relevance.stores.catalogue import language_of
from tests.pages.looking import address, assert_no_traceback, seen, settled, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUERY = "purple rustic sofa"
HOSTILE = '<img src=x onerror="window.__owned = 1"> **bold** $x^2$ :red[x] sofa 沙发 🛋️'


def open_page(page: Page, app: Any, query: str | None = None, more: str = "") -> None:
    asked = "" if query is None else f"?q={quote(query)}{more}"
    page.goto(f"{app.url}/relevance{asked}")
    expect(page.locator(".relevance-hits > *").first).to_be_visible()
    settled(page)


def keys(page: Page) -> list[str]:
    return page.locator(".relevance-hit").evaluate_all("rows => rows.map(row => row.dataset.key)")


def test_it_explains_itself_on_opening(page: Page, app: Any) -> None:
    open_page(page, app)
    expect(page.locator(".relevance-hit")).to_have_count(10)
    expect(page.locator(".relevance-open")).to_have_count(1)  # the first hit is open
    expect(page.locator(".relevance-first").first).to_contain_text(re.compile("carries.*% of this score", re.DOTALL))
    shares = page.locator(".relevance-open .relevance-piece").evaluate_all(
        "pieces => pieces.map(piece => parseFloat(piece.style.flexGrow))"
    )
    assert sum(shares) == pytest.approx(1, abs=1e-6)
    expect(page.get_by_text("Scores by")).to_have_count(1)  # the page says whose scores they are
    assert_no_traceback(page)


def test_an_example_in_chinese_searches_chinese_titles(page: Page, app: Any) -> None:
    open_page(page, app)
    page.get_by_text("大号书柜", exact=True).first.click()
    address(page, lambda asked: asked.get("q") == "大号书柜")
    wait_until(page, lambda: language_of(page.locator(".relevance-title").first.inner_text()) == "zh")
    assert_no_traceback(page)


def test_striking_out_a_word_moves_ranks_and_is_taken_back(page: Page, app: Any) -> None:
    open_page(page, app, QUERY)
    before = keys(page)
    first = page.locator(".relevance-card tr[data-term]").first.locator(".relevance-word").inner_text()
    page.locator(".relevance-card .relevance-strike").first.click()
    seen(page, "Draft: only you see it")
    wait_until(page, lambda: keys(page) != before)
    wait_until(page, lambda: first not in page.locator(".relevance-card .relevance-word").all_inner_texts())
    seen(page, "that they can touch")
    expect(page.locator(".relevance-moved:not(:empty)")).not_to_have_count(0)
    page.get_by_role("button", name="Discard all").click()
    wait_until(page, lambda: keys(page) == before)
    assert_no_traceback(page)


def test_a_weight_edited_in_place_is_kept_with_who_and_why_and_undone(page: Page, app: Any) -> None:
    open_page(page, app, "wireless headphones")
    before = keys(page)
    second = page.locator(".relevance-hit").nth(4)
    key = second.get_attribute("data-key")
    second.locator(".relevance-opener").click()
    address(page, lambda asked: asked.get("product") == key)
    expect(second).to_have_class(re.compile("relevance-open"))
    page.locator(".relevance-chooser select").select_option("product")
    field = page.locator(".relevance-card tr[data-term] input").first
    field.fill("9")
    field.press("Enter")
    wait_until(page, lambda: keys(page)[0] == key)
    page.get_by_role("button", name="Keep for everybody").click()
    page.get_by_label("Your name").fill("Ada <b>")
    page.get_by_label("Why", exact=True).fill("a *test*")
    page.get_by_role("button", name="Keep", exact=True).click()
    seen(page, "a *test* (Ada <b>")
    settled(page)
    assert keys(page)[0] == key
    page.get_by_role("button", name="undo").first.click()
    seen(page, "undone:")
    wait_until(page, lambda: keys(page) == before)
    assert_no_traceback(page)


def test_two_products_side_by_side(page: Page, app: Any) -> None:
    open_page(page, app, QUERY)
    page.locator(".relevance-hit").nth(9).get_by_role("button", name="Compare").click()
    said = page.locator(".relevance-compare .relevance-first")
    expect(said).to_contain_text("The first is above the second by")
    expect(page.locator(".relevance-compare tbody tr td:last-child")).not_to_have_count(0)
    address(page, lambda asked: "with" in asked)
    page.reload()
    expect(page.locator(".relevance-compare")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Close the comparison").click()
    expect(page.locator(".relevance-compare")).to_have_count(0)


def test_a_word_tells_who_holds_it(page: Page, app: Any) -> None:
    open_page(page, app, QUERY)
    page.locator(".relevance-card .relevance-word", has_text="sofa").first.click()
    seen(page.get_by_role("dialog"), "products hold it")
    page.get_by_role("button", name="Search for it").click()
    address(page, lambda asked: "sofa" in asked["q"] and asked["q"] != QUERY)


@pytest.mark.parametrize("query", ["", " ", "a", "📱", "x" * 1990, HOSTILE])
def test_any_query_is_shown_as_text(page: Page, app: Any, query: str) -> None:
    open_page(page, app, query)
    assert page.evaluate("window.__owned") is None
    expect(page.locator(".relevance img")).to_have_count(0)
    if query == HOSTILE:
        page.locator(".relevance-card .relevance-strike").first.click()
        seen(page, f"in the query “{HOSTILE}”")
        settled(page)
        assert page.evaluate("window.__owned") is None
    assert_no_traceback(page)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [("&nonsense=1", "means nothing to this page"), ("&product=%3Cb%3Eno%3C/b%3E", "holds no product")],
)
def test_a_bad_address_gives_a_sentence_and_a_working_page(page: Page, app: Any, more: str, sentence: str) -> None:
    open_page(page, app, QUERY, more)
    expect(page.get_by_test_id("stAlert").first).to_contain_text(sentence)
    expect(page.locator(".relevance-hit")).to_have_count(10)
    assert_no_traceback(page)


def test_overrides_outlive_the_server(page: Page, own_app: Any) -> None:
    own_app.home.mkdir(parents=True, exist_ok=True)
    log = OverrideLog(own_app.home / "overrides.duckdb")
    log.keep("shop", [override_of(scope="term", word="sofa", action="forbid")], "Ada", "a test")
    log.close()
    own_app.start()
    open_page(page, own_app, QUERY)
    seen(page, "is ignored in every query: a test (Ada")
    assert "sofa" not in page.locator(".relevance-card tr[data-term] .relevance-word").all_inner_texts()
