"""The users page in a browser, on the spaces that come with the project: neighbours, groups, a user made by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.conftest import App
from tests.pages.looking import address, resting, seen, settled, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def opened(page: Page, app: App, query: str = "") -> None:
    page.goto(f"{app.url}/users?model=counts{query}")
    wait_for(page, "window.__userMap?.drawn")
    settled(page)  # the history comes last, above the map


def see_user(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True).first).to_be_visible()


def test_a_click_on_a_neighbour_goes_there_and_the_trail_leads_back(page: Page, app: App) -> None:
    opened(page, app, "&user=17")
    see_user(page, "User 17")
    near = page.get_by_role("button", name=re.compile(r"^User \d+$"))
    expect(near).to_have_count(10)
    other = near.first.inner_text()
    near.first.click()
    see_user(page, other)
    address(page, lambda asked: asked.get("user") == other.split()[1] and asked.get("trail") == "17")
    page.locator(".st-key-users_trail_17 button").click()
    see_user(page, "User 17")
    address(page, lambda asked: "trail" not in asked)


def test_two_groups_are_drawn_and_compared(page: Page, app: App) -> None:
    opened(page, app, "&user=17")
    for group, side in (("Draw group A", 0.2), ("Draw group B", 0.6)):
        page.get_by_role("button", name=group, exact=True).click()
        expect(page.get_by_role("button", name=re.compile("^(Lasso|Box)$"))).to_be_visible()
        box = resting(page.locator(".user-map-plot .nsewdrag"))
        corners = [(side, 0.15), (side + 0.25, 0.15), (side + 0.25, 0.85), (side, 0.85), (side, 0.15)]
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=8)
        page.mouse.up()
        seen(page, "users in group A" if "B" in group else re.compile(r"users, [\d.]+% of all"))
        settled(page)
    address(page, lambda asked: {"first", "second"} <= set(asked))
    page.reload()  # the URL is the state
    seen(page, re.compile(r"\d+ users in group A, [\d,]+ in group B"))
    page.get_by_role("radio", name="Group A").or_(page.get_by_role("button", name="Group A", exact=True)).first.click()
    expect(page.get_by_role("button", name="Group A as CSV")).to_be_visible()


def test_a_user_made_by_hand_has_neighbours(page: Page, app: App) -> None:
    opened(page, app, "&user=17")
    page.get_by_role("button", name="Compose one").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Item").fill("camera")
    dialog.get_by_label("Item").press("Enter")
    dialog.get_by_role("button", name="Add").click()
    seen(dialog, re.compile("^click: "))
    dialog.get_by_role("button", name="Show this user").click()
    see_user(page, "Composed user")
    seen(page, re.compile("They share .*camera"))
    address(page, lambda asked: "made" in asked)


def test_people_are_found_by_what_they_like_and_nonsense_is_told(page: Page, app: App) -> None:
    opened(page, app, "&first=1,2;3,4&user=nobody")
    seen(page, "three corners or more")
    seen(page, "There is no user 'nobody'")
    find = page.get_by_label("Find a user")
    find.fill("shampoo")
    find.press("Enter")
    seen(page, "They do most of it")
    find.fill("<b>spaceship</b>")
    find.press("Enter")
    seen(page, "Nobody has the id '<b>spaceship</b>'")
    find.fill("2050")
    find.press("Enter")
    see_user(page, "User 2050")


def test_the_network_reads_a_history_under_a_query(page: Page, app: App) -> None:
    opened(page, app, "&user=17&query=camera")
    seen(page, re.compile("Under “camera” the attention goes to"))
    seen(page, "Price level of the next purchase")
    query = page.get_by_role("combobox", name="Attention under the query")
    query.click()
    page.get_by_role("option", name="dress", exact=True).click()
    seen(page, re.compile("Under “dress” the attention goes to"))
    address(page, lambda asked: asked.get("query") == "dress")


def test_a_user_made_by_hand_is_embedded_by_the_model_that_is_chosen(page: Page, app: App) -> None:
    page.goto(f"{app.url}/users?model=dupn&made=1|click|24~2|purchase|6")
    see_user(page, "Composed user")
    expect(page.get_by_role("button", name=re.compile(r"^User \d+$"))).to_have_count(10, timeout=60_000)
    seen(page, re.compile("They share"))


def test_the_similarity_is_a_choice_in_the_address(page: Page, app: App) -> None:
    page.goto(f"{app.url}/users?model=counts&similarity=inner_product&user=17")
    near = page.get_by_role("button", name=re.compile(r"^User \d+$"))
    expect(near).to_have_count(10, timeout=120_000)
    seen(page, re.compile("First the inner product"))


def test_what_comes_next_tells_what_comes_again_from_what_is_new(page: Page, app: App) -> None:
    opened(page, app, "&user=17")
    page.get_by_role("button", name="What comes next").or_(page.get_by_role("radio", name="What comes next")).click()
    for title in ("Had before", "New to this user"):
        expect(page.get_by_text(title, exact=True)).to_be_visible()
    expect(page.get_by_text("The chance that an item is the next one")).to_be_visible()
