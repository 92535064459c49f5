"""What was brought: listed with its use, removed by name, never while a run learns from it; examples of each kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.runs.brought import brought, recheck
from core.runs.folder.run_folder import RunFolder
from core.settings.presets import uploaded_run


def said(capsys: pytest.CaptureFixture[str], *line: object, status: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*map(str, line), "--json"]) == status
    written = capsys.readouterr()
    return json.loads(written.out.splitlines()[-1]) if status == 0 else {"error": written.err}


def test_a_table_is_listed_checked_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("PRECEDENCE_HOME", str(home))
    file = tmp_path / "shop.csv"
    assert said(capsys, "data", "template", "table", "--out", file)["rows"] == 400
    path = said(capsys, "data", "prepare", file, "--labels", "click,buy", "--time", "day")["path"]
    (thing,) = said(capsys, "data", "brought")["things"]
    assert (thing["kind"], thing["name"], thing["rows"], thing["runs"]) == ("table", "shop", 400, [])
    assert recheck(brought()[0]) == ""
    run = RunFolder.create(home, uploaded_run(path, rows=400)).run_id
    (thing,) = said(capsys, "data", "brought")["things"]
    assert thing["runs"] == [run]
    assert "1 run learnt from it" in said(capsys, "data", "remove", "shop", status=2)["error"]
    assert Path(path).is_dir()
    assert "is queued; stop it first" in said(capsys, "data", "remove", "shop", "--yes", status=2)["error"]
    assert "Nothing called 'shoe' was brought" in said(capsys, "data", "remove", "shoe", status=2)["error"]


def test_what_is_removed_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    said(capsys, "data", "template", "table", "--out", tmp_path / "t.csv")
    path = said(capsys, "data", "prepare", tmp_path / "t.csv", "--labels", "click")["path"]
    said(capsys, "data", "remove", path)
    assert brought() == []
    assert not list((tmp_path / "home" / "tables").iterdir())
