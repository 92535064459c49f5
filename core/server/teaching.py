"""What the teacher of a room does to it and to all of its runs; whoever is not the teacher is refused."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable

from core.classroom import rules
from core.classroom.room import LETTERS, Room
from core.errors import PrecedenceError
from core.runs.folder.status import UNDER_WAY
from core.server.rooms import rooms, wall
from core.server.runs import delete_run
from core.server.shared import supervisor

RECOVERY_LETTERS = 16  # 78 bits
STOPPING = 20.0  # seconds that runs may take to stop before a room is erased


def teach(code: str, mark: str, change: Callable[[Room], Room]) -> Room:
    """A change that is the teacher's alone; everybody else is refused."""

    def checked(room: Room) -> Room:
        _check(room, mark)
        return change(room)

    return rooms().change(code, checked)


def hold_all(code: str, mark: str, held: bool) -> int:
    """Pauses every run of the room that trains, or lets them go on; how many."""
    room = teach(code, mark, lambda now: rules.hold(now, held))
    states = ("queued", "starting", "running") if held else ("paused", "queued")
    return _order(room, "pause" if held else "run", states)


def recovery_word(code: str, mark: str) -> str:
    """A new word with which another browser takes the room over; it is told once and kept nowhere."""
    word = "".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LETTERS))
    teach(code, mark, lambda now: rules.set_recovery(now, word))
    return "-".join(word[at : at + 4] for at in range(0, RECOVERY_LETTERS, 4))


def erase(code: str, mark: str) -> None:
    """The room, its names and answers, and every run that was begun in it. Runs under way are stopped first; where one
    cannot be, the room stays."""
    room = rooms().room(code)
    _check(room, mark)
    teach(code, mark, lambda now: rules.let_join(now, False))
    for run_id in room.runs():
        with contextlib.suppress(PrecedenceError):
            supervisor().command(run_id, "stop")
    deadline = time.monotonic() + STOPPING
    for run_id in room.runs():
        while time.monotonic() < deadline and _under_way(run_id):
            time.sleep(0.05)
        if _exists(run_id):
            delete_run(run_id)
    wall().forget(room)
    rooms().erase(code)


def _check(room: Room, mark: str) -> None:
    if not room.taught_by(mark):
        raise PrecedenceError("Only the teacher who opened this room can do that, in the browser that opened it.")


def _order(room: Room, action: str, states: tuple[str, ...]) -> int:
    done = 0
    for run_id in room.runs():
        with contextlib.suppress(PrecedenceError):  # it ended or was deleted meanwhile
            if supervisor().status(run_id).state in states:
                supervisor().command(run_id, "pause" if action == "pause" else "run")
                done += 1
    return done


def _exists(run_id: str) -> bool:
    try:
        supervisor().status(run_id)
        return True
    except PrecedenceError:
        return False


def _under_way(run_id: str) -> bool:
    try:
        return supervisor().status(run_id).state in UNDER_WAY
    except PrecedenceError:
        return False
