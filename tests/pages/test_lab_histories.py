"""DUPN in the Priority lab: somebody's own events train under priorities like any other run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import expect

from core.data.sources.uploaded.events import prepare_events
from core.settings.presets import uploaded_run
from tests.pages.lab import open_lab
from tests.pages.looking import assert_no_traceback, seen

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def events_file(folder: Path) -> Path:
    """Sixty users who come back every third day for three things."""
    random = np.random.default_rng(3)
    rows = ["user,item,time,category,brand,price,shop"]
    for user in range(60):
        for session in range(12):
            start = 1_770_000_000 + session * 3 * 86_400 + int(random.integers(0, 86_400))
            for step in range(3):
                item = int(random.integers(0, 40))
                rows.append(f"u{user},i{item},{start + 60 * step},c{item % 5},b{item % 7},{1 + item},s{item % 3}")
    file = folder / "visits.csv"
    file.write_text("\n".join(rows))
    return file


def test_own_events_train_by_dupn_under_priorities(
    page: Page, app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(app.home))
    folder, _ = prepare_events(events_file(tmp_path))
    config = uploaded_run(str(folder), "histories").model_copy(update={"stage_steps": 30, "reference": False})
    open_lab(page, app.url, config)
    assert page.evaluate("window.__live.store.tasks") == ["ctr", "l2r", "ppp", "follow", "shop"]
    model = page.get_by_role("combobox", name="Model")
    expect(model).to_be_visible()
    assert "DUPN" in (model.get_attribute("aria-label") or "") + model.input_value()
    page.get_by_role("button", name="More settings").click()
    page.get_by_role("tab", name="Network").click()
    seen(page, "Properties enter")
    seen(page, "Events read")
    assert_no_traceback(page)
