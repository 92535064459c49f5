"""Names at the lines' ends stand beside their lines, also where a finished run's points come after the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.events.events import Event, StageStarted, Started, Step
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.settings.run import RunConfig
from tests.pages.looking import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, WebSocketRoute

pytestmark = pytest.mark.browser

TASKS = ["relevance", "click", "cart", "purchase", "price_level"]
MOST_APART = 8  # pixels; a line of text is 12 high
APART = """() => {
  const plot = window.__live.plots.losses, { yaxis, _size } = plot._fullLayout, [low, high] = yaxis.range
  const names = Object.fromEntries(plot.layout.annotations.map(({ text, y }) => [text.split('</span> ')[1], y]))
  return plot.data.filter(({ line }) => line?.width === 2).flatMap(({ y, hovertemplate }) => {
    const name = names[hovertemplate.match(/<extra>(.*)<.extra>/)[1]]
    return name === undefined ? [] : [Math.abs((y.at(-1) - low) / (high - low) - name) * _size.h]
  })
}"""


def write_finished_run(home: Path) -> str:
    """Two tasks whose losses end far from each other and far from where an empty picture has its middle."""
    folder = RunFolder.create(home, RunConfig())
    folder.write_status(RunStatus(state="stopped"))
    nothing: list[float | None] = [None] * 5
    events: list[Event] = [
        Started(step=0, tasks=TASKS, task_kinds=["binary"] * 4 + ["regression"], base_loss=[0.5] * 5,
                priority=TASKS, device="cpu", device_reason="", parameters=1, rows={}, most_steps=1000),
        StageStarted(step=0, stage=0, objective=TASKS[:2], constraints=[], reference_loss=nothing, bound=nothing,
                     bound_train=nothing, tolerance=nothing),
    ]  # fmt: skip
    for step in range(10, 510, 10):
        events.append(
            Step(step=step, stage=0, loss=[0.1 + 4 / step, 0.45, *nothing[:3]], multiplier=nothing, weight=nothing,
                 violation=nothing, violation_train=nothing, seconds=1.0)
        )  # fmt: skip
    folder.log.write_text("".join(event.model_dump_json() + "\n" for event in events))
    return folder.run_id


def test_names_stand_beside_their_lines_when_the_points_come_late(page: Page, app: Any) -> None:
    held: list[Any] = []
    viewers: list[WebSocketRoute] = []

    def hold(viewer: WebSocketRoute) -> None:
        viewers.append(viewer)
        viewer.connect_to_server().on_message(lambda message: held.append(message))

    page.route_web_socket("**/api/runs/*/events*", hold)
    page.goto(f"{app.url}/priority_lab?run={write_finished_run(app.home)}")
    wait_for(page, "window.__live?.plots.losses._fullLayout && window.__live.watch.redraws > 5")
    while not held:
        page.wait_for_timeout(50)
    for message in held:
        viewers[0].send(message)
    wait_for(page, f"(({APART})()).length === 2")
    wait_for(page, f"Math.max(...({APART})()) < {MOST_APART}")
