"""The events of one run that a page keeps: of a long one's steps and readings so many, evenly chosen, and all that is
rare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.events.events import Evaluated, Event, Probed, StageStarted, Step

FOR_SENTENCES = 400
"""Records of steps that are kept while a run is shown: sentences speak of them, and the curves have a way of their own.
One takes 2 to 4 kB, so that those of a class's thirty runs take 25 to 50 MB."""
FOR_A_REPORT = 4000


READINGS = (Evaluated, Probed)


@dataclass
class KeptEvents:
    """Of the records of steps one in so many that at most `most` stay, and the newest; of readings of the validation
    rows and of probes likewise, and of each stage the newest and the best.

    `of_the_stage`: of the steps only those of the stage under way, none of tasks trained alone.
    """

    of_the_stage: bool
    most: int
    events: list[Event] = field(default_factory=list)  # a new list at each change: somebody may be reading the old one
    _count: int = 0  # records of steps so far, those let go included
    _steps: int = 0  # kept ones
    _every: int = 1  # one in so many is kept; doubled when there are too many
    _passing: Step | None = None  # the newest, where it goes when the next one comes
    _alone: bool = False
    _numbers: dict[type[Event], list[int]] = field(default_factory=lambda: {kind: [] for kind in READINGS})
    """Of each kind of readings the numbers of the kept ones, in their order."""
    _read: dict[type[Event], int] = field(default_factory=lambda: dict.fromkeys(READINGS, 0))  # so far

    def add(self, events: Iterable[Event]) -> None:
        self.events = list(self.events)
        for event in events:
            if self.of_the_stage and isinstance(event, StageStarted):
                self._alone = event.phase == "reference"
                if not self._alone:
                    self._begin()
            if isinstance(event, READINGS):
                self._numbers[type(event)].append(self._read[type(event)])
                self._read[type(event)] += 1
            if not isinstance(event, Step):
                self.events.append(event)
            elif not self._alone:
                self._add_step(event)
        for kind in READINGS:
            if self._read[kind] > self.most:
                self._thin_readings(kind)

    def _begin(self) -> None:
        self.events = [event for event in self.events if not isinstance(event, Step)]
        self._count, self._steps, self._every, self._passing = 0, 0, 1, None

    def _add_step(self, event: Step) -> None:
        if self._passing is not None:
            place = next(at for at in range(len(self.events) - 1, -1, -1) if self.events[at] is self._passing)
            del self.events[place]
            self._passing = None
        if self._count % self._every:
            self._passing = event
        else:
            self._steps += 1
        self._count += 1
        self.events.append(event)
        if self._steps > self.most:
            self._thin()

    def _thin(self) -> None:
        """Every second of the kept ones goes; the newest stays until the next comes."""
        steps = [event for event in self.events if isinstance(event, Step)]
        kept = steps[::2]
        gone = {id(event) for event in steps[1::2]}
        if kept[-1] is not steps[-1]:
            self._passing = steps[-1]
            gone.remove(id(steps[-1]))
        self.events = [event for event in self.events if id(event) not in gone]
        self._every *= 2
        self._steps = len(kept)

    def _thin_readings(self, kind: type[Evaluated] | type[Probed]) -> None:
        """Which ones stay hangs on how many there were alone, not on when this was asked."""
        every = 1
        while -(-self._read[kind] // every) > self.most:
            every *= 2
        held = _newest_and_best(self.events, kind)
        numbers, kept = iter(self._numbers[kind]), []
        self._numbers[kind] = []
        for event in self.events:
            if isinstance(event, kind):
                number = next(numbers)
                if number % every and id(event) not in held:
                    continue
                self._numbers[kind].append(number)
            kept.append(event)
        self.events = kept


def _newest_and_best(events: Iterable[Event], kind: type[Evaluated] | type[Probed]) -> set[int]:
    """The ids of the readings of a kind that are the newest of their stage, or the newest that was the best so far."""
    held: set[int] = set()
    newest: Event | None = None
    best: Event | None = None
    for event in events:
        if isinstance(event, StageStarted):
            held |= {id(one) for one in (newest, best) if one is not None}
            newest = best = None
        elif isinstance(event, kind):
            newest = event
            if isinstance(event, Evaluated) and event.best:
                best = event
    return held | {id(one) for one in (newest, best) if one is not None}
