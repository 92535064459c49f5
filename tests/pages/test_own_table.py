"""A person brings a table: a bad one is refused in sentences, a good one trains."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.pages.lab import wait_for_points
from tests.pages.looking import assert_no_traceback, seen

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Six hundred orders; `returned` follows from price and shop, `never` is always 0."""
    generator = np.random.default_rng(3)
    file = tmp_path / f"orders of {tmp_path.name}.csv"  # a name of its own, should the test be run once more
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["shop", "price", "day", "returned", "kept", "never"])
        for row in range(600):
            price, shop = generator.uniform(1, 100), generator.integers(4)
            returned = int(price + 10 * shop + generator.normal(0, 10) > 60)
            writer.writerow([f"shop {shop}", round(price, 2), row // 10, returned, 1 - returned, 0])
    return file


def choose(page: Page, labels: list[str]) -> None:
    dialog = page.get_by_test_id("stDialog")
    seen(dialog, "What is to be predicted")
    tags = dialog.get_by_test_id("stMultiSelectTagsContainer")
    if dialog.get_by_role("button", name="Clear").count():  # columns that look like labels
        dialog.get_by_role("button", name="Clear").first.click()
    for label in labels:
        expect(page.get_by_role("combobox", name="What is to be predicted")).to_have_count(1)
        page.get_by_role("combobox", name="What is to be predicted").click()
        page.get_by_role("option", name=label, exact=True).click()
        expect(tags).to_contain_text(label)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Check and train").click()


def test_a_bad_table_is_refused_and_a_good_one_trains(page: Page, app: Any, table: Path) -> None:
    before = set((app.home / "tables").glob("*"))
    page.goto(app.url)
    page.get_by_role("button", name="Choose a file").click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(str(table))
    choose(page, ["never"])
    expect(page.get_by_test_id("stDialog").get_by_test_id("stAlert").first).to_contain_text("never")
    assert set((app.home / "tables").glob("*")) == before

    page.reload()
    page.get_by_role("button", name="Choose a file").click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(str(table))
    choose(page, ["returned", "kept"])
    wait_for_points(page)
    assert page.evaluate("window.__live.store.tasks") == ["returned", "kept"]
    assert_no_traceback(page)


def test_a_file_that_is_no_table_is_refused(page: Page, app: Any, tmp_path: Path) -> None:
    file = tmp_path / "picture.parquet"
    file.write_bytes(b"this is no parquet file")
    page.goto(app.url)
    page.get_by_role("button", name="Choose a file").click()
    page.locator("[data-testid=stDialog] input[type=file]").set_input_files(str(file))
    alert = page.get_by_test_id("stDialog").get_by_test_id("stAlert").first
    expect(alert).to_contain_text("picture.parquet is called Parquet and begins with 'this'")
    assert_no_traceback(page)
