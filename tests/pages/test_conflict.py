"""The conflict page in a real browser: a run's probes, arrows that are dragged, ways over a landscape."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

import pytest

from core.methods.registry import METHODS
from core.runs.folder import RunFolder, run_ids
from core.runs.status import RunStatus
from core.training.config import RunConfig
from core.training.events import Compass, Event, Probed, StageStarted, Started, Step
from pages.parts.conflict_address import ARROWS, WALKED

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TASKS = ["relevance", "click", "cart", "purchase", "price_level"]
PROBES = 6


def write_run(home: Path, rich: bool, method: str = "nmt") -> str:
    """A run that is over, with a probe every 100 steps: the cosine goes from .5 to −1 in equal steps."""
    folder = RunFolder.create(home, RunConfig.model_validate({"method": {"kind": method}}))
    folder.write_status(RunStatus(state="stopped"))
    nothing: list[float | None] = [None] * 5
    events: list[Event] = [
        Started(step=0, tasks=TASKS, task_kinds=["binary"] * 4 + ["regression"], base_loss=[0.5] * 5,
                priority=TASKS, device="cpu", device_reason="", parameters=1, rows={}, most_steps=1000),
        StageStarted(step=0, stage=1, objective=["click"], constraints=["relevance"], reference_loss=nothing,
                     bound=nothing, bound_train=nothing, tolerance=nothing),
    ]  # fmt: skip
    for place in range(PROBES):
        step, cosine = 100 * (place + 1), 0.5 - 1.5 * place / (PROBES - 1)
        more: dict[str, Any] = {}
        cheap: dict[str, Any] = {}
        if rich:
            across = math.sqrt(1 - cosine**2)
            square: list[list[float | None]] = [[None] * 5 for _ in range(5)]
            square[0][1], square[1][0] = 0.01 * cosine, 0.02 * cosine
            more = {
                "interval": [0.2], "magnitude_similarity": [0.8], "transference": square,
                "transference_first_order": square, "layers": {"embedding": [cosine], "trunk.0": [-cosine]},
                "compass": Compass(tasks=[0, 1], gradients=[(1, 0), (0.5 * cosine, 0.5 * across)], update=(0.5, 0.1),
                                   kept=1.0),
            }  # fmt: skip
            cheap = {"pairs": [(0, 1)], "last_layer_cosine": [cosine / 2], "correction": 3e-5}
        events.append(
            Step(step=step, stage=1, loss=[0.4, 0.3, *nothing[:3]], multiplier=[2.0, *nothing[:4]],
                 weight=[2 / 3, 1 / 3, *nothing[:3]], violation=nothing, violation_train=nothing, seconds=1.0, **cheap)
        )  # fmt: skip
        events.append(
            Probed(step=step, stage=1, pairs=[(0, 1)], cosine=[cosine], error=[0.1], norm=[2.0, 1.0, *nothing[:3]],
                   **more)
        )  # fmt: skip
    folder.log.write_text("".join(event.model_dump_json() + "\n" for event in events))
    return folder.run_id


def wait_for(page: Page, expression: str, seconds: float = 90) -> None:
    page.wait_for_function(expression, timeout=1000 * seconds)


def open_run(page: Page, app: Any, rich: bool) -> str:
    run_id = write_run(app.home, rich)
    page.goto(f"{app.url}/conflict?run={run_id}")
    wait_for(page, f"window.__conflict?.store && window.__conflict.probes.length === {PROBES}")
    wait_for(page, "window.__conflict.watch.redraws > 0 && document.querySelector('.conflict-matrix .main-svg')")
    return run_id


def open_bench(page: Page, app: Any, query: str = "") -> None:
    page.goto(f"{app.url}/conflict?part=bench{query}")
    wait_for(page, "window.__bench?.watch.redraws > 0")


def open_landscape(page: Page, app: Any, query: str = "") -> None:
    page.goto(f"{app.url}/conflict?part=landscape{query}")
    wait_for(page, "window.__land && Object.keys(window.__land.ways).length > 0")


def assert_no_traceback(page: Page) -> None:
    assert page.get_by_test_id("stException").count() == 0
    assert "Traceback" not in page.inner_text("body")


# ---------------------------------------------------------------------- a run


def test_a_run_shows_all_that_its_probes_hold(page: Page, app: Any) -> None:
    open_run(page, app, rich=True)
    assert page.locator(".conflict-panel:visible").count() == 7
    page.locator(".conflict-matrix").get_by_text("180°").first.wait_for()
    assert page.evaluate("__conflict.panels.find(panel => panel.name === 'layers').parts[0].data[0].y") == [
        "embedding",
        "trunk.0",
    ]
    lines = page.evaluate(
        "__conflict.panels.find(panel => panel.name === 'angles').parts[0].data.map(t => t.line.dash)"
    )
    assert lines[0] == "dot", "the cheap line, beside the exact one"
    assert len(lines) == 2
    looked, first_order = page.evaluate(
        "__conflict.panels.find(panel => panel.name === 'transference').parts.map(part => part.data[0].z)"
    )
    assert looked == first_order
    assert page.evaluate("__conflict.panels.find(panel => panel.name === 'correction').parts[0].data[0].y") == (
        pytest.approx([3e-5] * PROBES)
    )
    assert "doing nothing" in page.locator(".conflict-correction").inner_text()
    assert "does not hold" not in page.inner_text(".conflict-grid")
    assert "success" in page.locator(".conflict-success").inner_text()
    assert "Exact" in page.inner_text("body")
    assert "Cheap" in page.inner_text("body")
    assert_no_traceback(page)


def test_an_older_log_shows_its_angles_and_says_what_it_lacks(page: Page, app: Any) -> None:
    open_run(page, app, rich=False)
    for panel in ("layers", "transference"):
        page.locator(f".conflict-{panel}").get_by_text("does not hold").wait_for()
    assert "cheap line is not in this log" in page.locator(".conflict-angles").inner_text()
    drawn = page.locator(".conflict-compass .compass-name").all_text_contents()
    assert page.locator(".conflict-correction").is_hidden()
    assert set(drawn) == {"relevance", "click", "NMT"}, "the plane from norms, cosines and weights"
    assert_no_traceback(page)


def test_scrubbing_moves_every_picture_without_the_server(page: Page, app: Any) -> None:
    """At the first probe the cosine is .5, an angle of 60°, drawn so in matrix and compass."""
    open_run(page, app, rich=True)
    page.context.set_offline(True)
    slider = page.locator(".conflict-bar input")
    slider.focus()
    page.keyboard.press("Home")
    page.locator(".conflict-matrix").get_by_text("60°").first.wait_for()
    assert "Probe 1 of 6, step 100" in page.locator(".conflict-bar output").inner_text()
    label = page.locator(".conflict-compass .conflict-plot").get_attribute("aria-label") or ""
    assert "click points to 60°" in label
    marks = page.evaluate(
        """__conflict.panels.filter(panel => ['angles', 'similarity', 'layers'].includes(panel.name))
            .map(panel => panel.parts[0].layout.shapes.at(-1).x0)"""
    )
    assert marks == [100, 100, 100]


def test_the_default_run_starts_with_one_click(page: Page, app: Any) -> None:
    open_run(page, app, rich=True)
    before = set(run_ids(app.home))
    page.get_by_role("button", name="Start the default run").click()
    page.wait_for_url(lambda url: parse_qs(urlparse(url).query).get("run", [""])[0] not in before)
    (started,) = set(run_ids(app.home)) - before
    wait_for(page, "window.__conflict.store.points > 0")
    folder = RunFolder(app.home, started)
    folder.write_control(folder.control().changed(mode="stop"))
    assert_no_traceback(page)


def test_a_run_of_any_method_opens_on_every_page(page: Page, app: Any) -> None:
    run_id = write_run(app.home, rich=True, method="upgrad")
    page.goto(app.url)
    page.get_by_text(f"{run_id} UPGrad on").wait_for()
    page.goto(f"{app.url}/priority_lab?run={run_id}")
    wait_for(page, "window.__live && window.__live.points > 0")
    page.get_by_test_id("stSidebar").get_by_text(METHODS["upgrad"].guarantee).wait_for()
    assert_no_traceback(page)
    page.goto(f"{app.url}/conflict?run={run_id}")
    page.get_by_text(METHODS["upgrad"].guarantee).wait_for()
    assert_no_traceback(page)


# ---------------------------------------------------------------------- the bench


def test_every_method_is_listed_and_answered(page: Page, app: Any) -> None:
    open_bench(page, app)
    assert page.locator(".bench-list tbody tr").count() == len(METHODS)
    cells = page.locator(".bench-list tbody td").all_inner_texts()
    assert all(cells)
    cosine = sum(a * b for a, b in zip(*ARROWS, strict=True)) / math.prod(math.hypot(*arrow) for arrow in ARROWS)
    row = page.locator('.bench-list tr[data-kind="single_task"] td').all_inner_texts()
    assert row[1:] == ["▼ 1.00", f"▲ {-cosine:.2f}"]
    assert page.locator(".bench-cone").count() == 1
    assert_no_traceback(page)


def test_a_drag_redraws_and_is_kept_in_the_address(page: Page, app: Any) -> None:
    open_bench(page, app)
    knob = page.locator(".bench-grip").nth(1).locator(".bench-knob").bounding_box()
    disc = page.locator(".bench-disc").bounding_box()
    assert knob is not None
    assert disc is not None
    middle = (disc["x"] + disc["width"] / 2, disc["y"] + disc["height"] / 2)
    page.mouse.move(knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 60, steps=8)
    moved = page.evaluate("__bench.arrows[1]")
    assert moved[0] == pytest.approx(-moved[1], abs=0.02), "the arrow follows the hand at once"
    page.mouse.up()
    wait_for(page, f"Math.abs(__bench.answer.gradients[1][0] - {moved[0]}) < 1e-9")
    delays = sorted(page.evaluate("__bench.watch.delays"))
    print(f"\nmilliseconds from hand to redrawn methods: {[round(delay) for delay in delays]}")
    page.wait_for_url(lambda url: "arrows=" in url)
    arrows = parse_qs(urlparse(page.url).query)["arrows"][0]
    assert [float(value) for value in arrows.split(";")[1].split(",")] == pytest.approx(moved, abs=0.006)
    page.reload()
    wait_for(page, "window.__bench?.watch.redraws > 0")
    assert page.evaluate("__bench.arrows[1]") == pytest.approx(moved, abs=0.006)


def test_arrow_keys_move_an_arrow_and_say_so(page: Page, app: Any) -> None:
    open_bench(page, app, "&arrows=1,0;0,1;-0.5,0.5")
    page.locator(".bench-grip").nth(2).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert page.evaluate("__bench.arrows[2]") == pytest.approx([-0.45, 0.75])
    assert "task 3" in page.locator(".bench-aloud").inner_text()
    assert page.evaluate("__bench.root.getRootNode().activeElement.dataset.task") == "2", "the focus stays on the arrow"


def test_opposed_gradients_are_called_what_they_are(page: Page, app: Any) -> None:
    open_bench(page, app)
    page.get_by_role("button", name="Opposed").click()
    page.get_by_text("this is what success looks like").wait_for()


def test_choosing_a_method_shows_its_words_beside_the_picture(page: Page, app: Any) -> None:
    open_bench(page, app)
    page.locator('.bench-list tr[data-kind="mgda"] button').click()
    page.get_by_text(METHODS["mgda"].guarantee).wait_for()
    page.get_by_text(METHODS["mgda"].fails).wait_for()
    page.wait_for_url(lambda url: "method=mgda" in url)
    assert page.locator(".katex-error").count() == 0


def test_every_method_has_its_words_and_a_formula_that_is_drawn(page: Page, app: Any) -> None:
    open_bench(page, app)
    for kind, card in METHODS.items():
        page.locator(f'.bench-list tr[data-kind="{kind}"] button').click()
        for sentence in (card.guarantee, card.cost, card.fails):
            page.get_by_text(sentence).first.wait_for()
        assert page.locator(".katex").count() == 1
        assert page.locator(".katex-error").count() == 0


# ---------------------------------------------------------------------- the landscape


def test_the_ways_are_walked_from_one_start(page: Page, app: Any) -> None:
    open_landscape(page, app, "&landscape=quadratic")
    wait_for(page, f"Object.keys(__land.ways).length === {len(WALKED)}")
    starts = page.evaluate("Object.values(__land.ways).map(way => [way.x[0], way.y[0]].join())")
    assert len(set(starts)) == 1
    frames = page.evaluate("__land.watch.frames")
    page.get_by_role("button", name="Walk from the start").click()
    wait_for(page, f"__land.watch.frames > {frames + 5}")
    wait_for(page, "!__land.ticking")
    assert "That is success" in page.locator(".land-says").inner_text()
    assert page.locator(".land-front line").count() >= 1, "NMT's bound stands in the plane of losses"
    assert_no_traceback(page)


def test_the_start_is_dragged_and_kept(page: Page, app: Any) -> None:
    open_landscape(page, app, "&landscape=quadratic&walked=nmt")
    wait_for(page, "document.querySelector('.land-start') && !__land.ticking")
    before = page.evaluate("__land.start.join()")
    mark = page.locator(".land-start").bounding_box()
    assert mark is not None
    page.mouse.move(mark["x"] + 9, mark["y"] + 9)
    page.mouse.down()
    page.mouse.move(mark["x"] + 60, mark["y"] + 40, steps=5)
    page.mouse.up()
    wait_for(page, f"__land.start.join() !== '{before}' && Math.abs(__land.ways.nmt?.x[0] - __land.start[0]) < 1e-4")
    page.wait_for_url(lambda url: "start=" in url)
    assert page.locator(".land-start").count() == 1


def test_another_landscape_has_its_own_start(page: Page, app: Any) -> None:
    open_landscape(page, app, "&landscape=quadratic&start=0.5,0.5&walked=nmt")
    page.get_by_text("A concave front").click()
    wait_for(page, "__land.landscape === 'concave' && __land.ways.nmt?.x")
    assert page.evaluate("__land.start") == page.evaluate("__land.surface.starts[0]")
    assert_no_traceback(page)


# ---------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("part=kitchen", "kitchen"),
        ("run=no-such-run", "no run named"),
        ("run=../../secret", "is not the name of a run"),
        ("part=bench&arrows=1,x;2,3", "expected two numbers"),
        ("part=bench&method=magic", "no method 'magic'"),
        ("part=landscape&landscape=moon", "no landscape 'moon'"),
        ("part=landscape&start=1e9,0", "expected two numbers"),
        ("part=bench&nonsense=1", "nonsense"),
    ],
)
def test_a_bad_address_gives_a_sentence_and_a_working_page(page: Page, app: Any, query: str, sentence: str) -> None:
    write_run(app.home, rich=True)
    page.goto(f"{app.url}/conflict?{query}")
    warning = page.get_by_test_id("stAlert").first
    warning.wait_for()
    assert sentence in warning.inner_text()
    wait_for(page, "window.__bench?.watch.redraws > 0 || window.__land?.surface || window.__conflict?.store")
    assert_no_traceback(page)
