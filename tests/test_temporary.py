"""Temporary files say whose they are: those of a process that was killed go, and nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

import pytest

from core.data.parquet import connect
from core.errors import PrecedenceError
from core.processes import process_mark
from core.runs.doctor import examine
from core.runs.sidecar.confined import confined
from core.temporary import PREFIX, left_over, named_place, remove_left_over, temporary_folder
from tests.conftest import MOST_SECONDS, ROOT

SPILLS = """
import sys, time
from core.data.parquet import connect
from core.temporary import temporary_folder
with temporary_folder() as folder, connect(memory="20MB") as database:
    (folder / "copy").write_bytes(b"x" * 1000)
    database.execute("CREATE TABLE t AS SELECT range AS a, repeat('x', 50) AS b FROM range(1000000)")
    print("spilled", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The system's temporary folder, for this process and its children."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def killed_while_it_spills() -> None:
    process = subprocess.Popen([sys.executable, "-c", SPILLS], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == "spilled"
    assert left_over() == []  # it lives
    process.kill()
    process.communicate(timeout=MOST_SECONDS)


def test_what_a_killed_process_left_is_found_and_goes(place):
    killed_while_it_spills()
    mine = named_place()
    mine.mkdir()
    (place / f"{PREFIX}notes").mkdir()
    (place / "other").mkdir()
    assert len(left_over()) == 2
    assert sum(file.stat().st_size for folder in left_over() for file in folder.rglob("*")) > 1000
    assert remove_left_over() == 2
    assert {one.name for one in place.iterdir()} == {mine.name, f"{PREFIX}notes", "other"}
    assert remove_left_over() == 0


def test_a_number_that_came_again_is_not_the_process_of_before(place):
    tick = int(process_mark(os.getpid()).rpartition(":")[2])
    (place / f"{PREFIX}{os.getpid()}-{tick - 1}-a").mkdir()
    (place / f"{PREFIX}{os.getpid()}-{tick}-a").mkdir()
    assert [one.name for one in left_over()] == [f"{PREFIX}{os.getpid()}-{tick - 1}-a"]


def test_what_names_nobody_goes_when_it_is_old(place):
    old, young = (place / f"precedence-spilled-{digit * 32}" for digit in "ab")
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    assert left_over() == [old]


def test_the_doctor_finds_and_removes_it(place, tmp_path):
    killed_while_it_spills()
    home = tmp_path / "home"
    home.mkdir()
    found = examine(home)
    assert [one.problem for one in found] == ["It is temporary, and its process was killed."] * 2
    assert all(str(place) not in one.place for one in found)
    assert [one.done for one in examine(home, mend=True)] == ["It is removed."] * 2
    assert examine(home) == []


def spill_and_sleep() -> None:
    with temporary_folder() as folder, connect(memory="20MB") as database:
        (folder / "copy").write_bytes(b"x" * 1000)
        database.execute("CREATE TABLE t AS SELECT range AS a, repeat('x', 50) AS b FROM range(1000000)")
        time.sleep(600)


def test_a_reader_that_is_ended_leaves_nothing(place):
    seen = []
    with pytest.raises(PrecedenceError, match="took longer"):
        confined(spill_and_sleep, seconds=3, waiting=lambda since: seen.extend(place.rglob("*copy*")))
    assert seen  # while it read
    assert list(place.iterdir()) == []


def fill_and_fail() -> None:
    with temporary_folder() as folder:
        (folder / "a").write_text("x")
        raise ZeroDivisionError


def test_a_folder_is_gone_afterwards_whatever_happens(place):
    with pytest.raises(ZeroDivisionError):
        fill_and_fail()
    assert list(place.iterdir()) == []
