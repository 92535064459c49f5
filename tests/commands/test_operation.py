"""Looking after a home from the command line: what is found, mended, deleted, saved and brought back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.commands.root import execute
from core.runs.clean_up import clean_up, sizes
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.workers.registry import Queue
from tests.runs.support import quick

FIXTURE = Path(__file__).parents[1] / "fixtures" / "runs_1"


@pytest.fixture
def home(tmp_path, monkeypatch):
    place = tmp_path / "home"
    shutil.copytree(FIXTURE, place)
    monkeypatch.setenv("PRECEDENCE_HOME", str(place))
    return place


def said(capsys, *words: str) -> dict:
    assert execute([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_doctor_finds_what_was_damaged_and_mends_what_can_be(home, capsys):
    before = {one["place"] for one in said(capsys, "doctor")["findings"]}
    name = sorted(run_ids(home))[0]
    (home / "runs" / name / "status.json").write_bytes(b"\0")
    (home / "runs" / name / "about.json").write_text("[]")
    (home / "queue").mkdir(exist_ok=True)
    (home / "queue" / "notes.txt").write_text("x")
    found = {one["place"]: one for one in said(capsys, "doctor")["findings"]}
    fresh = {f"runs/{name}/status.json", f"runs/{name}/about.json", "queue/notes.txt"}
    assert fresh <= set(found) - before
    assert all(str(home) not in one["problem"] for one in found.values()), "no path of the server"
    mended = {one["place"]: one["done"] for one in said(capsys, "doctor", "--mend")["findings"]}
    assert mended[f"runs/{name}/status.json"]
    again = {one["place"] for one in said(capsys, "doctor")["findings"]}
    assert f"runs/{name}/status.json" not in again
    assert RunFolder(home, name).status().state in ("crashed", "finished")


def test_a_changed_digit_of_a_result_is_found(tmp_path, monkeypatch, capsys):
    from core.bench.chaos_engine import Counter

    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    folder = RunFolder.create(tmp_path, quick(3))
    folder.write_result([event for turn in Counter(quick(3)).run() for event in turn][-1])
    assert not [one for one in said(capsys, "doctor")["findings"] if "result" in one["place"]]
    file = folder.path / "result.json"
    file.write_text(file.read_text().replace('"metric": 0.5', '"metric": 0.9'))
    (finding,) = (one for one in said(capsys, "doctor")["findings"] if "result" in one["place"])
    assert "changed since it was written" in finding["problem"]


def test_a_backup_is_the_home_again(home, capsys, tmp_path, monkeypatch):
    packed = tmp_path / "home.tar.gz"
    Queue(home).put("brisk-otter-k7mq")
    assert said(capsys, "backup", str(packed))["files"] > 10
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "new"))
    said(capsys, "restore", str(packed))
    assert sorted(run_ids(tmp_path / "new")) == sorted(run_ids(home))
    for name in run_ids(home):
        for file in ("config.json", "events.jsonl"):
            assert (tmp_path / "new" / "runs" / name / file).read_bytes() == (home / "runs" / name / file).read_bytes()
    assert not Queue(tmp_path / "new").waiting()
    assert execute(["restore", str(packed)]) == 2
    assert "is not empty" in capsys.readouterr().err
    packed.write_bytes(packed.read_bytes()[:200])
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "newer"))
    assert execute(["restore", str(packed)]) == 2


def test_the_oldest_go_and_what_is_pinned_or_shared_stays(tmp_path):
    made = []
    for number in range(6):
        folder = RunFolder.create(tmp_path, quick())
        folder.write_about(folder.about().model_copy(update={"created": float(number)}))
        folder.write_status(folder.status().model_copy(update={"state": "finished"}))
        made.append(folder)
    made[0].write_about(made[0].about().model_copy(update={"pinned": True}))
    made[1].write_about(made[1].about().model_copy(update={"shared": True}))
    made[2].write_status(made[2].status().model_copy(update={"state": "queued"}))
    each = sizes(tmp_path)[0].bytes
    assert clean_up(tmp_path, 11 * each // 2, dry=True) == [made[3].run_id]
    assert clean_up(tmp_path, 0) == [folder.run_id for folder in made[3:]]
    assert sorted(run_ids(tmp_path)) == sorted(folder.run_id for folder in made[:3])


def test_the_admin_sees_runs_queue_and_people(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    run = RunFolder.create(tmp_path, quick(), owner="ann")
    Queue(tmp_path).put(run.run_id, "ann")
    assert said(capsys, "admin", "queue")["waiting"] == [run.run_id]
    assert said(capsys, "admin", "users")["users"][0]["owner"] == "ann"
    assert said(capsys, "admin", "stop", run.run_id, "no-such-run")["stopped"] == [run.run_id]
    assert [row["state"] for row in said(capsys, "admin", "runs")["runs"]] == ["stopped"]
