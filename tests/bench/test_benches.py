"""Benches run to the end and say what they promise; their times are not judged here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_device_bench_runs_on_the_cpu_and_agrees_with_itself():
    answer = _bench("gpu", "--device", "cpu", "--quick")
    assert answer["status"] == "done"
    for part in ("agreement", "steps", "together", "angles"):
        assert "failed" not in answer[part]
    for kind in ("shared_bottom", "mmoe", "ple"):
        assert answer["agreement"][kind]["largest_relative_difference"] == 0
    assert answer["angles"]["largest_difference"] == 0


@pytest.mark.slow
def test_the_step_bench_gives_a_ratio():
    answer = _bench("step", "--rounds", "2", "--steps", "4", "--batch", "64", "--rows", "2000")
    assert answer["nmt_over_plain"] > 0


@pytest.mark.slow
def test_the_trainer_needs_only_torch_numpy_and_pydantic():
    """The device bench must run where nothing else is installed."""
    code = (
        "import sys, core.bench.gpu, core.training.trainer, core.training.checkpoint\n"
        "heavy = {'duckdb', 'streamlit', 'plotly', 'altair', 'faiss', 'torchjd', 'pandas', 'pyarrow', 'psutil'}\n"
        "heavy |= {'safetensors', 'sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _bench(*arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "core", "bench", *arguments, "--json"], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])
