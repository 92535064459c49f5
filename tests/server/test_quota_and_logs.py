"""Room for each person and for all, what goes by itself; what processes say, as lines of JSON."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from core.errors import PrecedenceError
from core.logs import JsonLine, wants_json, write_json_where_wanted
from core.runs.clean_up import sizes
from core.runs.folder.run_folder import RunFolder, run_ids
from core.server import owners, quota
from tests.runs.support import quick

ANN, BEN = "a" * 24, "b" * 24
MB = 1 << 20


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    monkeypatch.setattr(quota, "_had_room", {})
    return tmp_path


def run_of(home, owner, age, **about):
    folder = RunFolder.create(home, quick(), owner=owner)
    folder.write_about(folder.about().model_copy(update={"created": float(100 - age), **about}))
    folder.write_status(folder.status().model_copy(update={"state": "finished"}))
    (folder.path / "model.zip").write_bytes(bytes(MB))
    return folder.run_id


def test_without_a_quota_nothing_goes(home):
    run_of(home, ANN, 1)
    quota.check_room(home, ANN)
    assert len(run_ids(home)) == 1


def test_a_persons_oldest_runs_go_first_and_never_what_is_kept(home, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_PERSON_MEGABYTES", "3")
    kept = [run_of(home, ANN, 9, pinned=True), run_of(home, ANN, 8, shared=True), run_of(home, BEN, 9)]
    old, new = run_of(home, ANN, 5), run_of(home, ANN, 1)
    quota.check_room(home, ANN)
    assert set(run_ids(home)) == {*kept}, (old, new)  # two that are kept are already nearly three megabytes


def test_who_keeps_too_much_is_told_how_much(home, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_PERSON_MEGABYTES", "2")
    thing = home / "tables" / "mine"
    thing.mkdir(parents=True)
    (thing / "table.parquet").write_bytes(bytes(2 * MB))
    owners.set_owner(thing, ANN)
    pinned = run_of(home, ANN, 1, pinned=True)
    with pytest.raises(PrecedenceError, match=r"take 3 MB of the 2 MB that one person may have here; delete"):
        quota.check_room(home, ANN)
    assert run_ids(home) == [pinned]
    assert (thing / "table.parquet").exists()
    quota.check_room(home, BEN)


def test_all_runs_together_are_kept_below_the_limit(home, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME_MEGABYTES", "2")
    monkeypatch.setattr(quota, "LOOK_EVERY", 0.0)
    runs = [run_of(home, owner, age) for owner, age in ((ANN, 3), (BEN, 2), (ANN, 1))]
    keeper = quota.Keeper(home)
    keeper.close()
    keeper._keep()  # one look
    assert run_ids(home) == [runs[-1]]
    assert sum(run.bytes for run in sizes(home)) < 2 * MB


def test_a_line_is_one_json_object_with_what_it_is_about(capsys):
    logger = logging.getLogger("precedence.test")
    try:
        raise ValueError("bad\nfile")
    except ValueError:
        record = logger.makeRecord("precedence.test", logging.ERROR, __file__, 1, "run %s ended", ("x\ny",),
                                   sys.exc_info(), extra={"run": "brisk-otter", "person": ANN})  # fmt: skip
    line = JsonLine().format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert (said["level"], said["message"], said["run"], said["person"]) == (
        "error",
        "run x\ny ended",
        "brisk-otter",
        ANN,
    )
    assert "ValueError: bad" in said["exception"]
    assert said["time"].endswith("+00:00")


def test_every_handler_takes_the_form_that_is_asked_for(monkeypatch):
    handler = logging.StreamHandler()
    logger = logging.getLogger("precedence.other")
    logger.addHandler(handler)
    try:
        write_json_where_wanted()
        assert not isinstance(handler.formatter, JsonLine)
        monkeypatch.setenv("PRECEDENCE_LOG", "json")
        every = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
        kept = {one: one.formatter for each in every for one in each.handlers}
        write_json_where_wanted()
        assert isinstance(handler.formatter, JsonLine)
        for one, formatter in kept.items():
            one.setFormatter(formatter)
        monkeypatch.setenv("PRECEDENCE_LOG", "xml")
        with pytest.raises(PrecedenceError, match="PRECEDENCE_LOG is 'xml'; expected text or json"):
            wants_json()
    finally:
        logger.removeHandler(handler)
