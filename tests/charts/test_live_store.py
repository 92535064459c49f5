"""What the browser holds of a run: thinning loses no extreme, and no message is counted twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.runs.folder.thin import thin

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
ASSETS = Path(__file__).resolve().parents[2] / "assets"
STARTED = {
    "kind": "started",
    "step": 0,
    "tasks": ["a", "b"],
    "task_kinds": ["binary", "binary"],
    "base_loss": [0.7, 0.5],
    "priority": ["a", "b"],
}
STAGE = {"kind": "stage_started", "step": 0, "stage": 0, "phase": "main", "objective": ["a"], "constraints": []}


@pytest.fixture
def store(page: Page) -> Page:
    """A blank page with the store's script, and one store in it."""
    page.add_script_tag(content=(ASSETS / "live_store.js").read_text())
    page.evaluate("window.held = newStore()")
    return page


def receive(page: Page, **message: Any) -> dict[str, Any]:
    message = {"replace": False, "series": {}, "events": [], "status": "running", **message}
    return page.evaluate("message => { const {again} = receive(held, message); return {again} }", message)


def points(page: Page, name: str) -> dict[str, list[float]]:
    return page.evaluate("name => held.series.get(name)", name)


def test_thinning_keeps_ends_and_extremes_in_order(store: Page) -> None:
    generator = np.random.default_rng(0)
    y = generator.standard_normal(5000)
    y[[1234, 4321]] = 40, -40  # two spikes of one point each
    x = np.arange(5000)
    thinned = store.evaluate("([x, y]) => thin(x, y, 600)", [x.tolist(), y.tolist()])
    assert len(thinned["x"]) <= 600
    assert thinned["x"] == sorted(set(thinned["x"]))
    assert {0, 1234, 4321, 4999} <= set(thinned["x"])
    assert all(y[step] == value for step, value in zip(thinned["x"], thinned["y"], strict=True))


def test_thinning_agrees_with_the_server_on_the_picture(store: Page) -> None:
    """Both thin by the extremes of buckets, so that a reload shows the curve that was there before."""
    y = np.cumsum(np.random.default_rng(1).standard_normal(3000))
    x = np.arange(3000)
    here = store.evaluate("([x, y]) => thin(x, y, 600)", [x.tolist(), y.tolist()])
    there_x, there_y = thin(x.tolist(), y.tolist(), 600)
    grid = np.linspace(0, 2999, 500)
    apart = np.interp(grid, here["x"], here["y"]) - np.interp(grid, there_x, there_y)
    assert np.abs(apart).max() < 0.1 * np.ptp(y)


def test_a_short_series_is_left_alone(store: Page) -> None:
    assert store.evaluate("thin([1, 2], [3, 4], 600)") == {"x": [1, 2], "y": [3, 4]}


def test_a_long_run_stays_within_the_limit(store: Page) -> None:
    receive(store, offset=1, replace=True, events=[STARTED, STAGE])
    for begin in range(0, 20_000, 500):
        steps = list(range(begin + 1, begin + 501))
        receive(store, offset=2 + begin, series={"loss/a": {"x": steps, "y": [1 / step for step in steps]}})
    held = points(store, "loss/a")
    assert len(held["x"]) <= 1200
    assert held["x"][0] == 1
    assert held["x"][-1] == 20_000
    assert store.evaluate("held.points") == 20_000


def test_appended_messages_join_without_gap_or_duplicate(store: Page) -> None:
    receive(store, offset=10, replace=True, events=[STARTED, STAGE], series={"loss/a": {"x": [4, 8], "y": [1, 0.9]}})
    receive(store, offset=20, series={"loss/a": {"x": [12], "y": [0.8]}})
    assert points(store, "loss/a") == {"x": [4, 8, 12], "y": [1, 0.9, 0.8]}
    assert store.evaluate("held.offset") == 20


def test_a_replacing_message_forgets_what_was_held(store: Page) -> None:
    receive(store, offset=10, replace=True, events=[STARTED, STAGE], series={"loss/a": {"x": [4, 8], "y": [1, 0.9]}})
    receive(store, offset=15, replace=True, events=[STARTED, STAGE], series={"loss/a": {"x": [4], "y": [2]}})
    assert points(store, "loss/a") == {"x": [4], "y": [2]}
    assert store.evaluate("held.stages.length") == 1


@pytest.mark.parametrize("message", [{"offset": 5}, {"offset": 30, "series": {"loss/a": {"x": [4], "y": [2]}}}])
def test_a_log_that_was_cut_back_is_asked_for_again(store: Page, message: dict[str, Any]) -> None:
    receive(store, offset=10, replace=True, events=[STARTED, STAGE], series={"loss/a": {"x": [4, 8], "y": [1, 0.9]}})
    assert receive(store, **message) == {"again": True}
    assert points(store, "loss/a") == {"x": [4, 8], "y": [1, 0.9]}


def test_smoothing_begins_anew_with_each_stage(store: Page) -> None:
    receive(store, offset=1, replace=True, events=[STARTED, STAGE], series={"loss/a": {"x": [4, 8], "y": [1, 1]}})
    receive(store, offset=2, events=[{**STAGE, "step": 8, "stage": 1}], series={"loss/a": {"x": [12, 16], "y": [5, 5]}})
    assert points(store, "smooth_loss/a")["y"] == pytest.approx([1, 1, 5, 5])


def test_smoothing_stays_between_the_extremes(store: Page) -> None:
    y = np.random.default_rng(2).uniform(0.2, 0.4, 400).tolist()
    receive(store, offset=1, replace=True, events=[STARTED, STAGE])
    receive(store, offset=2, series={"loss/a": {"x": list(range(4, 1604, 4)), "y": y}})
    smoothed = points(store, "smooth_loss/a")["y"]
    assert min(y) <= min(smoothed)
    assert max(smoothed) <= max(y)
    assert np.std(smoothed[50:]) < 0.5 * np.std(y[50:])
