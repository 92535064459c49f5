"""Reads what is new in an event log: whole lines after a byte offset, while another process appends."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from core.events.events import EVENT, Event, Started
from core.files import stamp
from core.records import damaged

PIECE = 1 << 18
"""Bytes read at once: about a thousand events, a few milliseconds of parsing."""


@dataclass
class Piece:
    """What one reading found."""

    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # one sentence a line that could not be read
    restarted: bool = False  # the log was cut back: forget everything read before, these events are from its start
    more: bool = False  # there may be more to read at once


class Tail:
    """A reader's place in one event log.

    A line counts once its newline is there; a line that is no event is passed over with one sentence.
    `cuts` is the file that the run folder rewrites whenever it cuts the log back (see `RunFolder.cut`): it tells a
    log that was cut and has grown again from one that only grew.
    """

    def __init__(self, log: Path, cuts: Path, offset: int = 0) -> None:
        self.offset = offset
        self._log = log
        self._cuts = cuts
        self._cut_stamp = stamp(cuts)
        self._tasks: int | None = None  # of the run, once its first event was read

    def read(self, most: int = PIECE) -> Piece:
        """The events of the next whole lines, about `most` bytes of them."""
        piece = Piece()
        cut_stamp = stamp(self._cuts)
        found = stamp(self._log)
        size = 0 if found is None else found[2]
        if cut_stamp != self._cut_stamp or size < self.offset:
            self._cut_stamp, self.offset, piece.restarted = cut_stamp, 0, True
        if size <= self.offset:
            return piece
        try:
            with self._log.open("rb") as log:
                log.seek(self.offset)
                data = log.read(most)
                if b"\n" not in data and len(data) == most:
                    data += log.readline()
        except OSError as error:
            raise damaged(self._log, error.strerror or "OSError", "restore the file or delete the run") from error
        end = data.rfind(b"\n") + 1
        piece.more = self.offset + end < size and end > 0
        for line in data[:end].splitlines(keepends=True):
            self._read_line(line, piece)
        return piece

    def read_all(self) -> Piece:
        """Everything up to the end of the log as it is now."""
        whole = self.read()
        more = whole.more
        while more:
            piece = self.read()
            if piece.restarted:
                whole = piece
            else:
                whole.events += piece.events
                whole.problems += piece.problems
            more = piece.more
        whole.more = False
        return whole

    def _read_line(self, line: bytes, piece: Piece) -> None:
        start, self.offset = self.offset, self.offset + len(line)
        try:
            event = EVENT.validate_json(line)
        except ValidationError:
            self._pass_over(line, start, "is no event", piece)
            return
        if isinstance(event, Started):
            self._tasks = len(event.tasks)
        if self._tasks is not None and event.task_count() not in (None, self._tasks):
            self._pass_over(line, start, f"is not of {self._tasks} tasks", piece)
        else:
            piece.events.append(event)

    @staticmethod
    def _pass_over(line: bytes, start: int, problem: str, piece: Piece) -> None:
        shown = line[:60].decode("utf-8", "replace").strip()
        piece.problems.append(
            f"The event log has a line at byte {start} that {problem} ({shown!r}); it was passed over."
        )
