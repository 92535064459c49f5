"""The names in the JSON of commands are those that docs/command_line.md promises."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.commands.root import execute
from core.data.reading.templates import TEMPLATES
from core.data.sources.uploaded.table import prepare

ROOT = Path(__file__).parents[2]
QUICK = ["--set", "stage_steps=2", "--set", "evaluate_every=2", "--set", "reference=false", "--set", "probe_every=0"]


def promised(command: str) -> tuple[set[str], set[str]]:
    """The names of a command's object and, of the list within it, those in braces: as the docs have them."""
    line = next(line for line in (ROOT / "docs/command_line.md").read_text().splitlines() if f"| `{command}" in line)
    said = line.split("|")[2]
    inner = re.search(r"`\{([^}]*)\}`", said)
    names = {name for group in re.findall(r"`([a-z_ ]+)`", said) for name in group.split()}
    return names, set(inner[1].split()) if inner else set()


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    capsys.readouterr()
    assert execute([*map(str, arguments), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    file = tmp_path / "t.csv"
    file.write_text(TEMPLATES["table"].text(), encoding="utf-8")
    return file


def test_profile(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names, of_columns = promised("data profile")
    found = answer(capsys, "data", "profile", table)
    assert set(found) == names
    assert all(set(column) == of_columns for column in found["columns"])
    assert all(isinstance(sentence, str) for sentence in found["warnings"])


def test_runs_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "tests/fixtures/runs_1/runs", tmp_path / "home" / "runs")
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    names, of_runs = promised("runs list")
    found = answer(capsys, "runs", "list")
    assert set(found) == names - {"metrics"}
    assert found["runs"]
    assert all(set(run) == of_runs for run in found["runs"])


def test_rerun_and_predict(table: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = prepare(table, "t", {"click": None, "buy": None})
    out = tmp_path / "run"
    answer(capsys, "train", "--dataset", "own", "--set", f"dataset.path={path}", *QUICK, "--quiet", "--out", out)
    found = answer(capsys, "rerun", out)
    assert set(found) == promised("rerun")[0] - {"runs"}
    assert found["identical"] is True
    found = answer(capsys, "predict", out, table, "--out", tmp_path / "scored.csv")
    assert set(found) == promised("predict")[0]
    assert found["rows"] == 400
