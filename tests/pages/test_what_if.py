"""The What-if page in a real browser: a small sweep fills in live, a point is clicked, pinned, adopted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

import pytest

from core.data.catalogue import card
from core.data.choice import DatasetChoice
from core.runs.folder import RunFolder, run_ids
from core.sweeps.description import SweepConfig
from core.sweeps.folder import SweepFolder
from core.training.config import RunConfig
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
        slice_rows=1000,
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


def submit(app: Any) -> str:
    """As another process would: the app finds it and trains it."""
    tasks = card(SMALL.base.dataset).task_names()
    return SweepFolder.create(app.home.resolve(), SMALL, tasks).sweep_id


@pytest.fixture(scope="module")
def small(app: Any) -> str:
    """One small sweep for all who only look at one."""
    return submit(app)


def wait_for(page: Page, expression: str, seconds: float = 120) -> None:
    page.wait_for_function(expression, timeout=1000 * seconds)


def test_a_sweep_fills_in_live_and_a_point_is_adopted(page: Page, app: Any) -> None:
    page.goto(f"{app.url}/what_if")
    page.get_by_role("button", name="Start a small one on the shop").wait_for()
    name = submit(app)
    page.goto(f"{app.url}/what_if?sweep={name}")
    page.get_by_text("You are watching").wait_for()
    key = SweepFolder(app.home.resolve(), name).control_key()
    page.goto(f"{app.url}/what_if?sweep={name}&key={key}")
    page.get_by_role("button", name="Pause").wait_for()
    wait_for(page, "window.__front && window.__front.points > 0")
    wait_for(page, "window.__front.points === 5")
    page.get_by_text("All points done").wait_for()
    assert page.locator(".front-plot").get_attribute("aria-label")
    page.get_by_text("NMT point").first.wait_for()  # the computed sentence

    page.locator(".front-plot").scroll_into_view_if_needed()  # prices above it may be long
    page.mouse.click(*page.evaluate(PLACE_OF_FIRST))
    page.get_by_role("button", name="Pin as baseline").click()
    page.get_by_role("button", name="Unpin").wait_for()
    page.wait_for_url(lambda url: "point=" in url and "baseline=" in url)
    page.get_by_role("link", name="Open the run").wait_for()

    page.get_by_role("button", name="Adopt this point").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Question").fill("May <b>it</b> fall?")
    dialog.get_by_label("Question").press("Enter")
    dialog.get_by_text("May <b>it</b> fall?").wait_for()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="HTML").click()
    assert "May &lt;b&gt;it&lt;/b&gt; fall?" in download.value.path().read_text()
    assert page.get_by_test_id("stException").count() == 0


def test_a_bad_address_gives_sentences(page: Page, app: Any) -> None:
    page.goto(f"{app.url}/what_if?sweep=brisk-otter-abcd&view=four")
    page.get_by_text("no view 'four'").wait_for()
    page.get_by_text("There is no sweep named").wait_for()
    assert page.get_by_test_id("stException").count() == 0


def test_the_form_asks_for_a_sweep_of_ones_own(page: Page, app: Any, small: str) -> None:
    page.goto(f"{app.url}/what_if?sweep={small}")
    page.get_by_role("button", name="New sweep").click()
    field = page.get_by_role("textbox", name="Relevance: tolerances to try")
    field.fill("much")
    field.press("Enter")
    page.get_by_text("'much' is no list of tolerances of Relevance").wait_for()
    field.fill("1, 2.5")
    field.press("Enter")
    page.get_by_text("7 points, at most").wait_for()
    steps = page.get_by_test_id("stNumberInput").filter(has_text="Steps a stage").locator("input")
    steps.fill("10")
    steps.press("Enter")
    page.get_by_text("7 points, at most 130 optimiser steps, instead of 140").wait_for()
    page.get_by_role("button", name="Start the sweep").click()
    page.get_by_role("button", name="Cancel").wait_for()
    folder = SweepFolder(app.home.resolve(), parse_qs(urlparse(page.url).query)["sweep"][0])
    assert folder.config().tolerances == {"relevance": (0.01, 0.025)}
    assert folder.is_steered_by(parse_qs(urlparse(page.url).query)["key"][0])
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("points done").wait_for()
    assert folder.is_over()


def test_the_sweep_and_its_points_are_taken_away(page: Page, app: Any, small: str) -> None:
    page.goto(f"{app.url}/what_if?sweep={small}")
    page.get_by_text("All points done").wait_for(timeout=120_000)
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="The sweep (JSON)").click()
    assert SweepConfig.model_validate_json(download.value.path().read_text()) == SMALL
    with page.expect_download() as download:
        page.get_by_role("button", name="Its points (JSON)").click()
    points = json.loads(download.value.path().read_text())["points"]
    assert [point["state"] for point in points] == ["finished"] * 5
    page.get_by_text("Every point as a table").click()
    page.get_by_test_id("stDataFrame").wait_for()
    assert page.get_by_test_id("stException").count() == 0


def test_a_killed_server_goes_on_with_its_sweep(own_app: Any) -> None:
    """The whole application: what was finished stays as it was, no point is trained beside the sweep."""
    folder = SweepFolder(own_app.home.resolve(), submit(own_app))

    def results() -> dict[str, int]:
        finished = [record.run_id for record in folder.records() if record.state == "finished" and record.run_id]
        return {name: (RunFolder(folder.home, name).path / "result.json").stat().st_mtime_ns for name in finished}

    wait_until(lambda: len(results()) >= 1, 180)
    before = results()
    own_app.kill()
    own_app.start()
    wait_until(folder.is_over, 180)
    assert [record.state for record in folder.records()] == ["finished"] * 5
    assert before.items() <= results().items()
    assert sorted(run_ids(folder.home)) == sorted(results())
