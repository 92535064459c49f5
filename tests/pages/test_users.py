"""The users page in a browser, on the spaces that come with the project: neighbours, groups, a user made by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import pytest

from tests.conftest import App

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def opened(page: Page, app: App, query: str = "") -> None:
    page.goto(f"{app.url}/users?model=counts{query}")
    page.wait_for_function("window.__userMap?.drawn", timeout=120_000)  # the first visitor waits for imports


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def test_a_click_on_a_neighbour_goes_there_and_the_trail_leads_back(page: Page, app: App) -> None:
    opened(page, app, "&user=17")
    page.get_by_role("heading", name="User 17", exact=True).wait_for()
    near = page.get_by_role("button", name=re.compile(r"^User \d+$"))
    assert near.count() == 10
    other = near.first.inner_text()
    near.first.click()
    page.get_by_role("heading", name=other, exact=True).wait_for()
    page.wait_for_url(re.compile(f"user={other.split()[1]}"))
    assert asked(page)["trail"] == ["17"]
    page.get_by_role("button", name="User 17").first.click()
    page.get_by_role("heading", name="User 17", exact=True).wait_for()
    page.wait_for_function("!new URLSearchParams(location.search).has('trail')")


def test_two_groups_are_drawn_and_compared(page: Page, app: App) -> None:
    opened(page, app, "&user=17")
    for group, side in (("Draw group A", 0.2), ("Draw group B", 0.6)):
        page.get_by_role("button", name=group, exact=True).click()
        page.get_by_role("button", name="Lasso", exact=True).or_(
            page.get_by_role("button", name="Box", exact=True)
        ).wait_for()
        box = page.locator(".user-map-plot .nsewdrag").bounding_box()
        assert box is not None
        corners = [(side, 0.15), (side + 0.25, 0.15), (side + 0.25, 0.85), (side, 0.85), (side, 0.15)]
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=8)
        page.mouse.up()
        page.get_by_text("users in group A" if "B" in group else "of all").first.wait_for()
    assert {"first", "second"} <= set(asked(page))
    page.reload()  # the URL is the state
    page.get_by_text(re.compile(r"\d+ users in group A, [\d,]+ in group B")).wait_for()
    page.get_by_role("radio", name="Group A").or_(page.get_by_role("button", name="Group A", exact=True)).first.click()
    page.get_by_role("button", name="Group A as CSV").wait_for()


def test_a_user_made_by_hand_has_neighbours(page: Page, app: App) -> None:
    opened(page, app, "&user=17")
    page.get_by_role("button", name="Compose one").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Item").fill("camera")
    dialog.get_by_label("Item").press("Enter")
    dialog.get_by_role("button", name="Add").click()
    dialog.get_by_text(re.compile("^click: ")).wait_for()
    dialog.get_by_role("button", name="Show this user").click()
    page.get_by_role("heading", name="Composed user", exact=True).wait_for()
    page.get_by_text(re.compile("They share .*camera")).wait_for()
    page.wait_for_url(re.compile("made="))


def test_people_are_found_by_what_they_like_and_nonsense_is_told(page: Page, app: App) -> None:
    opened(page, app, "&first=1,2;3,4&user=nobody")
    page.get_by_text("three corners or more").wait_for()
    page.get_by_text("There is no user 'nobody'").wait_for()
    find = page.get_by_label("Find a user")
    find.fill("shampoo")
    find.press("Enter")
    page.get_by_text("They do most of it").wait_for()
    find.fill("<b>spaceship</b>")
    find.press("Enter")
    page.get_by_text("Nobody has the id '<b>spaceship</b>'").wait_for()
    find.fill("2050")
    find.press("Enter")
    page.get_by_role("heading", name="User 2050", exact=True).wait_for()


def test_the_network_reads_a_history_under_a_query(page: Page, app: App) -> None:
    opened(page, app, "&user=17&query=camera")
    page.get_by_text(re.compile("Under “camera” the attention goes to")).wait_for()
    page.get_by_text("Price level of the next purchase").wait_for()
    query = page.get_by_role("combobox", name="Attention under the query")
    query.click()
    page.get_by_role("option", name="dress", exact=True).click()
    page.get_by_text(re.compile("Under “dress” the attention goes to")).wait_for()
    assert asked(page)["query"] == ["dress"]
