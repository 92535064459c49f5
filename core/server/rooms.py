"""The rooms of classes on this server, and how a run comes onto the wall of one."""

from __future__ import annotations

import contextlib

from core.classroom.rooms import Rooms
from core.classroom.wall import Wall
from core.errors import PrecedenceError
from core.server.shared import Once, supervisor

rooms = Once(lambda: Rooms(supervisor().home))
wall = Once(lambda: Wall(supervisor().home, lambda run_id: supervisor().status(run_id)))


def room_began(owner: str, run_id: str) -> None:
    """A run was begun: it stands on the walls of the rooms that its owner is in, and waits where one is held."""
    if rooms().started(owner, run_id):
        with contextlib.suppress(PrecedenceError):
            supervisor().command(run_id, "pause")


def check_not_held(run_id: str) -> None:
    """Raises PrecedenceError where a teacher has paused everybody of the run's room: then it may not go on."""
    if rooms().holds(run_id):
        raise PrecedenceError("Your teacher has paused everybody's run; it goes on when the teacher lets it.")
