"""The Priority lab in a real browser on the real supervisor: what a person does, and what must not be lost."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from core.methods.config import NMTConfig
from core.runs.folder import RunFolder, run_ids
from core.training.presets import default_run
from tests.pages.lab import QUICK, asked, button, open_lab, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def live(page: Page, name: str) -> Any:
    return page.evaluate(f"window.__live.{name}")


def run_name(page: Page) -> str:
    return asked(page)["run"]


def assert_no_traceback(page: Page) -> None:
    assert page.get_by_test_id("stException").count() == 0
    assert "Traceback" not in page.inner_text("body")


def assert_steps_rise(page: Page) -> None:
    """No point is drawn twice and none out of order, whatever was cut, sent again or reconnected."""
    falls = page.evaluate(
        """() => [...window.__live.store.series].filter(
            ([, {x}]) => x.some((step, i) => i && step <= x[i - 1])).map(([name]) => name)"""
    )
    assert falls == []


@pytest.fixture(autouse=True)
def no_run_is_left(request: pytest.FixtureRequest) -> Any:
    """The runs of a test do not slow the next one down."""
    apps = [request.getfixturevalue(name) for name in ("app", "own_app") if name in request.fixturenames]
    yield
    for used in apps:
        for run_id in run_ids(used.home):
            folder = RunFolder(used.home, run_id)
            folder.write_control(folder.control().changed(mode="stop"))


def test_opening_the_page_starts_a_run_that_moves(page: Page, app: Any) -> None:
    open_lab(page, app.url)  # once, so that the server has imported what it needs
    began = time.monotonic()
    page.goto(f"{app.url}/priority_lab")
    wait_for(page, "window.__live && window.__live.watch.drawn > 0")
    drawn = time.monotonic() - began
    step = live(page, "step")
    wait_for(page, f"window.__live.step > {step}")
    own = live(page, "watch.firstPointMilliseconds")
    print(f"\nfrom opening to the first drawn point: {drawn:.2f} s ({own:.0f} ms by the page's clock)")
    assert RunFolder(app.home, run_name(page)).config() == default_run("shop")
    assert page.locator(".live-panel:visible").count() == 5
    for plot in page.locator(".live-panel:visible .live-plot").all():
        assert len(plot.get_attribute("aria-label") or "") > 10
    assert_no_traceback(page)


def test_pause_holds_and_a_step_is_a_step(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    button(page, "Pause").click()
    wait_for(page, "window.__live.status === 'paused'")
    button(page, "Play").wait_for()
    status = RunFolder(app.home, run_name(page)).status
    held = status().step
    time.sleep(1.5)
    assert status().step == held
    button(page, "Step").click()
    deadline = time.monotonic() + 30
    while status().step == held and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    assert status().step == held + QUICK.record_every
    button(page, "Play").click()
    wait_for(page, f"window.__live.step > {held + 10 * QUICK.record_every}")
    assert_no_traceback(page)


def test_a_tolerance_edit_changes_the_multiplier(page: Page, app: Any) -> None:
    """Under a tolerance of 500 % no bound is ever reached, so without damping, which answers to changes within a bound
    too, the multiplier stays 0; under 0 % it must grow."""
    plain = NMTConfig(slice_every=5, proportional=0)
    config = QUICK.model_copy(update={"stage_steps": 400, "tolerances": {"relevance": 5.0}, "method": plain})
    open_lab(page, app.url, config)
    wait_for(page, "window.__live.store.series.get('multiplier/relevance')?.x.length > 3")
    button(page, "Pause").click()
    wait_for(page, "window.__live.status === 'paused'")
    assert page.evaluate("Math.max(...window.__live.store.series.get('multiplier/relevance').y)") == 0
    field = page.locator(".rank-list input").first
    field.fill("0")
    field.press("Tab")
    page.get_by_text("it will keep growing").wait_for()
    wait_for(page, "window.__live.store.changes.length === 1")
    assert live(page, "store.changes[0].what") == "tolerances.relevance"
    button(page, "Play").click()
    wait_for(page, "Math.max(...window.__live.store.series.get('multiplier/relevance').y) > 0")
    wait_for(  # the edit is marked on every panel
        page,
        """Object.values(window.__live.plots).every(plot => plot.layout.shapes.some(
            shape => shape.x0 === shape.x1 && shape.x0 === window.__live.store.changes[0].step))""",
    )
    assert_no_traceback(page)


def test_a_reload_keeps_the_run(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    name, step, runs = run_name(page), live(page, "step"), len(run_ids(app.home))
    page.reload()
    wait_for(page, f"window.__live && window.__live.step >= {step}")
    assert run_name(page) == name
    assert len(run_ids(app.home)) == runs
    assert_steps_rise(page)


def test_zoom_survives_updates_and_reruns(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    wait_for(page, "window.__live.step > 60 && window.__live.watch.drawn > 0")
    page.evaluate("Plotly.relayout(window.__live.plots.losses, {'xaxis.range': [10, 40]})")
    redraws = live(page, "watch.redraws")
    wait_for(page, f"window.__live.watch.redraws > {redraws + 4}")
    page.get_by_test_id("stSidebar").get_by_text("Weighted sum", exact=True).click()  # a rerun of the whole page
    page.get_by_text("take effect with the next Train").wait_for()
    redraws = live(page, "watch.redraws")
    wait_for(page, f"window.__live.watch.redraws > {redraws + 2}")
    ranges = page.evaluate("Object.values(window.__live.plots).map(plot => plot.layout.xaxis.range)")
    assert ranges == [[10, 40]] * 5


def test_one_click_hides_a_task_everywhere(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    colour = page.evaluate("getComputedStyle(document.querySelector('.live-task .live-mark')).backgroundColor")
    drawn = """colour => Object.values(window.__live.plots).flatMap(plot => plot.data).filter(trace => {
        const probe = document.createElement('i'); probe.style.color = trace.line?.color ?? trace.marker?.color
        document.body.append(probe); const same = getComputedStyle(probe).color === colour; probe.remove(); return same
    }).length"""
    wait_for(page, "Object.values(window.__live.plots).every(plot => plot.data)")
    assert page.evaluate(drawn, colour) > 0
    page.locator(".live-task").first.click()
    redraws = live(page, "watch.redraws")
    wait_for(page, f"window.__live.watch.redraws > {redraws + 1}")
    assert page.evaluate(drawn, colour) == 0


def test_a_pinned_run_stays_behind_the_next(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    first = run_name(page)
    button(page, "Pin").click()
    button(page, "Reseed").click()
    page.wait_for_url(lambda url: f"run={first}" not in url and f"baseline={first}" in url)
    wait_for(page, "window.__live.baseline?.points > 0 && window.__live.points > 0")
    assert RunFolder(app.home, run_name(page)).config() == QUICK.model_copy(update={"seed": 1})
    page.get_by_text("grey:").wait_for()


def test_the_rank_list_answers_keys_buttons_and_dragging(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK.model_copy(update={"priority": ()}))
    rows = page.locator(".rank-list li")

    def order() -> list[str]:
        return [row.get_attribute("data-name") or "" for row in rows.all()]

    first, second, third, *rest = order()
    rows.nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    assert order() == [second, first, third, *rest]
    assert page.locator(".rank-aloud").inner_text().endswith(f"is now priority 1 of {2 + 1 + len(rest)}")
    rows.nth(1).get_by_role("button", name="down").click()
    assert order() == [second, third, first, *rest]
    box = rows.nth(0).bounding_box()
    target = rows.nth(2).bounding_box()
    assert box is not None
    assert target is not None
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, target["y"] + target["height"] * 0.8, steps=5)
    page.mouse.up()
    assert order() == [third, first, second, *rest]
    rows.nth(2).get_by_role("button", name="Leave").click()
    assert page.locator(".rank-list .rank-out").count() == 1
    page.wait_for_url(re.compile("priority=" + ",".join([third, first, *rest]).replace(",", "(,|%2C)") + "&"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("run=no-such-run", "no run named"),
        ("run=../../secret", "is not the name of a run"),
        ("batch_size=many", "batch_size"),
        ("nonsense=1", "nonsense"),
        ("dataset.name=unknown", "unknown"),
    ],
)
def test_a_bad_address_gives_a_sentence_and_the_default_page(page: Page, app: Any, query: str, sentence: str) -> None:
    page.goto(f"{app.url}/priority_lab?{query}")
    warning = page.get_by_test_id("stAlert").first
    warning.wait_for()
    assert sentence in warning.inner_text()
    wait_for(page, "window.__live && window.__live.points > 0")
    assert RunFolder(app.home, run_name(page)).config() == default_run("shop")
    assert_no_traceback(page)


def test_a_lesson_link_hides_the_form(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK, lesson="1")
    button(page, "Pause").wait_for()
    assert page.locator(".rank-list").count() == 0
    assert "lesson=1" in page.url


def test_home_leads_to_a_moving_run_with_one_click(page: Page, app: Any) -> None:
    page.goto(app.url)
    page.get_by_role("button", name="Start the shop example").click()
    wait_for(page, "window.__live && window.__live.points > 0")
    assert "run=" in page.url
    name = run_name(page)
    page.get_by_role("link", name="Home").first.click()
    page.get_by_text(name).wait_for()
    assert_no_traceback(page)


def test_a_killed_worker_is_told_and_the_run_resumes(page: Page, own_app: Any) -> None:
    open_lab(page, own_app.url, QUICK)
    folder = RunFolder(own_app.home, run_name(page))
    wait_for(page, "window.__live.step > 100")
    deadline = time.monotonic() + 60
    while not folder.checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    psutil.Process(folder.status().worker_pid).kill()
    button(page, "Resume").wait_for()
    assert "resume goes on from the last checkpoint" in page.get_by_test_id("stAlert").first.inner_text()
    before = live(page, "step")
    button(page, "Resume").click()
    wait_for(page, f"window.__live.status === 'running' && window.__live.step > {before}")
    assert_steps_rise(page)
    assert_no_traceback(page)


def test_a_killed_server_finds_its_run_again(page: Page, own_app: Any) -> None:
    open_lab(page, own_app.url, QUICK)
    name = run_name(page)
    folder = RunFolder(own_app.home, name)
    own_app.kill()
    before = folder.status().step
    deadline = time.monotonic() + 30
    while folder.status().step <= before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert folder.status().step > before, "the worker stopped with the server"
    own_app.start()
    wait_for(page, f"window.__live.step > {before}")
    button(page, "Pause").wait_for()
    assert run_name(page) == name
    assert_steps_rise(page)
    assert_no_traceback(page)
