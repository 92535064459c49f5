"""All runs at a glance, compared, taken home and brought back."""

from __future__ import annotations

import json
import math
import shutil
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from core.commands.root import execute
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.listing import overview
from core.runs.listing.notebook import command_line, notebook
from core.runs.listing.notes import change_about
from core.runs.listing.overview import all_rows, difference
from core.runs.listing.paired import paired
from core.runs.listing.take_home import run_as_zip, run_from_zip
from core.settings.presets import default_run
from core.settings.run import RunConfig

FIXTURES = Path(__file__).parents[1] / "fixtures" / "runs_1"


@pytest.fixture
def home(tmp_path, monkeypatch):
    shutil.copytree(FIXTURES / "runs", tmp_path / "home" / "runs")
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def copies(home, run, count, metric=lambda seed: 0.7, **settings):
    """Finished runs that differ from `run` in settings and seed, with a metric by seed."""
    made = []
    for seed in range(count):
        name = f"copy-{abs(hash((run, seed, *settings.items()))) % 10**9}"
        folder = RunFolder(home, name)
        shutil.copytree(home / "runs" / run, folder.path)
        config = {**json.loads((folder.path / "config.json").read_text()), "seed": seed, **settings}
        (folder.path / "config.json").write_text(json.dumps(config))
        result = json.loads((folder.path / "result.json").read_text())
        for task in result["tasks"].values():
            task |= {"metric": metric(seed), "kind": "binary"} if "metric" in task or "auc" not in task else {}
            task |= {"auc": metric(seed)} if "auc" in task else {}
        (folder.path / "result.json").write_text(json.dumps(result))
        made.append(name)
    return made


def test_the_command_lists_every_run_with_its_figures(home, capsys):
    assert execute(["runs", "list", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["runs"]
    assert {one["run"] for one in said} == {path.name for path in (home / "runs").iterdir()}
    whole = next(one for one in said if one["run"] == "nmt-whole")
    assert whole["status"] == "finished"
    assert whole["method"] == "nmt"
    assert all(0 <= figures["AUC"] <= 1 for figures in whole["metrics"].values())
    assert execute(["runs", "list", "--method", "cograd", "--json"]) == 0
    assert [one["run"] for one in json.loads(capsys.readouterr().out)["runs"]] == ["cograd"]


def test_five_hundred_runs_are_read_once_and_then_only_looked_at(home, monkeypatch):
    for number in range(490):  # the small files alone: nothing else is looked at
        folder = home / "runs" / f"copy-{number}"
        folder.mkdir()
        for name in ("config.json", "status.json", "about.json", "result.json"):
            (folder / name).write_bytes((home / "runs" / "nmt-whole" / name).read_bytes())
    read = []
    monkeypatch.setattr(overview, "_read", lambda file, before=overview._read: (read.append(file), before(file))[1])
    assert len(all_rows(home)) >= 500
    assert len(read) == 4 * len(list((home / "runs").iterdir()))
    read.clear()
    assert len(all_rows(home)) >= 500
    assert read == []
    change_about(home, "copy-7", notes="another")
    assert next(row for row in all_rows(home) if row.run == "copy-7").notes == "another"
    assert {file.parent.name for file in read} == {"copy-7"}


def test_families_are_paired_by_seed_with_an_interval(home):
    before = copies(home, "nmt-whole", 5, lambda seed: 0.7 + 0.01 * seed)
    after = copies(home, "nmt-whole", 5, lambda seed: 0.72 + 0.01 * seed + 0.001 * (seed % 2), batch_size=77)
    rows = all_rows(home)
    by_name = {row.run: row for row in rows}
    one, two = by_name[before[0]], by_name[after[0]]
    assert ("batch_size", dict(one.settings)["batch_size"], "77") in difference(one, two)
    found = paired(one, two, rows)
    assert {each.seeds for each in found} == {5}
    assert all(each.verdict == "better" and each.mean == pytest.approx(0.0204) for each in found)
    assert all(each.half is not None and 0 < each.half < 0.002 for each in found)


def test_notes_and_tags_are_kept_and_an_old_about_is_read(home):
    change_about(home, "cograd", tags=["teaching", " teaching ", "2026"], notes="the one in class")
    row = next(row for row in all_rows(home) if row.run == "cograd")
    assert (row.tags, row.notes) == (("teaching", "2026"), "the one in class")
    with pytest.raises(PrecedenceError, match="at most 40 fit"):
        change_about(home, "cograd", tags=["x" * 60])


def test_a_run_goes_home_and_comes_back(home):
    content = run_as_zip(home, "nmt-whole")
    with zipfile.ZipFile(BytesIO(content)) as file:
        everything = b"".join(file.read(name) for name in file.namelist())
    for secret in (str(home).encode(), (home / "runs/nmt-whole/read.token").read_bytes()):
        assert secret not in everything
    other = run_from_zip(home, content)
    assert other != "nmt-whole"
    assert RunFolder(home, other).result() == RunFolder(home, "nmt-whole").result()
    assert RunFolder(home, other).status().state == "finished"
    assert RunFolder(home, other).token() != RunFolder(home, "nmt-whole").token()


@pytest.mark.parametrize("damage", [lambda c: c[: len(c) // 2], lambda c: b"no zip", lambda c: b""])
def test_what_is_no_run_is_refused_and_leaves_nothing(home, damage):
    before = sorted((home / "runs").iterdir())
    with pytest.raises(PrecedenceError, match="no run that can be brought"):
        run_from_zip(home, damage(run_as_zip(home, "cograd")))
    assert sorted((home / "runs").iterdir()) == before


def test_the_command_line_and_the_notebook_say_the_same_run_without_a_place():
    config = default_run("shop").model_copy(update={"seed": 7, "priority": ("relevance", "click")})
    assert "--set seed=7" in command_line(config)
    uploaded = config.model_copy(
        update={"dataset": config.dataset.model_copy(update={"name": "own", "path": "/srv/secret/tables/mine"})}
    )
    for text in (command_line(uploaded), notebook(uploaded, "mine")):
        assert "mine" in text
        assert "/srv" not in text


@pytest.mark.parametrize("method", ["nmt", "weighted_sum", "pcgrad"])
def test_the_notebook_runs_as_it_stands(method, capsys):
    config = RunConfig.model_validate(
        {"dataset": {"name": "shop", "rows": 4000}, "priority": ["relevance", "click"], "method": {"kind": method},
         "stage_steps": 6, "evaluate_every": 3, "batch_size": 64, "reference": False, "probe_every": 0,
         "validation_rows": 500, "name": "it's '''' mine"}
    )  # fmt: skip
    names: dict[str, Any] = {}
    for cell in json.loads(notebook(config, "run"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "cell", "exec"), names)
    assert "kind='finished'" in capsys.readouterr().out
    assert all(map(math.isfinite, names["reading"].loss))


def test_deleting_asks_and_refuses_what_is_not_there(home, capsys):
    assert execute(["runs", "delete", "cograd"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert execute(["runs", "delete", "cograd", "--yes"]) == 0
    assert not (home / "runs" / "cograd").exists()
    assert execute(["runs", "delete", "../runs", "--yes"]) == 2
