"""Benches run to the end and say what they promise; their times are not judged here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from core.methods.registry import METHODS


@pytest.mark.slow
def test_the_device_bench_runs_on_the_cpu_and_agrees_with_itself():
    answer = _bench("gpu", "--device", "cpu", "--quick")
    assert answer["status"] == "done"
    for part in ("agreement", "steps", "together", "angles", "task_gradients"):
        assert "failed" not in answer[part]
    for kind in ("shared_bottom", "mmoe", "ple"):
        assert answer["agreement"][kind]["largest_relative_difference"] == 0
    assert answer["angles"]["largest_difference"] == 0
    assert {value for name, value in answer["task_gradients"].items() if "difference" in name} == {0}


@pytest.mark.slow
def test_the_step_bench_gives_a_ratio():
    answer = _bench("step", "--rounds", "2", "--steps", "4", "--batch", "64", "--rows", "2000")
    assert answer["nmt_over_plain"] > 0


@pytest.mark.slow
def test_the_methods_bench_gives_a_ratio_for_every_method():
    answer = _bench("methods", "--rounds", "1", "--steps", "1", "--batch", "64", "--rows", "1000")
    assert [row["method"] for row in answer["rows"]] == list(METHODS)
    assert all(row["over_plain"] > 0 for row in answer["rows"])


@pytest.mark.slow
def test_the_probe_bench_gives_every_figure_that_it_promises():
    answer = _bench("probe", "--quick", "--rounds", "2", "--seeds", "1")
    ratios = ("probe_over_plain_32k", "probe_over_plain_1m_dense", "probe_over_plain_1m_sparse")
    for name in (*ratios, "torchjd_over_plain_32k", "average_overhead"):
        assert answer[name] > 0
    assert -1 <= answer["cosine_correlation"] <= 1
    assert 0 <= answer["coverage"] <= 1


@pytest.mark.slow
def test_the_trainer_needs_only_torch_numpy_pydantic_and_click():
    """The device bench must run where nothing else is installed."""
    code = (
        "import sys, core.training.loop, core.training.checkpoint, core.bench.gpu\n"
        "from core.__main__ import main\n"
        "main(['bench', 'gpu', '--help'])\n"
        "heavy = {'duckdb', 'streamlit', 'plotly', 'altair', 'faiss', 'torchjd', 'pandas', 'pyarrow', 'psutil'}\n"
        "heavy |= {'safetensors', 'sklearn', 'scipy', 'numba', 'rjieba', 'bm25s'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def _bench(*arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "core", "bench", *arguments, "--json"], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.slow
def test_the_price_bench_sets_predictions_beside_what_was_gained():
    small = {"dataset.rows": 2000, "validation_rows": 500, "batch_size": 64, "stage_steps": 8, "evaluate_every": 4}
    settings = [part for name, value in small.items() for part in ("--set", f"{name}={value}")]
    fixed = ("--dataset", "shop", "--seeds", "2", "--workers", "1", "--tolerance", "0.02")
    answer = _bench("price", *fixed, "--set", "priority=relevance,click", *settings)
    changes = answer["changes"]
    assert {(one["seed"], one["change"]) for one in changes} == {(5, -0.5), (5, 0.5), (6, -0.5), (6, 0.5)}
    (row,) = answer["rows"]
    assert (row["dataset"], row["tolerance"], row["gainer"], row["seeds"]) == ("shop", 0.02, "click", 2)
    inside = [one["low"] <= one["gained"] <= one["high"] for one in changes]
    assert row["curve_coverage"] == sum(inside) / 4
    for one in changes:
        hand = one["in_hand"]
        assert hand["predicted"] * one["change"] >= 0  # a looser bound never has a worse model
        assert one["bare"] * one["change"] >= 0
        assert one["low"] <= one["predicted"] <= one["high"]
