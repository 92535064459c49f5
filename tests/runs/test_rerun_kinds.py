"""Every kind of data and network is had again bit by bit: own tables, pairs, events; NMT, CoGrad, DeepBoW, DUPN.

The built-in data sets too with PRECEDENCE_RERUN=all in the environment: ten runs.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from core.commands.root import execute
from core.data.reading.templates import TEMPLATES
from core.data.sources.uploaded.events import prepare_events
from core.data.sources.uploaded.pairs import prepare_pairs
from core.data.sources.uploaded.table import prepare

QUICK = {"stage_steps": 3, "evaluate_every": 3, "reference": "false", "probe_every": 0, "batch_size": 32}
BUILT_IN = {
    "shop-nmt": ["--dataset", "shop"],
    "shop-cograd": ["--dataset", "shop", "--method", "cograd"],
    "lists-ranker": ["--dataset", "shop_lists", "--model", "ranker"],
    "pairs-deepbow": ["--dataset", "shop_pairs"],
    "histories-dupn": ["--dataset", "shop_histories"],
    "journey-nmt": ["--dataset", "completejourney"],
}


def test_every_kind_is_had_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    files = {name: tmp_path / one.file for name, one in TEMPLATES.items()}
    for name, file in files.items():
        file.write_text(TEMPLATES[name].text(), encoding="utf-8")
    table = prepare(files["table"], "mine", {"click": None, "buy": None})
    own = {
        "table-nmt": (table, []),
        "table-cograd": (table, ["--method", "cograd"]),
        "own-deepbow": (prepare_pairs(files["pairs"]), ["--model", "deepbow", "--method", "weighted_sum"]),
        "own-dupn": (prepare_events(files["events"])[0], ["--model", "dupn"]),
    }
    asked = {name: ["--dataset", "own", "--set", f"dataset.path={path}", *flags] for name, (path, flags) in own.items()}
    if os.environ.get("PRECEDENCE_RERUN") == "all":
        asked |= BUILT_IN
    for name, flags in asked.items():
        quick = [part for field, value in QUICK.items() for part in ("--set", f"{field}={value}")]
        assert execute(["train", *flags, *quick, "--quiet", "--out", str(tmp_path / name), "--json"]) == 0, name
    capsys.readouterr()
    assert execute(["rerun", *(str(tmp_path / name) for name in asked), "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["identical"], said["differences"]
    assert [one["run"] for one in said["runs"]] == list(asked)
    assert all(one["events"] >= 4 and one["tensors"] > 5 and not one["environment"] for one in said["runs"])
