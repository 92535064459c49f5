"""Whose turn it is in one worker: the run that has had the least time, not the fewest turns."""

from __future__ import annotations

from collections.abc import Iterator

from core.runs.workers.run_driver import RunDriver


class Turns:
    """The runs of one worker with the seconds that each has had; a newcomer begins level with whoever had least.

    A run whose one step lasts a second waits until every other has had a second too: large runs move in larger
    steps, not faster.
    """

    def __init__(self) -> None:
        self._had: dict[RunDriver, float] = {}
        self._own: dict[RunDriver, float] = {}

    def __len__(self) -> int:
        return len(self._had)

    def __iter__(self) -> Iterator[RunDriver]:
        return iter(list(self._had))

    def add(self, run: RunDriver) -> None:
        self._had[run] = min(self._had.values(), default=0.0)
        self._own[run] = 0.0

    def remove(self, run: RunDriver) -> None:
        self._had.pop(run, None)
        self._own.pop(run, None)

    def own(self, run: RunDriver) -> float:
        """Seconds of its own turns since it was added."""
        return self._own.get(run, 0.0)

    def next(self) -> RunDriver | None:
        """Of equals the one that was longest not asked."""
        return min(self._had, key=self._had.__getitem__, default=None)

    def count(self, run: RunDriver, seconds: float, slice_seconds: float) -> None:
        """It has had a turn. One that did not move is counted a whole slice: it saves up no time while it waits."""
        had = self._had.pop(run, None)
        if had is not None:  # put last, so that of equals another comes first
            self._had[run] = had + max(seconds, slice_seconds)
            self._own[run] += seconds
