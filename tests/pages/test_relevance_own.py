"""A person brings judged pairs: they are searched at once, a model trains on them live, and is searched by here."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

import pytest

from core.relevance.index.index import MANIFEST

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARKUP = '<img src=x onerror="window.__owned = 1"> **bold**'


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Sixty queries of three titles each, by ESCI's names; titles are full of markup; one row lacks its title."""
    file = tmp_path / "our pairs.csv"
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
    page.wait_for_url(lambda url: parse_qs(urlparse(url).query).get("catalogue", [""])[0] not in ("", other_than))
    return parse_qs(urlparse(page.url).query)["catalogue"][0]


def assert_plain(page: Page) -> None:
    assert page.evaluate("window.__owned") is None
    assert page.get_by_test_id("stException").count() == 0
    assert "Traceback" not in page.inner_text("body")


def test_own_pairs_are_searched_trained_on_and_searched_again(page: Page, app: Any, pairs: Path) -> None:
    upload(page, app, pairs)
    page.get_by_text("180 judged pairs: 60 queries, 132 different titles.").wait_for()
    page.get_by_text("Rows left out because they lack a query, a title or a label: 1.").wait_for()
    page.get_by_text("Word overlap: every word").click()
    page.get_by_role("button", name="Index and search").click()
    name = catalogue(page)
    assert name == "our-pairs"
    page.locator(".relevance-hit").first.wait_for(timeout=120_000)
    assert page.locator(".relevance-title").first.inner_text().startswith(MARKUP), "text stays text"

    page.locator(".relevance-card .relevance-strike").first.click()
    page.get_by_role("button", name="Keep for everybody").click()
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Why", exact=True).fill("only here")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text("only here (Ada").wait_for()
    page.get_by_role("cell", name="BM25").wait_for(timeout=120_000)
    assert_plain(page)

    about = app.home / "catalogues" / name / "about.json"
    said = json.loads(about.read_text())
    said["train"] |= {"stage_steps": 6, "evaluate_every": 3}  # a person's run takes a minute
    about.write_text(json.dumps(said))
    page.get_by_role("button", name="Train live").click()
    run = catalogue(page, other_than=name)
    page.get_by_text("Order of the first ten hits").wait_for()
    page.wait_for_function("window.__live && window.__live.points > 0", timeout=120_000)
    page.locator(".relevance-hit").first.wait_for(timeout=120_000)
    assert (app.home / "catalogues" / run / MANIFEST).is_file()
    page.get_by_text("Trained on 126 judged pairs of").wait_for()
    assert "carries" in page.locator(".relevance-first").first.inner_text()
    page.get_by_role("cell", name="DeepBoW").wait_for(timeout=120_000)
    assert page.get_by_text("only here (Ada").count() == 0, "a change of one collection is not in another"
    page.locator(".relevance-hit").nth(2).get_by_role("button", name="Compare").click()
    page.locator(".relevance-compare .relevance-first").wait_for()
    assert_plain(page)

    page.goto(f"{app.url}/priority_lab?run={run}")
    page.get_by_role("link", name="Search by this model").wait_for()
    page.goto(f"{app.url}/relevance?q=sofa")
    page.locator(".relevance-hit").first.wait_for()
    assert page.get_by_text("only here (Ada").count() == 0, "nor in the shop"
    page.get_by_role("button", name="The simulated shop").click()
    page.get_by_role("button", name=f"model {run}").wait_for()


def test_columns_that_are_not_known_are_chosen_and_bad_labels_refused(page: Page, app: Any, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Suche,Artikel,Note\nsofa,red sofa,**fine**\n", encoding="utf-8")
    upload(page, app, file)
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_text("Say which column holds the titles.").wait_for()
    for label, column in (("Title", "Artikel"), ("Query", "Suche"), ("Label", "Note")):
        dialog.get_by_role("combobox", name=label).click()
        page.get_by_role("option", name=column, exact=True).click()
    alert = dialog.get_by_test_id("stAlertContentError")
    alert.wait_for()
    assert "The label '**fine**' of odd.csv is no grade" in alert.inner_text()
    assert not (app.home / "catalogues" / "odd").exists()
    assert_plain(page)


def test_a_catalogue_that_is_not_there_is_told_and_the_shop_takes_its_place(page: Page, app: Any) -> None:
    page.goto(f"{app.url}/relevance?catalogue=%3Cb%3Enothing%3C/b%3E")
    page.locator(".relevance-hit").first.wait_for(timeout=120_000)
    assert "There is no catalogue named '<b>nothing</b>'" in page.get_by_test_id("stAlert").first.inner_text()
    assert_plain(page)
