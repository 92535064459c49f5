"""What a teacher does to all runs of a room: pause, go on, erase; and only to those of the room."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from core.classroom import rules
from core.classroom.rooms import Rooms
from core.classroom.wall import Wall
from core.errors import PrecedenceError
from core.runs.library import Library
from core.runs.workers.supervisor import Supervisor
from core.server import rooms as server_rooms
from core.server import teaching
from core.server.hub import Hub
from core.settings.run import RunConfig
from tests.conftest import MOST_SECONDS

TEACHER, ANN = "t" * 24, "a" * 24


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    """One that is never started: runs stay in the queue."""
    made = Supervisor(tmp_path, 1)
    rooms, wall = Rooms(tmp_path), Wall(tmp_path, made.status)
    for module in (teaching, server_rooms):
        monkeypatch.setattr(module, "supervisor", lambda: made)
        monkeypatch.setattr(module, "rooms", lambda: rooms)
        monkeypatch.setattr(module, "wall", lambda: wall)
    return made


def with_a_private_run_and_one_inside(supervisor: Supervisor) -> tuple[str, str, str]:
    """A room's code, a run that Ann began before she came in, and one that she began inside."""
    private = supervisor.submit(RunConfig(), ANN)
    code = teaching.rooms().open("Mine", TEACHER).code
    teaching.rooms().change(code, lambda now: rules.join(now, ANN, "Ann"))
    inside = supervisor.submit(RunConfig(), ANN)
    server_rooms.room_began(ANN, inside)
    return code, private, inside


def test_a_run_of_a_held_room_does_not_go_on_and_every_other_does(supervisor: Supervisor) -> None:
    rooms = teaching.rooms()
    code, private, inside = with_a_private_run_and_one_inside(supervisor)
    server_rooms.check_not_held(inside)
    teaching.hold_all(code, TEACHER, True)
    with pytest.raises(PrecedenceError, match="teacher has paused"):
        server_rooms.check_not_held(inside)
    server_rooms.check_not_held(private)
    rooms.change(code, lambda now: rules.leave(now, ANN))  # whoever leaves takes his run along
    server_rooms.check_not_held(inside)


def test_a_recovery_word_is_told_to_the_teacher_alone(supervisor: Supervisor) -> None:
    rooms = teaching.rooms()
    code = rooms.open("Mine", TEACHER).code
    with pytest.raises(PrecedenceError, match="Only the teacher"):
        teaching.recovery_word(code, ANN)
    first, second = (teaching.recovery_word(code, TEACHER) for _ in range(2))
    with pytest.raises(PrecedenceError, match="not the room's recovery word"):
        rooms.change(code, lambda now: rules.recover(now, ANN, first))
    assert rooms.change(code, lambda now: rules.recover(now, ANN, second)).taught_by(ANN)


def test_pause_and_erase_reach_the_rooms_runs_and_no_other(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, deleted = teaching.rooms(), []
    monkeypatch.setattr(teaching, "delete_run", deleted.append)
    code, private, inside = with_a_private_run_and_one_inside(supervisor)
    assert rooms.room(code).runs() == [inside]
    assert teaching.hold_all(code, TEACHER, True) == 1
    modes = [supervisor._folder(run).control().mode for run in (private, inside)]
    assert modes == ["run", "pause"]
    later = supervisor.submit(RunConfig(), ANN)
    server_rooms.room_began(ANN, later)  # begun while all are paused
    assert supervisor._folder(later).control().mode == "pause"
    assert teaching.hold_all(code, TEACHER, False) == 2
    assert supervisor._folder(inside).control().mode == "run"
    teaching.erase(code, TEACHER)
    assert deleted == [inside, later]
    assert supervisor.status(inside).state == "stopped"
    assert supervisor.status(private).state == "queued"
    with pytest.raises(PrecedenceError, match="There is no room"):
        rooms.room(code)


def test_the_words_of_an_erased_rooms_runs_open_nothing_and_who_watches_is_let_go(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(supervisor.home)
    monkeypatch.setattr(teaching, "delete_run", library.delete)
    code, private, inside = with_a_private_run_and_one_inside(supervisor)
    words = [supervisor.token(run) for run in (private, inside)]
    assert [supervisor.run_of_token(word) for word in words] == [private, inside]

    async def watch() -> list[str]:
        hub = Hub(supervisor)
        views = [hub.view(run, 0) for run in (private, inside)]
        for view in views:
            await anext(view)  # the picture
        await asyncio.to_thread(teaching.erase, code, TEACHER)
        left = [json.loads(message)["status"] async for message in views[1]]  # it ends
        assert hub.viewers() == 1
        await views[0].aclose()
        await hub.close()
        return left

    assert set(asyncio.run(asyncio.wait_for(watch(), MOST_SECONDS))) <= {"stopped"}
    assert [supervisor.run_of_token(word) for word in words] == [private, None]
    library.close()
