"""All rooms of a home: read, changed one at a time, and removed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from core.classroom.room import Room, is_code, new_code
from core.classroom.rules import Change, add_run, new_room
from core.errors import PrecedenceError
from core.files import Stamp, stamp
from core.records import read_record, write_record

MOST_ROOMS = 500
_ADVICE = "open a new room, or restore the file"


class Rooms:
    """Safe to call from any thread, and beside another process on the same home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "classrooms"
        self._lock = threading.RLock()
        self._read: dict[str, tuple[Stamp, Room]] = {}

    def open(self, title: str, owner: str) -> Room:
        """A new room with a code of its own."""
        if len(self.codes()) >= MOST_ROOMS:
            raise PrecedenceError(f"There are {MOST_ROOMS} rooms already; erase one first.")
        room = new_room(new_code(), title, owner)
        try:
            self._place(room.code).parent.mkdir(parents=True)
            self._write(room)
        except OSError as error:
            raise PrecedenceError(f"The room cannot be written ({error.strerror}); make room on the disk.") from error
        return room

    def room(self, code: str) -> Room:
        """Raises PrecedenceError where there is none or its record is damaged."""
        place = self._place(code)
        with self._lock:
            found = stamp(place)
            known = self._read.get(code)
            if found is not None and known is not None and known[0] == found:
                return known[1]
            try:
                room = read_record(Room, place, _ADVICE)
            except FileNotFoundError:
                self._read.pop(code, None)
                raise PrecedenceError(f"There is no room {code!r}; it was erased, or the link is not whole.") from None
            if found is not None:
                self._read[code] = found, room
            return room

    def change(self, code: str, change: Change) -> Room:
        """The room after the change; nothing is written where that refuses."""
        with self._alone(code):
            before = self.room(code)
            after = change(before)
            if after != before:
                try:
                    self._write(after)
                except OSError as error:
                    raise PrecedenceError(
                        f"The room cannot be written ({error.strerror}); nothing has changed."
                    ) from error
            return after

    def codes(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._folder) if is_code(name))
        except OSError:
            return []

    def taught_by(self, mark: str) -> tuple[list[Room], list[str]]:
        """The rooms of a teacher, newest first, and a sentence for each that cannot be read."""
        rooms, problems = [], []
        for code in self.codes():
            try:
                room = self.room(code)
            except PrecedenceError as error:
                problems.append(str(error))
                continue
            if room.taught_by(mark):
                rooms.append(room)
        return sorted(rooms, key=lambda room: -room.created), problems

    def joined_by(self, mark: str) -> list[Room]:
        """The rooms in which somebody is a student."""
        found = []
        for code in self.codes():
            with contextlib.suppress(PrecedenceError):
                room = self.room(code)
                if room.student(mark) is not None:
                    found.append(room)
        return found

    def holds(self, run_id: str) -> bool:
        """Whether a room in which the run was begun has everybody paused."""
        for code in self.codes():
            with contextlib.suppress(PrecedenceError):
                room = self.room(code)
                if room.held and room.whose(run_id) is not None:
                    return True
        return False

    def started(self, mark: str, run_id: str) -> bool:
        """Puts a run that somebody began on the wall of the rooms that he is in; True where one of them is held."""
        held = False
        for room in self.joined_by(mark) if mark else []:
            with contextlib.suppress(PrecedenceError):  # left or erased meanwhile: the run goes on all the same
                held |= self.change(room.code, lambda now: add_run(now, mark, run_id)).held
        return held

    def erase(self, code: str) -> None:
        """Names, answers and settings, for good; the runs lie elsewhere."""
        with self._alone(code):
            self._read.pop(code, None)
            try:
                shutil.rmtree(self._place(code).parent)
            except OSError as error:
                raise PrecedenceError(f"The room cannot be erased ({error.strerror}); try again.") from error

    def _place(self, code: str) -> Path:
        if not is_code(code):
            raise PrecedenceError(f"There is no room {code[:40]!r}; it was erased, or the link is not whole.")
        return self._folder / code / "room.json"

    def _write(self, room: Room) -> None:
        write_record(self._place(room.code), room)

    @contextlib.contextmanager
    def _alone(self, code: str) -> Iterator[None]:
        place = self._place(code).with_name(".lock")
        with self._lock:
            try:
                lock = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError:
                self.room(code)  # says that there is none
                raise PrecedenceError("The room cannot be written; nothing has changed.") from None
            try:
                with contextlib.suppress(OSError):
                    fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
