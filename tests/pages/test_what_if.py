"""The What-if page in a real browser: a small sweep fills in live, a point is clicked, pinned, adopted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.data.registry import card
from core.data.source import DatasetChoice
from core.runs.folder.run_folder import RunFolder, run_ids
from core.settings.run import RunConfig
from core.sweeps.description import SweepConfig
from core.sweeps.folder import SweepFolder
from tests.pages.looking import address, assert_no_traceback, resting, seen, settled, wait_for
from tests.runs.support import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SMALL = SweepConfig(
    name="Small",
    base=RunConfig(
        dataset=DatasetChoice(rows=4000),
        priority=("relevance", "click"),
        stage_steps=12,
        evaluate_every=6,
        validation_rows=1000,
        probe_every=0,
    ),
    methods=("nmt", "weighted_sum"),
    tolerances={"relevance": (0.0, 0.05)},
    weights={"click": (0.2, 1.0, 5.0)},
)
PLACE_OF_FIRST = """() => {
    const plot = window.__front.plot, {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect()
    const trace = plot.data.find(one => one.name === 'Weighted sum')
    return [box.left + xaxis._offset + xaxis.d2p(trace.x[0]), box.top + yaxis._offset + yaxis.d2p(trace.y[0])]
}"""


def submit(app: Any) -> SweepFolder:
    """As another process would: the app finds it and trains it."""
    return SweepFolder.create(app.home.resolve(), SMALL, card(SMALL.base.dataset).task_names())


@pytest.fixture(scope="module")
def small(app: Any) -> str:
    """One small sweep for all who only look at one."""
    return submit(app).sweep_id


def test_a_sweep_fills_in_live_and_a_point_is_adopted(page: Page, own_app: Any) -> None:
    page.goto(f"{own_app.url}/what_if")
    expect(page.get_by_role("button", name="Start a small one on the shop")).to_be_visible()
    sweep = submit(own_app)
    sweep.order("pause")  # until the page has been looked at
    page.goto(f"{own_app.url}/what_if?sweep={sweep.sweep_id}")
    seen(page, "You are watching")
    page.goto(f"{own_app.url}/what_if?sweep={sweep.sweep_id}&key={sweep.control_key()}")
    page.get_by_role("button", name="Go on").click()
    wait_for(page, "window.__front?.points > 0")
    wait_for(page, "window.__front.points === 5")
    seen(page, "All points done")
    expect(page.locator(".front-plot")).to_have_attribute("aria-label", re.compile("."))
    seen(page, "NMT point")  # the computed sentence

    settled(page)
    resting(page.locator(".front-plot"))  # prices above it may be long
    page.mouse.click(*page.evaluate(PLACE_OF_FIRST))
    address(page, lambda asked: "point" in asked)  # a point has its own, before anything else is done with it
    page.get_by_role("button", name="Pin as baseline").click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    address(page, lambda asked: {"point", "baseline"} <= set(asked))
    expect(page.get_by_role("link", name="Open the run").first).to_be_visible()

    sure = page.get_by_text("Choose it all the same")
    if sure.count():  # another point beats this one
        sure.click()
    page.get_by_role("button", name="Choose and write record").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Question").fill("May <b>it</b> fall?")
    dialog.get_by_label("Question").press("Enter")
    seen(dialog, "May <b>it</b> fall?")
    settled(page)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="HTML").click()
    assert "May &lt;b&gt;it&lt;/b&gt; fall?" in download.value.path().read_text()
    assert_no_traceback(page)


def test_a_bad_address_gives_sentences(page: Page, app: Any) -> None:
    page.goto(f"{app.url}/what_if?sweep=brisk-otter-abcd&view=four")
    seen(page, "no view 'four'")
    seen(page, "There is no sweep named")
    assert_no_traceback(page)


def test_the_form_asks_for_a_sweep_of_ones_own(page: Page, app: Any, small: str) -> None:
    page.goto(f"{app.url}/what_if?sweep={small}")
    page.get_by_role("button", name="New sweep").click()
    field = page.get_by_role("textbox", name="Relevance: tolerances to try")
    field.fill("much")
    field.press("Enter")
    seen(page, "'much' is no list of tolerances of Relevance")
    field.fill("1, 2.5")
    field.press("Enter")
    seen(page, "7 points, at most")
    steps = page.get_by_test_id("stNumberInput").filter(has_text="Steps a stage").locator("input")
    steps.fill("2000")  # long enough to be cancelled
    steps.press("Enter")
    seen(page, "7 points, at most 26,000 optimiser steps, instead of 30,000")
    page.get_by_role("button", name="Start the sweep").click()
    asked = address(page, lambda asked: asked.get("sweep", small) != small)
    folder = SweepFolder(app.home.resolve(), asked["sweep"])
    assert folder.config().tolerances == {"relevance": (0.01, 0.025)}
    assert folder.owner()
    assert "key" not in asked
    page.get_by_role("button", name="Cancel").click()
    seen(page, "points done")
    assert folder.is_over()


def test_the_sweep_and_its_points_are_taken_away(page: Page, app: Any, small: str) -> None:
    page.goto(f"{app.url}/what_if?sweep={small}")
    seen(page, "All points done")
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="The sweep (JSON)").click()
    assert SweepConfig.model_validate_json(download.value.path().read_text()) == SMALL
    with page.expect_download() as download:
        page.get_by_role("button", name="Its points (JSON)").click()
    points = json.loads(download.value.path().read_text())["points"]
    assert [point["state"] for point in points] == ["finished"] * 5
    page.get_by_text("Every point as a table").click()
    expect(page.get_by_test_id("stDataFrame").last).to_be_visible()
    assert_no_traceback(page)


def test_a_killed_server_goes_on_with_its_sweep(own_app: Any) -> None:
    """The whole application: what was finished stays as it was, no point is trained beside the sweep."""
    folder = submit(own_app)

    def results() -> dict[str, int]:
        finished = [record.run_id for record in folder.records() if record.state == "finished" and record.run_id]
        return {name: (RunFolder(folder.home, name).path / "result.json").stat().st_mtime_ns for name in finished}

    wait_until(lambda: len(results()) >= 1)
    before = results()
    own_app.kill()
    own_app.start()
    wait_until(folder.is_over)
    assert [record.state for record in folder.records()] == ["finished"] * 5
    assert before.items() <= results().items()
    assert sorted(run_ids(folder.home)) == sorted(results())
