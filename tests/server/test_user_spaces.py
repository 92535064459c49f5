"""Making a space beside the server: started once, told how far, and ended with the server."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from core.progress import Progress
from core.server import user_spaces
from core.users.spaces.space import SpaceChoice, open_space, progress_file
from tests.runs.support import wait_until

EVENTS = "user,item,time,category\n" + "\n".join(
    f"u{user},i{user % 3}{event},2026-03-{1 + event:02d} 08:00:00,{'tea' if user % 3 else 'coffee'}"
    for user in range(12)
    for event in range(5)
)


@pytest.fixture
def choice(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    yield SpaceChoice("own", "counts", str(tmp_path / "events.csv"))
    user_spaces.close()


@pytest.mark.slow
def test_a_space_is_made_by_one_process_beside_the_server(choice):
    first = user_spaces.ensure(choice)
    assert first.process != os.getpid()
    assert user_spaces.ensure(choice).process == first.process
    wait_until(lambda: open_space(choice).complete)
    space = open_space(choice)
    assert len(space.index) == 12
    assert "u3" in {each.user for each in space.index.neighbours("u0", 3)}


def test_a_failure_is_told_until_somebody_asks_again(choice):
    file = progress_file(choice)
    file.parent.mkdir(parents=True, exist_ok=True)
    Progress(process=1, stage="failed", problem="The disk is full.").write(file)
    assert user_spaces.ensure(choice).problem == "The disk is full."
    user_spaces.again(choice)
    assert not file.exists()


def test_another_process_that_makes_it_is_left_alone(choice):
    file = progress_file(choice)
    file.parent.mkdir(parents=True, exist_ok=True)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        Progress(process=other.pid, stage="drawing the map").write(file)
        assert user_spaces.ensure(choice).stage == "drawing the map"
        assert user_spaces.ensure(choice).process == other.pid
    finally:
        other.kill()
        other.wait()
