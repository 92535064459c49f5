"""A person brings judged pairs: they are searched at once, a model trains on them live, and is searched by here."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.relevance.index.index import MANIFEST
from tests.pages.lab import wait_for_points
from tests.pages.looking import address, assert_no_traceback, seen

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARKUP = '<img src=x onerror="window.__owned = 1"> **bold**'


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Sixty queries of three titles each, by ESCI's names; titles are full of markup; one row lacks its title."""
    file = tmp_path / f"our pairs of {tmp_path.name}.csv"  # a name of its own, should the test be run once more
    things = [("red", "sofa"), ("blue", "lamp"), ("green", "chair"), ("red", "lamp"), ("blue", "sofa")]
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(["search_query", "product_title", "esci_label"])
        for at in range(12):
            for colour, kind in things:
                for shown, grade in ((colour, "E"), ("white", "S"), ("black", "I")):
                    writer.writerow([f"{colour} make{at} {kind}", f"{MARKUP} {shown} make{at} {kind}", grade])
        writer.writerow(["red sofa", "", "E"])
    return file


def upload(page: Page, app: Any, file: Path) -> None:
    page.goto(f"{app.url}/relevance?q=sofa")
    page.get_by_role("button", name="The simulated shop").click()
    page.get_by_role("button", name="Bring your own").click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(str(file))


def catalogue(page: Page, other_than: str = "") -> str:
    """The collection in the address, once it is another one."""
    return address(page, lambda asked: asked.get("catalogue", "") not in ("", other_than))["catalogue"]


def assert_plain(page: Page) -> None:
    assert page.evaluate("window.__owned") is None
    assert_no_traceback(page)


def test_own_pairs_are_searched_trained_on_and_searched_again(page: Page, app: Any, pairs: Path) -> None:
    upload(page, app, pairs)
    seen(page, "180 judged pairs: 60 queries, 132 different titles.")
    seen(page, "Rows left out because they lack a query, a title or a label: 1.")
    page.get_by_text("BM25: every word").click()
    page.get_by_role("button", name="Index and search").click()
    name = catalogue(page)
    assert name.startswith("our-pairs")
    title = page.locator(".relevance-title").first
    expect(title).to_contain_text(re.compile(f"^{re.escape(MARKUP)}"))  # text stays text

    page.locator(".relevance-card .relevance-strike").first.click()
    page.get_by_role("button", name="Keep for everybody").click()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Why", exact=True).fill("only here")
    page.get_by_role("button", name="Keep", exact=True).click()
    seen(page, "only here (Ada")
    expect(page.get_by_role("cell", name="BM25").first).to_be_attached()
    assert_plain(page)

    about = app.home / "catalogues" / name / "about.json"
    said = json.loads(about.read_text())
    said["train"] |= {"stage_steps": 6, "evaluate_every": 3}  # a person's run takes a minute
    about.write_text(json.dumps(said))
    page.get_by_role("button", name="Train live").click()
    run = catalogue(page, other_than=name)
    seen(page, "Order of the first ten hits")
    wait_for_points(page)
    expect(page.locator(".relevance-hit").first).to_be_visible()
    assert (app.home / "catalogues" / run / MANIFEST).is_file()
    seen(page, "Trained on 126 judged pairs of")
    expect(page.locator(".relevance-first").first).to_contain_text("carries")
    expect(page.get_by_role("cell", name="DeepBoW").first).to_be_attached()
    expect(page.get_by_text("only here (Ada")).to_have_count(0)  # a change of one collection is not in another
    page.locator(".relevance-hit").nth(2).get_by_role("button", name="Compare").click()
    expect(page.locator(".relevance-compare .relevance-first")).to_be_visible()
    assert_plain(page)

    page.goto(f"{app.url}/priority_lab?run={run}")
    expect(page.get_by_role("link", name="Search by this model").first).to_be_visible()
    page.goto(f"{app.url}/relevance?q=sofa")
    expect(page.locator(".relevance-hit").first).to_be_visible()
    seen(page, "Published rules")
    assert_plain(page)
    expect(page.get_by_text("only here (Ada")).to_have_count(0)  # nor in the shop
    page.get_by_role("button", name="The simulated shop").click()
    expect(page.get_by_role("button", name=f"model {run}")).to_be_visible()


def test_columns_that_are_not_known_are_chosen_and_bad_labels_refused(page: Page, app: Any, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Suche,Artikel,Note\nsofa,red sofa,**fine**\n", encoding="utf-8")
    upload(page, app, file)
    dialog = page.get_by_test_id("stDialog")
    seen(dialog, "Say which column holds the titles.")
    for label, column in (("Title", "Artikel"), ("Query", "Suche"), ("Label", "Note")):
        dialog.get_by_role("combobox", name=label).click()
        page.get_by_role("option", name=column, exact=True).click()
    alert = dialog.get_by_test_id("stAlertContentError").first
    expect(alert).to_contain_text("The label '**fine**' of odd.csv")
    assert not (app.home / "catalogues" / "odd").exists()
    assert_plain(page)


def test_a_catalogue_that_is_not_there_is_told_and_the_shop_takes_its_place(page: Page, app: Any) -> None:
    page.goto(f"{app.url}/relevance?catalogue=%3Cb%3Enothing%3C/b%3E")
    expect(page.locator(".relevance-hit").first).to_be_visible()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("There is no catalogue named '<b>nothing</b>'")
    assert_plain(page)
