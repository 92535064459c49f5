"""What a worker writes of a run while it trains: its event log, and what it says about itself twice a second."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from pydantic import BaseModel

from core.errors import PrecedenceError
from core.events.events import Event
from core.records import put_aside, read_record, write_record
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus, State
from core.runs.workers.engine import TrainerLike

FLUSH_EVERY = 0.005  # seconds that lines may wait for others to be written with
STATUS_EVERY = 0.5  # seconds between two writings of status.json
RATE_OVER = 5.0  # seconds over which steps a second are measured


class EventWriter:
    """Appends events to a log as whole lines; `offset` is the length in bytes of what has been written."""

    def __init__(self, log: Path, offset: int) -> None:
        self.offset = offset
        self.sum = _sum(log, offset)
        self._path = log
        self._kept = {offset: self.sum}
        self._file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._pending: list[bytes] = []
        self._flushed_at = 0.0

    def add(self, events: Sequence[Event]) -> None:
        """They wait for others to be written with."""
        self._pending += [event.model_dump_json().encode() + b"\n" for event in events]

    def add_lines(self, lines: bytes) -> None:
        """Whole lines that another run has written."""
        self._pending.append(lines)

    def flush_if_due(self, now: float) -> None:
        """`now` by time.perf_counter."""
        if now - self._flushed_at >= FLUSH_EVERY:
            self.flush()

    def flush(self) -> None:
        """One write of whole lines."""
        if not self._pending:
            return
        self._flushed_at = time.perf_counter()
        data = memoryview(b"".join(self._pending))
        self._pending.clear()
        while data:
            written = os.write(self._file, data)
            self.offset += written
            self.sum = crc32(data[:written], self.sum)
            data = data[written:]

    def keep_sum(self) -> None:
        """Writes the checksum of the log so far, beside that of the last checkpoint, which may be the one to stay."""
        self._kept = {**dict(list(self._kept.items())[-1:]), self.offset: self.sum}
        write_record(_sums(self._path), _Sums(sums=self._kept))

    def check(self) -> None:
        """Whether the log on disk is what was written; a run never says that it is finished over one that is not.
        Keeps the checksum of the whole, by which it can be looked at later."""
        self.flush()
        self.keep_sum()
        if self._path.stat().st_size != self.offset or _sum(self._path, self.offset) != self.sum:
            raise _damaged_log(self._path, "it is not as it was written")

    def close(self) -> None:
        try:
            self.flush()
        finally:
            os.close(self._file)


class _Sums(BaseModel):
    """CRC-32 of the log up to each of the last checkpoints, by the offset in bytes: events.sum of a run folder."""

    sums: dict[int, int]


def check_log(log: Path, offset: int) -> None:
    """Refuses a log that is not as it was written up to `offset`; of runs before there were checksums, one with bytes
    that no event can have."""
    try:
        known = read_record(_Sums, _sums(log), "start the run again").sums.get(offset)
    except FileNotFoundError:
        known = None
    except PrecedenceError as error:  # the log itself may be whole
        put_aside(_sums(log), error)
        known = None
    if known is not None:
        if _sum(log, offset) != known:
            raise _damaged_log(log, f"it has changed before byte {offset}")
    elif offset:
        with log.open("rb") as lines:
            data = lines.read(offset)
        if b"\0" in data or not data.endswith(b"\n") or not all(line.endswith(b"}") for line in data.splitlines()):
            raise _damaged_log(log, "it holds half lines or zero bytes")


def _sums(log: Path) -> Path:
    return log.with_suffix(".sum")


def _sum(log: Path, length: int) -> int:
    """CRC-32 of the first `length` bytes."""
    found = 0
    if length:
        with log.open("rb") as lines:
            while length and (piece := lines.read(min(length, 1 << 20))):
                found = crc32(piece, found)
                length -= len(piece)
    return found


def _damaged_log(log: Path, problem: str) -> PrecedenceError:
    return PrecedenceError(
        f"The event log of run {log.parent.name} is damaged ({problem}), so its curves would be wrong; start the run "
        "again from its config."
    )


class StatusWriter:
    """Keeps status.json up to date: the state, how far the run is, and how long it may still take."""

    def __init__(self, folder: RunFolder, worker: str) -> None:
        self._folder = folder
        mine = {"state": "starting", "worker": worker, "worker_pid": os.getpid(), "error": None, "note": ""}
        self._status = folder.status().model_copy(update=mine)
        self._rates: deque[tuple[float, int]] = deque()
        self._written_at = 0.0

    def set(self, **fields: Any) -> None:
        """Takes effect with the next writing."""
        self._status = self._status.model_copy(update=fields)

    def forget_rate(self) -> None:
        """The run goes on at another pace."""
        self._rates.clear()

    def make_due(self) -> None:
        """The next `write_if_due` writes."""
        self._written_at = 0.0

    def write_if_due(self, state: State, trainer: TrainerLike | None) -> None:
        """When the state changed, or twice a second."""
        if state != self._status.state or time.perf_counter() - self._written_at >= STATUS_EVERY:
            self.write(state, trainer)

    def write(self, state: State, trainer: TrainerLike | None, **fields: Any) -> None:
        if state == "running" and self._status.state == "starting":
            fields = {"note": "", **fields}
        if trainer is not None:
            fields |= self._measured(trainer, state)
        elif state in ("stopped", "failed"):
            fields |= {"remaining_seconds": None}
        status = {**self._status.model_dump(), **fields, "state": state, "queue_position": None}
        self._status = RunStatus.model_validate(status)
        self._written_at = time.perf_counter()
        self._folder.write_status(self._status)

    def _measured(self, trainer: TrainerLike, state: State) -> dict[str, Any]:
        progress = trainer.progress
        rate = self._rate(progress.step) if state == "running" else None
        return {
            "step": progress.step,
            "most_steps": progress.most_steps,
            "stage": progress.stage,
            "stages": progress.stages,
            "phase": progress.phase,
            "seconds": progress.seconds,
            "remaining_seconds": None if rate is None else (progress.most_steps - progress.step) / rate,
        }

    def _rate(self, step: int) -> float | None:
        """Steps a second over the last seconds; None where that cannot be told yet."""
        now = time.perf_counter()
        self._rates.append((now, step))
        while now - self._rates[0][0] > RATE_OVER and len(self._rates) > 2:
            self._rates.popleft()
        began, first = self._rates[0]
        if now - began < STATUS_EVERY / 2 or step <= first:
            return None
        return (step - first) / (now - began)
