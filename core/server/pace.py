"""How often one person may ask for a page or a part of one: who has a hundred tabs open waits, and nobody else does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

RATE = 10.0  # answers a second; an open tab of the Priority lab asks for one
BURST = 30.0  # answers at once, where there were none before
LONGEST = 20.0  # seconds of one wait
MANY = 1000  # persons that are kept in mind before those who wait for nothing are forgotten


class Pace:
    """A place in time for each answer, `1 / rate` seconds apart, the first `burst` of them at once; by person.

    Safe to call from any thread.
    """

    def __init__(self, rate: float = RATE, burst: float = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._ahead = burst / rate
        self._clock = clock
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, mark: str) -> float:
        """Seconds that the person has to wait for this answer, and takes its place."""
        with self._lock:
            now = self._clock()
            if len(self._next) > MANY:
                self._next = {one: at for one, at in self._next.items() if at > now - self._ahead}
            at = max(self._next.get(mark, 0.0), now - self._ahead)
            self._next[mark] = min(at, now + LONGEST) + 1 / self._rate
            return min(LONGEST, max(0.0, at - now))


pace = Pace()
