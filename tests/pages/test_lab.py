"""The Priority lab in a real browser on the real supervisor: what a person does, and what must not be lost."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.data.registry import card
from core.methods.nmt import NMTConfig
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.workers.registry import Queue, worker_folders
from core.runs.workers.supervisor import Supervisor
from core.server.example import ExampleFolder
from core.settings.presets import default_run
from core.settings.run import RunConfig
from tests.pages.lab import QUICK, open_lab, press_train, wait_for_lab, wait_for_points
from tests.pages.looking import address, assert_no_traceback, button, focus, resting, seen, settled, wait_for
from tests.runs.support import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def live(page: Page, name: str) -> Any:
    return page.evaluate(f"window.__live.{name}")


def run_name(page: Page) -> str:
    return address(page, lambda asked: "run" in asked)["run"]


def assert_steps_rise(page: Page) -> None:
    """No point is drawn twice and none out of order, whatever was cut, sent again or reconnected."""
    falls = page.evaluate(
        """() => [...window.__live.store.series].filter(
            ([, {x}]) => x.some((step, i) => i && step <= x[i - 1])).map(([name]) => name)"""
    )
    assert falls == []


def test_opening_the_page_replays_the_example_and_trains_nothing(page: Page, app: Any) -> None:
    page.goto(f"{app.url}/priority_lab")  # once, so that the server has imported what it needs
    wait_for_points(page)
    before = set(run_ids(app.home))
    began = time.monotonic()
    page.goto(f"{app.url}/priority_lab")
    wait_for(page, "window.__live && window.__live.watch.drawn > 0")
    drawn = time.monotonic() - began
    step = live(page, "step")
    wait_for(page, f"window.__live.step > {step}")
    own = live(page, "watch.firstPointMilliseconds")
    print(f"\nfrom opening to the first drawn point: {drawn:.2f} s ({own:.0f} ms by the page's clock)")
    seen(page, "A recorded run of these settings, replayed.")
    assert set(run_ids(app.home)) == before
    plots = page.locator(".live-panel:visible .live-plot")
    expect(plots).to_have_count(5)
    for place in range(5):  # each is drawn in a turn of its own
        expect(plots.nth(place)).to_have_attribute("aria-label", re.compile(".{11}"))
    assert_no_traceback(page)


def test_a_click_trains_what_was_replayed(page: Page, app: Any) -> None:
    assert ExampleFolder().config() == default_run("shop"), "make it again: python -m core data make-example"
    open_lab(page, app.url)
    assert RunFolder(app.home, run_name(page)).config() == default_run("shop")


def test_an_address_alone_starts_nothing(page: Page, app: Any) -> None:
    before = set(run_ids(app.home))
    page.goto(f"{app.url}/priority_lab?stage_steps=1000000&batch_size=64")
    seen(page, "These settings are ready to train.")
    assert_no_traceback(page)
    assert set(run_ids(app.home)) == before


def test_pause_holds_and_a_step_is_a_step(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    button(page, "Pause").click()
    wait_for(page, "window.__live.status === 'paused'")
    expect(button(page, "Play")).to_be_visible()
    status = RunFolder(app.home, run_name(page)).status
    held = status().step
    wait_for_beats(app.home)
    assert status().step == held
    button(page, "Step").click()
    wait_until(lambda: status().step >= held + QUICK.record_every)
    wait_for_beats(app.home)
    assert status().step == held + QUICK.record_every
    button(page, "Play").click()
    wait_for(page, f"window.__live.step > {held + 10 * QUICK.record_every}")
    assert_no_traceback(page)


def wait_for_beats(home: Path) -> None:
    """Until a worker has looked again and again at what is asked of its runs."""

    def beat() -> float:
        return max(status.heartbeat for folder in worker_folders(home) if (status := folder.status()) is not None)

    before = beat()
    wait_until(lambda: beat() > before + 1)


def halted(app: Any, config: RunConfig, step: int) -> RunFolder:
    """A run that stands at this very step, however fast it is and however slow the page: in the second stage, say."""
    folder = RunFolder.create(app.home.resolve(), config)
    folder.write_control(folder.control().changed(mode="pause"))
    Queue(app.home.resolve()).put(folder.run_id)
    wait_until(lambda: folder.status().state == "paused")
    folder.write_control(folder.control().changed(steps=step))
    wait_until(lambda: folder.status().step == step)
    return folder


def test_a_tolerance_edit_changes_the_multiplier(page: Page, app: Any) -> None:
    """Under a tolerance of 500 % no bound is ever reached, so without damping, which answers to changes within a bound
    too, the multiplier stays 0; under 0 % it must grow."""
    plain = NMTConfig(validation_every=5, proportional=0)
    config = QUICK.model_copy(update={"stage_steps": 400, "tolerances": {"relevance": 5.0}, "method": plain})
    run = halted(app, config, 440)
    open_lab(page, app.url, run=run.run_id, key=run.control_key())
    wait_for(page, "window.__live.store.series.get('multiplier/relevance')?.x.length > 3")
    wait_for(page, "window.__live.status === 'paused'")
    assert page.evaluate("Math.max(...window.__live.store.series.get('multiplier/relevance').y)") == 0
    field = page.locator(".rank-list input").first
    field.fill("0")
    field.press("Tab")
    seen(page, "it will keep growing")
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
    wait_for_lab(page)
    wait_for(page, f"window.__live.step >= {step}")
    assert run_name(page) == name
    assert len(run_ids(app.home)) == runs
    assert_steps_rise(page)


def test_zoom_survives_updates_and_reruns(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    wait_for(page, "window.__live.step > 60 && Object.values(window.__live.plots).every(plot => plot.layout)")
    page.evaluate("Plotly.relayout(window.__live.plots.losses, {'xaxis.range': [10, 40]})")
    redraws = live(page, "watch.redraws")
    wait_for(page, f"window.__live.watch.redraws > {redraws + 4}")
    page.get_by_test_id("stSidebar").get_by_text("Weighted sum", exact=True).click()  # a rerun of the whole page
    seen(page, "take effect with the next Train")
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
    wait_for(page, f"colour => ({drawn})(colour) > 0", colour)
    page.locator(".live-task").first.click()
    wait_for(page, f"colour => ({drawn})(colour) === 0", colour)
    redraws = live(page, "watch.redraws")
    wait_for(page, f"window.__live.watch.redraws > {redraws + 1}")
    assert page.evaluate(drawn, colour) == 0, "nor does an update bring it back"


def test_a_pinned_run_stays_behind_the_next(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK)
    first = run_name(page)
    button(page, "Pin").click()
    expect(button(page, "Unpin")).to_be_visible()
    button(page, "Reseed").click()
    address(page, lambda asked: asked.get("run", first) != first and asked.get("baseline") == first)
    wait_for(page, "window.__live.baseline?.points > 0 && window.__live.points > 0")
    assert RunFolder(app.home, run_name(page)).config() == QUICK.model_copy(update={"seed": 1})
    seen(page, "grey:")


def test_the_rank_list_answers_keys_buttons_and_dragging(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK.model_copy(update={"priority": ()}))
    rows = page.locator(".rank-list li")
    first, second, third, *rest = card(QUICK.dataset).task_names()

    def expect_order(*names: str) -> None:
        expect(rows).to_have_count(len(names))
        for place, name in enumerate(names):
            expect(rows.nth(place)).to_have_attribute("data-name", name)

    expect_order(first, second, third, *rest)
    focus(rows.nth(1))
    page.keyboard.press("Alt+ArrowUp")
    expect_order(second, first, third, *rest)
    expect(page.locator(".rank-aloud")).to_have_text(re.compile(f"is now priority 1 of {3 + len(rest)}$"))
    rows.nth(1).get_by_role("button", name="down").click()
    expect_order(second, third, first, *rest)
    assert_no_traceback(page)  # the page has answered, so that nothing moves under the hand
    target = resting(rows.nth(2))
    box = resting(rows.nth(0))
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, target["y"] + target["height"] * 0.8, steps=5)
    page.mouse.up()
    expect_order(third, first, second, *rest)
    rows.nth(2).get_by_role("button", name="Leave").click()
    expect(page.locator(".rank-list .rank-out")).to_have_count(1)
    address(page, lambda asked: asked.get("priority") == ",".join([third, first, *rest]))


def test_quick_moves_all_count_and_the_way_back_leads_back(page: Page, app: Any) -> None:
    """The browser hears of a new URL late, so what is done meanwhile comes with the old one; going back means it."""
    open_lab(page, app.url, QUICK.model_copy(update={"priority": ()}))
    first, *rest, last = card(QUICK.dataset).task_names()
    rows = page.locator(".rank-list li")
    focus(rows.nth(1 + len(rest)))
    for _ in rest:
        page.keyboard.press("Alt+ArrowUp")
    moved = ",".join([first, last, *rest])
    address(page, lambda asked: asked.get("priority") == moved)
    assert_no_traceback(page)
    address(page, lambda asked: asked.get("priority") == moved)
    expect(rows.nth(1)).to_have_attribute("data-name", last)
    page.go_back()
    address(page, lambda asked: asked.get("priority") != moved)
    expect(rows.nth(1)).not_to_have_attribute("data-name", last)


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
    expect(page.get_by_test_id("stAlert").first).to_contain_text(sentence)
    press_train(page)
    wait_for_lab(page)
    assert RunFolder(app.home, run_name(page)).config() == default_run("shop")
    assert_no_traceback(page)


def test_a_lesson_link_hides_the_form(page: Page, app: Any) -> None:
    open_lab(page, app.url, QUICK, lesson="1")
    expect(button(page, "Pause")).to_be_visible()  # below the form, where there is one
    expect(page.get_by_role("button", name="Train")).to_have_count(0)
    expect(page.locator(".rank-list")).to_have_count(0)
    address(page, lambda asked: asked.get("lesson") == "1")


def test_home_leads_to_a_moving_run_with_one_click(page: Page, app: Any) -> None:
    page.goto(app.url)
    page.get_by_role("button", name="Start the shop example").click()
    wait_for_points(page)
    name = run_name(page)
    page.get_by_role("link", name="Home").first.click()
    expect(button(page, "Start the shop example")).to_be_visible()
    assert_no_traceback(page)
    seen(page, name)
    assert_no_traceback(page)


def asks_for(page: Page) -> list[str]:
    """Fills with the fragment, or an empty text for the whole page, whenever the browser asks the server for it."""
    asked: list[str] = []

    def take(frame: Any) -> None:
        message = BackMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
        if message.WhichOneof("type") == "rerun_script":
            asked.append(message.rerun_script.fragment_id)

    def heed(socket: Any) -> None:
        if "/_stcore/stream" in socket.url:
            socket.on("framesent", take)

    page.on("websocket", heed)
    return asked


def test_a_page_of_a_run_that_is_over_asks_for_nothing_until_the_run_goes_on(page: Page, app: Any) -> None:
    asked = asks_for(page)
    open_lab(page, app.url, QUICK)
    name = run_name(page)
    page.wait_for_timeout(2500)  # a look of the slow lane
    assert any(asked), "while it trains its parts repeat"
    supervisor = Supervisor(app.home, 1)
    supervisor.command(name, "stop")
    expect(button(page, "Resume")).to_be_visible()
    settled(page)
    page.wait_for_timeout(1000)  # a look that was on its way
    asked.clear()
    page.wait_for_timeout(9000)  # more than two looks of the slowest part
    assert asked == []
    page.reload()
    wait_for_lab(page)
    settled(page)
    page.wait_for_timeout(1000)
    asked.clear()
    page.wait_for_timeout(5000)
    assert asked == []
    supervisor.resume(name)  # elsewhere: in another tab, say
    wait_until(lambda: supervisor.status(name).state == "running")
    expect(button(page, "Pause")).to_be_enabled()
    expect(button(page, "Resume")).to_have_count(0)
    asked.clear()
    page.wait_for_timeout(5000)
    assert any(asked)
    assert_no_traceback(page)


def test_a_killed_worker_is_told_and_the_run_resumes(page: Page, own_app: Any) -> None:
    open_lab(page, own_app.url, QUICK)
    folder = RunFolder(own_app.home, run_name(page))
    wait_for(page, "window.__live.step > 100")
    wait_until(folder.checkpoint.exists)
    psutil.Process(folder.status().worker_pid).kill()
    expect(button(page, "Resume")).to_be_visible()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("resume goes on from the last checkpoint")
    before = live(page, "step")
    button(page, "Resume").click()
    wait_for(page, f"window.__live.status === 'running' && window.__live.step > {before}")
    assert_steps_rise(page)
    assert_no_traceback(page)


def test_a_killed_server_finds_its_run_again(page: Page, own_app: Any) -> None:
    open_lab(page, own_app.url, QUICK)
    name = run_name(page)
    folder = RunFolder(own_app.home, name)
    settled(page)  # with all its scripts: what is fetched from a server that is gone would be an error
    own_app.kill()
    before = folder.status().step
    wait_until(lambda: folder.status().step > before)  # the worker did not stop with the server
    own_app.start()
    wait_for(page, f"window.__live?.step > {before}")
    expect(button(page, "Pause")).to_be_visible()
    assert run_name(page) == name
    assert_steps_rise(page)
    assert_no_traceback(page)
