"""The registry's table and configs agree with what exists; a comparison gives one row a run and task."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from core.commands.compare import compare, table
from core.commands.methods import table as methods_table
from core.errors import PrecedenceError
from core.methods.registry import METHODS

ROOT = Path(__file__).resolve().parents[2]


def test_the_documented_table_is_the_registrys():
    assert methods_table() in (ROOT / "docs" / "methods.md").read_text()


def test_methods_answers_as_json():
    done = subprocess.run(
        [sys.executable, "-m", "core", "methods", "--json"], capture_output=True, text=True, check=True
    )
    assert [card["kind"] for card in json.loads(done.stdout)["methods"]] == list(METHODS)


def test_the_table_shows_means_intervals_and_paired_differences():
    rows = [
        {
            "dataset": "d",
            "method": method,
            "seed": seed,
            "task": "t",
            "metric": base + 0.01 * seed,
            "metric_name": "AUC",
            "loss": 0.5,
        }
        for method, base in (("weighted_sum", 0.7), ("cograd", 0.72))
        for seed in range(3)
    ]
    text = table(rows)
    half = 4.303 * statistics.stdev([0, 0.01, 0.02]) / 3**0.5
    assert f"| d | CoGrad | t | 0.5000 ± 0.0000 | 0.7300 ± {half:.4f} | +0.0200 ± 0.0000 |" in text
    assert "| d | Weighted sum | t | 0.5000 ± 0.0000 | 0.7100" in text


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--methods", "magic"], "no method 'magic'"),
        (["--methods", ""], "Nothing is named"),
        (["--seeds", "0"], "at least 1"),
        (["--set", "batch_size"], "has no '='"),
    ],
)
def test_a_wrong_comparison_is_refused_in_a_sentence(flags, says):
    with pytest.raises(PrecedenceError, match=says):
        compare.main([*flags, "--quiet"], standalone_mode=False)
