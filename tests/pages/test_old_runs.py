"""A run folder of an earlier program in the lab: its quality is drawn, each task by its own metric."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.events.events import Evaluated
from core.runs.folder.run_folder import RunFolder
from tests.pages.looking import assert_no_traceback, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURE = Path(__file__).parents[1] / "fixtures" / "runs_1"
QUALITY = """[...document.querySelectorAll('.live-plot')].find(plot =>
    plot.data?.some(trace => trace.hovertemplate?.startsWith('RMSE %')))"""


def test_quality_is_drawn_from_an_old_log(page: Page, app: Any) -> None:
    """A binary, a regression and a multiclass task; the regression in its own unit, on the axis of its own."""
    folder = app.home / "runs" / "mixed-tasks"
    folder.parent.mkdir(exist_ok=True)
    shutil.copytree(FIXTURE / "runs" / "mixed-tasks", folder)
    config = folder / "config.json"
    config.write_text(config.read_text().replace("tables/mixed", str(FIXTURE / "tables" / "mixed")))
    page.goto(f"{app.url}/priority_lab?run=mixed-tasks")
    wait_for(page, "window.__live && window.__live.points > 0")
    wait_for(page, QUALITY)
    traces = page.evaluate(
        f"{QUALITY}.data.map(trace => [trace.yaxis ?? 'y', trace.hovertemplate ?? '', [...trace.y]])"
    )
    events = [event for event in RunFolder(app.home, "mixed-tasks").events() if isinstance(event, Evaluated)]
    last = [event for event in events if event.phase == "main"][-1].metric
    for task, (name, axis) in enumerate([("AUC", "y"), ("RMSE", "y2"), ("accuracy", "y")]):
        curve = next(trace for trace in traces if trace[1].startswith(f"{name} %"))
        assert (curve[0], curve[2][-1]) == (axis, pytest.approx(last[task]))
    assert_no_traceback(page)
