"""The command line's sweep: from flags or a file to one JSON object, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from core.commands.sweep import Grid, read_sweep, sweep
from core.errors import PrecedenceError
from core.sweeps.description import SweepConfig

ROOT = Path(__file__).resolve().parents[2]


def parsed(*flags: str) -> Grid:
    given = sweep.make_context("sweep", list(flags)).params
    return Grid(**{name: value for name, value in given.items() if name in Grid.__dataclass_fields__})


def test_flags_make_a_sweep():
    sweep = read_sweep(
        parsed("--methods", "nmt,weighted_sum", "--tolerance", "relevance=0,0.01", "--weight", "click=0.5,2",
               "--priority", "relevance,click;click,relevance", "--seeds", "0,7", "--warm", "--set", "stage_steps=30")
    )  # fmt: skip
    assert sweep.methods == ("nmt", "weighted_sum")
    assert sweep.tolerances == {"relevance": (0.0, 0.01)}
    assert sweep.weights == {"click": (0.5, 2.0)}
    assert sweep.priorities == (("relevance", "click"), ("click", "relevance"))
    assert sweep.seeds == (0, 7)
    assert sweep.warm_start
    assert sweep.base.stage_steps == 30
    assert sweep.count() == (2 + 2) * 2 * 2


def test_a_file_and_flags_on_top(tmp_path):
    file = tmp_path / "sweep.json"
    file.write_text(read_sweep(parsed("--tolerance", "relevance=0.1", "--seeds", "1")).model_dump_json())
    again = read_sweep(parsed(str(file), "--seeds", "2,3", "--set", "batch_size=64"))
    assert again.tolerances == {"relevance": (0.1,)}
    assert again.seeds == (2, 3)
    assert again.base.batch_size == 64
    assert SweepConfig.model_validate_json(file.read_text()).seeds == (1,)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--tolerance", "relevance"], "has no '='"),
        (["--tolerance", "relevance=much"], "'much'; expected numbers"),
        (["--seeds", "1.5"], "'1.5' is no list of numbers"),
        (["--set", "batch_size"], "has no '='"),
        (["--methods", "magic"], "no method 'magic'"),
        (["no_such_file.json"], "cannot be read"),
    ],
)
def test_what_is_no_sweep_is_refused_in_a_sentence(flags, says):
    with pytest.raises((PrecedenceError, click.UsageError), match=says):
        read_sweep(parsed(*flags))


@pytest.mark.slow
def test_a_small_sweep_answers_as_json(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    small = ["dataset.rows=2000", "priority=relevance,click", "stage_steps=8", "evaluate_every=4",
             "validation_rows=500", "probe_every=0"]  # fmt: skip
    command = [sys.executable, "-m", "core", "sweep", "--methods", "nmt,weighted_sum", "--tolerance",
               "relevance=0,0.05", "--weight", "click=1", "--workers", "1", "--quiet", "--json"]  # fmt: skip
    for pair in small:
        command += ["--set", pair]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=240)
    answer = json.loads(done.stdout)
    assert len(answer["points"]) == 3
    for point in answer["points"]:
        assert point["state"] == "finished"
        assert set(point["tasks"]) == {"relevance", "click"}
        assert isinstance(point["dominated"], bool)
        assert point["seconds"] > 0
    assert [point["feasible"] for point in answer["points"]] == [True, True, None]
    assert 0 < answer["hypervolume"] <= 1
    assert answer["seconds"] > 0
    assert any("on the front" in sentence for sentence in answer["sentences"])
    refused = subprocess.run(
        [sys.executable, "-m", "core", "sweep", "--resume", "brisk-otter-abcd"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 2
    assert "no sweep named" in refused.stderr
