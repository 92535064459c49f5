"""Boosted trees find what is there to find in a table, and stand in the metric of each task."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.registry import load_dataset
from core.data.source import DatasetChoice
from core.data.sources.uploaded import table
from core.insight.boosted import boosted_trees


def test_trees_find_a_rule_that_no_line_has(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 1200))
    city = random.choice(["x", "y", "z"], 1200)
    frame = pd.DataFrame({"a": a, "b": b, "city": city, "both": (a * b > 0).astype(int), "sum": a + 2 * b})
    frame["kind"] = np.select([city == "x", city == "y"], [0, 1], 2)
    frame.to_csv(tmp_path / "t.csv", index=False)
    labels = {"both": None, "sum": "regression", "kind": "multiclass"}
    dataset = load_dataset(DatasetChoice(name="own", path=str(table.prepare(tmp_path / "t.csv", "t", labels))))
    found = boosted_trees(dataset)
    assert found["both"] > 0.97
    assert found["sum"] < 0.5
    assert found["kind"] > 0.99
    assert found == boosted_trees(dataset)
