"""The conflict page in a real browser: a run's probes, arrows that are dragged, ways over a landscape."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.events.events import Compass, Event, Probed, StageStarted, Started, Step
from core.methods.registry import METHODS
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.status import RunStatus
from core.settings.run import RunConfig
from pages.conflict.address import ARROWS, WALKED
from tests.pages.lab import wait_for_points
from tests.pages.looking import address, assert_no_traceback, focus, resting, seen, wait_for, wait_until

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
    wait_for(page, "window.__land?.walks && Object.keys(window.__land.walks.trajectories).length > 0")


# ---------------------------------------------------------------------- a run


def test_a_run_shows_all_that_its_probes_hold(page: Page, app: Any) -> None:
    open_run(page, app, rich=True)
    expect(page.locator(".conflict-panel:visible")).to_have_count(7)
    seen(page.locator(".conflict-matrix"), "180°")

    def drawn(panel: str, what: str) -> Any:
        return page.evaluate(f"__conflict.panels.find(panel => panel.name === '{panel}').parts.map(part => {what})")

    wait_until(page, lambda: drawn("layers", "part.data?.[0].y") == [["embedding", "trunk.0"]])
    wait_until(page, lambda: len(drawn("angles", "part.data?.length")) == 1)
    (lines,) = drawn("angles", "part.data.map(trace => trace.line.dash)")
    assert lines[0] == "dot", "the cheap line, beside the exact one"
    assert len(lines) == 2
    wait_until(page, lambda: all(drawn("transference", "part.data?.[0].z")))
    looked, first_order = drawn("transference", "part.data[0].z")
    assert looked == first_order
    wait_until(page, lambda: drawn("correction", "part.data?.[0].y") == [pytest.approx([3e-5] * PROBES)])
    expect(page.locator(".conflict-correction")).to_contain_text("doing nothing")
    expect(page.locator(".conflict-grid")).not_to_contain_text("does not hold")
    expect(page.locator(".conflict-success")).to_contain_text("success")
    seen(page, "Exact")
    seen(page, "Cheap")
    assert_no_traceback(page)


def test_an_older_log_shows_its_angles_and_says_what_it_lacks(page: Page, app: Any) -> None:
    open_run(page, app, rich=False)
    for panel in ("layers", "transference"):
        seen(page.locator(f".conflict-{panel}"), "does not hold")
    expect(page.locator(".conflict-angles")).to_contain_text("cheap line is not in this log")
    expect(page.locator(".conflict-correction")).to_be_hidden()
    names = page.locator(".conflict-compass .compass-name")  # in the plane from norms, cosines and weights
    wait_until(page, lambda: set(names.all_text_contents()) == {"relevance", "click", "NMT"})
    assert_no_traceback(page)


def test_scrubbing_moves_every_picture_without_the_server(page: Page, app: Any) -> None:
    """At the first probe the cosine is .5, an angle of 60°, drawn so in matrix and compass."""
    open_run(page, app, rich=True)
    page.context.set_offline(True)
    focus(page.locator(".conflict-bar input"))
    page.keyboard.press("Home")
    seen(page.locator(".conflict-matrix"), "60°")
    expect(page.locator(".conflict-bar output")).to_contain_text("Probe 1 of 6, step 100")
    compass = page.locator(".conflict-compass .conflict-plot")
    expect(compass).to_have_attribute("aria-label", re.compile("click points to 60°"))
    wait_for(
        page,
        """__conflict.panels.filter(panel => ['angles', 'similarity', 'layers'].includes(panel.name))
            .every(panel => panel.parts[0].layout.shapes.at(-1).x0 === 100)""",
    )


def test_the_default_run_starts_with_one_click(page: Page, app: Any) -> None:
    open_run(page, app, rich=True)
    before = set(run_ids(app.home))
    page.get_by_role("button", name="Start the default run").click()
    address(page, lambda asked: asked.get("run", "") not in {"", *before})
    assert len(set(run_ids(app.home)) - before) == 1
    wait_for(page, "window.__conflict.store?.points > 0")
    assert_no_traceback(page)


def test_a_run_of_any_method_opens_on_every_page(page: Page, app: Any) -> None:
    run_id = write_run(app.home, rich=True, method="upgrad")
    page.goto(app.url)
    seen(page, f"{run_id} UPGrad on")
    page.goto(f"{app.url}/priority_lab?run={run_id}")
    wait_for_points(page)
    seen(page.get_by_test_id("stSidebar"), METHODS["upgrad"].guarantee)
    assert_no_traceback(page)
    page.goto(f"{app.url}/conflict?run={run_id}")
    seen(page, METHODS["upgrad"].guarantee)
    assert_no_traceback(page)


# ---------------------------------------------------------------------- the bench


def test_every_method_is_listed_and_answered(page: Page, app: Any) -> None:
    open_bench(page, app)
    expect(page.locator(".bench-list tbody tr")).to_have_count(len(METHODS))
    wait_until(page, lambda: all(page.locator(".bench-list tbody td").all_inner_texts()))
    cosine = sum(a * b for a, b in zip(*ARROWS, strict=True)) / math.prod(math.hypot(*arrow) for arrow in ARROWS)
    row = page.locator('.bench-list tr[data-kind="single_task"] td')
    expect(row).to_have_text([METHODS["single_task"].title, "▼ 1.00", f"▲ {-cosine:.2f}"])
    expect(page.locator(".bench-cone")).to_have_count(1)
    assert_no_traceback(page)


def test_a_drag_redraws_and_is_kept_in_the_address(page: Page, app: Any) -> None:
    open_bench(page, app)
    knob = resting(page.locator(".bench-grip").nth(1).locator(".bench-knob"))
    disc = resting(page.locator(".bench-disc"))
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

    def says_where(asked: dict[str, str]) -> bool:
        arrows = asked.get("arrows", "").split(";")
        return len(arrows) == 2 and [float(value) for value in arrows[1].split(",")] == pytest.approx(moved, abs=0.006)

    address(page, says_where)
    page.reload()
    wait_until(page, lambda: page.evaluate("window.__bench?.arrows[1]") == pytest.approx(moved, abs=0.006))


def test_arrow_keys_move_an_arrow_and_say_so(page: Page, app: Any) -> None:
    open_bench(page, app, "&arrows=1,0;0,1;-0.5,0.5")
    focus(page.locator(".bench-grip").nth(2))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    wait_until(page, lambda: page.evaluate("__bench.arrows[2]") == pytest.approx([-0.45, 0.75]))
    expect(page.locator(".bench-aloud")).to_contain_text("task 3")
    expect(page.locator(".bench-grip").nth(2)).to_be_focused()  # it stays on the arrow


def test_opposed_gradients_are_called_what_they_are(page: Page, app: Any) -> None:
    open_bench(page, app)
    page.get_by_role("button", name="Opposed").click()
    seen(page, "this is what success looks like")


def test_choosing_a_method_shows_its_words_beside_the_picture(page: Page, app: Any) -> None:
    open_bench(page, app)
    page.locator('.bench-list tr[data-kind="mgda"] button').click()
    seen(page, METHODS["mgda"].guarantee)
    seen(page, METHODS["mgda"].fails)
    address(page, lambda asked: asked.get("method") == "mgda")
    expect(page.locator(".katex-error")).to_have_count(0)


def test_every_method_has_its_words_and_a_formula_that_is_drawn(page: Page, app: Any) -> None:
    open_bench(page, app)
    for kind, card in METHODS.items():
        page.locator(f'.bench-list tr[data-kind="{kind}"] button').click()
        for sentence in (card.guarantee, card.cost, card.fails):
            seen(page, sentence)
        expect(page.locator(".katex")).to_have_count(1)
        expect(page.locator(".katex-error")).to_have_count(0)


# ---------------------------------------------------------------------- the landscape


def test_the_ways_are_walked_from_one_start(page: Page, app: Any) -> None:
    open_landscape(page, app, "&landscape=quadratic")
    wait_for(page, f"Object.keys(__land.walks.trajectories).length === {len(WALKED)}")
    starts = page.evaluate("Object.values(__land.walks.trajectories).map(way => [way.x[0], way.y[0]].join())")
    assert len(set(starts)) == 1
    wait_for(page, "!__land.player.ticking")
    frames = page.evaluate("__land.player.frames")
    page.get_by_role("button", name="Walk from the start").click()
    wait_for(page, f"__land.player.frames > {frames + 5}")
    wait_for(page, "!__land.player.ticking")
    expect(page.locator(".land-says")).to_contain_text("That is success")
    expect(page.locator(".land-front line")).not_to_have_count(0)  # NMT's bound stands in the plane of losses
    assert_no_traceback(page)


def test_the_start_is_dragged_and_kept(page: Page, app: Any) -> None:
    open_landscape(page, app, "&landscape=quadratic&walked=nmt")
    wait_for(page, "document.querySelector('.land-start') && !__land.player.ticking")
    before = page.evaluate("__land.walks.start.join()")
    mark = resting(page.locator(".land-start"))
    page.mouse.move(mark["x"] + 9, mark["y"] + 9)
    page.mouse.down()
    page.mouse.move(mark["x"] + 60, mark["y"] + 40, steps=5)
    page.mouse.up()
    wait_for(page, f"__land.walks.start.join() !== '{before}'")
    wait_for(page, "Math.abs(__land.walks.trajectories.nmt?.x[0] - __land.walks.start[0]) < 1e-4")
    address(page, lambda asked: "start" in asked)
    expect(page.locator(".land-start")).to_have_count(1)


def test_another_landscape_has_its_own_start(page: Page, app: Any) -> None:
    open_landscape(page, app, "&landscape=quadratic&start=0.5,0.5&walked=nmt")
    seen(page, "A concave front").click()
    wait_for(page, "__land.walks.landscape === 'concave' && __land.walks.trajectories.nmt?.x")
    wait_for(page, "__land.walks.start.join() === __land.walks.surface.starts[0].join()")
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
    expect(page.get_by_test_id("stAlert").first).to_contain_text(sentence)
    wait_for(page, "window.__bench?.watch.redraws > 0 || window.__land?.walks?.surface || window.__conflict?.store")
    assert_no_traceback(page)
