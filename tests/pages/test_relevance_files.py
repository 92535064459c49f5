"""Files as WANDS and ESCI publish them are brought in the page; what was brought is removed again, whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from playwright.sync_api import expect

from tests.pages.looking import address, assert_no_traceback, seen

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

THINGS = [f"{colour} {kind}" for colour in ("red", "blue", "green") for kind in ("sofa", "lamp", "chair", "desk")]


def upload(page: Page, app: Any, *files: Path) -> Any:
    page.goto(f"{app.url}/relevance?q=sofa")
    page.get_by_role("button", name="The simulated shop").click()
    page.get_by_role("button", name="Bring your own").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.locator("input[type=file]").set_input_files([str(file) for file in files])
    return dialog


@pytest.fixture
def wands(tmp_path: Path) -> list[Path]:
    """The three files as published: tab-separated, named .csv, with quotation marks and empty places in their texts."""
    query, product, label = ["query_id\tquery\tquery_class"], [], ["id\tquery_id\tproduct_id\tlabel"]
    product.append(
        "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\tproduct_features\t"
        "rating_count\taverage_rating\treview_count"
    )
    for at, thing in enumerate(THINGS):
        query.append(f"{at}\t{thing}\tSeating")
        for place, (made, grade) in enumerate((("oak", "Exact"), ('24 " tall', "Partial"), ("other", "Irrelevant"))):
            number = 3 * at + place
            title = f"{made} {thing}" if grade != "Irrelevant" else f"{made} thing {at}"
            product.append(f'{number}\t{title}\tSofas\tFurniture / Sofas\tA "fine, one\tcolor : red|w : 2\t\t4.5\t')
            label.append(f"{number}\t{at}\t{number}\t{grade}")
    files = []
    for name, lines in (("query.csv", query), ("product.csv", product), ("label.csv", label)):
        files.append(tmp_path / name)
        files[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return files


@pytest.fixture
def esci(tmp_path: Path) -> Path:
    """Judged pairs by ESCI's names, its other columns among them."""
    file = tmp_path / "shopping queries.parquet"
    rows = ", ".join(
        f"({3 * at + place}, '{thing}', {at}, 'B0{3 * at + place}', 'us', '{title} {thing}', NULL, '{grade}', 'train')"
        for at, thing in enumerate(THINGS)
        for place, (title, grade) in enumerate((("oak", "E"), ("spare part for", "C"), ("no", "I")))
    )
    duckdb.sql(
        f"COPY (SELECT * FROM (VALUES {rows}) AS t(example_id, query, query_id, product_id, product_locale, "
        f"product_title, product_description, esci_label, split)) TO '{file}' (FORMAT parquet)"
    )
    return file


def test_the_three_files_of_wands_are_brought_and_removed(page: Page, own_app: Any, wands: list[Path]) -> None:
    dialog = upload(page, own_app, *wands[:2])
    seen(dialog, "For WANDS add label.csv too.")
    dialog.locator("input[type=file]").set_input_files([str(wands[2])])
    seen(dialog, "36 judged pairs: 12 queries, 36 different titles.")
    seen(dialog, "Labels, more is better: 0 (12 pairs), 1 (12 pairs), 2 (12 pairs).")
    dialog.get_by_text("BM25: every word").click()
    dialog.get_by_role("button", name="Index and search").click()
    address(page, lambda asked: asked.get("catalogue") == "wands")
    menu = page.get_by_role("button", name="WANDS", exact=True)
    expect(menu).to_be_visible()
    expect(page.locator(".relevance-hit").first).to_be_visible()
    expect(page.get_by_role("cell", name="BM25").first).to_be_attached()
    assert list((own_app.home / "judged").glob("wands-*"))

    menu.click()
    page.locator(".st-key-relevance_remove_wands button").first.click()
    dialog.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("button", name="The simulated shop")).to_be_visible()
    address(page, lambda asked: "catalogue" not in asked)
    assert not list(own_app.home.rglob("*wands*")), "nothing is left of it"


def test_esci_by_its_names_is_recognised(page: Page, app: Any, esci: Path) -> None:
    dialog = upload(page, app, esci)
    seen(dialog, "36 judged pairs: 12 queries, 36 different titles.")
    seen(dialog, "Labels, more is better: 0 (12 pairs), 1 (12 pairs), 3 (12 pairs).")
    assert_no_traceback(page)
