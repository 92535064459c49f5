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
