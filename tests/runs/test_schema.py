"""Every record says its schema: one of before is read, one of a later program is told and left as it is."""

from __future__ import annotations

import json
import re

import pytest

from core.classroom.rooms import Rooms
from core.errors import PrecedenceError
from core.progress import Progress
from core.records import SCHEMA, LaterError, put_aside, read_bytes
from core.runs.doctor import examine
from core.runs.folder.run_folder import RunFolder, mended_status
from core.runs.workers.supervisor import Supervisor
from core.server import owners
from core.settings.address import parse
from core.sweeps.description import SweepConfig, parse_sweep
from core.sweeps.folder import SweepFolder
from tests.runs.support import quick


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    return tmp_path


def of_schema(file, number):
    """The record as a program of another version would have written it; 0: before there were any."""
    text = file.read_text()
    assert text.startswith(f'{{"schema":{SCHEMA}')
    now = re.sub(r'^\{"schema":\d+,?', "{" if number == 0 else f'{{"schema":{number},', text)
    file.write_text(now.replace(",}", "}"))


def records(home):
    """A record of each kind and how it is read."""
    run = RunFolder.create(home, quick())
    run.write_applied(3)
    sweep = SweepFolder.create(home, SweepConfig(base=quick()), ("a", "b"))
    room = Rooms(home).open("Mine", "a" * 24)
    owners.set_owner(home / "tables" / "mine", "a" * 24)
    return {
        run.path / "config.json": run.config,
        run.path / "about.json": run.about,
        run.path / "status.json": run.status,
        run.path / "control.json": run.control,
        run.path / "applied.json": run.applied,
        sweep.path / "sweep.json": sweep.config,
        sweep.path / "points.json": sweep.records,
        sweep.path / "grid.json": sweep.grid,
        sweep.path / "orders.json": sweep.mode,
        home / "classrooms" / room.code / "room.json": lambda: Rooms(home).room(room.code),
    }


def test_a_record_of_before_is_read_and_of_later_is_told(home):
    for file, read in records(home).items():
        before = read()
        of_schema(file, 0)
        assert read() == before, file.name
    for file, read in records(home).items():
        of_schema(file, SCHEMA + 1)
        with pytest.raises(PrecedenceError, match=rf"later version of this program \(schema {SCHEMA + 1};"):
            read()


def test_points_of_before_were_a_list_alone(home):
    sweep = SweepFolder.create(home, SweepConfig(base=quick()), ("a", "b"))
    before = [record.model_copy(update={"state": "failed", "problem": "It broke."}) for record in sweep.records()]
    (sweep.path / "points.json").write_text(json.dumps([record.model_dump() for record in before]))
    assert sweep.records() == before
    sweep.write_records(before)
    assert (sweep.path / "points.json").read_text().startswith(f'{{"schema":{SCHEMA},"points":[')
    assert sweep.records() == before


def test_settings_that_are_taken_along_are_read_with_and_without_a_schema(home):
    run = RunFolder.create(home, quick())
    sweep = SweepFolder.create(home, SweepConfig(base=quick()), ("a", "b"))
    for file, read in ((run.path / "config.json", parse), (sweep.path / "sweep.json", parse_sweep)):
        fields = json.loads(file.read_text())
        assert next(iter(fields)) == "schema"
        without = {name: value for name, value in fields.items() if name != "schema"}
        assert read(fields, "file") == read(without, "file")
        with pytest.raises(PrecedenceError, match=rf"later version of this program \(schema {SCHEMA + 1};"):
            read({**fields, "schema": SCHEMA + 1}, "file")
        with pytest.raises(PrecedenceError, match="schema"):
            read({**fields, "schema": "two"}, "file")


def test_a_record_of_later_is_not_mended_away(home):
    folder = RunFolder.create(home, quick())
    file = folder.path / "status.json"
    of_schema(file, SCHEMA + 1)
    written = file.read_bytes()
    with pytest.raises(LaterError):
        mended_status(folder)
    supervisor = Supervisor(home, 1, command=("true",))
    supervisor.start()
    supervisor.close()
    assert any("later version" in finding.problem for finding in examine(home, mend=True))
    assert file.read_bytes() == written
    with pytest.raises(LaterError):
        put_aside(file, LaterError("of later"))


def test_owners_of_later_lock_nobody_out_for_good(home):
    owners.set_owner("override/3", "a" * 24)
    of_schema(home / "owners.json", SCHEMA + 1)
    written = (home / "owners.json").read_bytes()
    with pytest.raises(PrecedenceError, match="later version"):
        owners.owner_of("override/3")
    assert (home / "owners.json").read_bytes() == written


def test_a_name_with_a_zero_byte_is_one_that_is_not_there(home):
    assert Progress.read(home / "no\0name.json") is None
    with pytest.raises(FileNotFoundError):
        read_bytes(home / "no\0name.json", "ask again")
