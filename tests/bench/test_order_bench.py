"""The bench of the searched order's promise: one division of the shop's unseen queries."""

from __future__ import annotations

import pytest

from core.bench.order import measure


def test_a_division_has_drop_gain_and_the_same_by_true_grades():
    said: list[str] = []
    rows = measure([0.02], splits=1, first_seed=0, report=said.append)["rows"]
    assert [row["aim"] for row in rows] == ["clicks", "price"]
    for row in rows:
        (one,) = row["each"]
        assert one["weight"] > 0
        assert one["gain"] > 0
        assert one["whole_gain"] > 0
        assert one["kept"] == (one["drop"] <= 0.02 + one["standard_error"]) == (row["kept"] == 1)
        assert row["mean_drop"] == pytest.approx(one["drop"], abs=1e-4)
