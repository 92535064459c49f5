"""How much room a person may take, and what goes by itself when there is too much.

Of one person's runs the oldest that are over go first, when the person starts or brings something new; never one that
is pinned, shared, under way or a sweep's point, and never what was brought: where these alone are too much, nothing new
is taken until their owner lets some of it go. The same for all runs together, every ten minutes.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from core.errors import PrecedenceError
from core.files import bytes_in
from core.runs.clean_up import clean_up, sizes
from core.runs.limits import MEGABYTE, limits
from core.server.owners import things_of

LOOK_EVERY = 600.0  # seconds between two looks at all runs
FRESH = 30.0  # seconds that a person who had room is not looked at again

_log = logging.getLogger(__name__)
_had_room: dict[str, float] = {}  # mark → when the person was looked at last


def taken_by(home: Path, mark: str) -> tuple[int, int]:
    """Bytes of a person's runs, and of what the person brought."""
    runs = sum(run.bytes for run in sizes(home) if run.owner == mark)
    return runs, sum(bytes_in(thing) for thing in things_of(mark))


def check_room(home: Path, mark: str) -> None:
    """Refuses where the person has no room left, once the oldest runs have gone."""
    most = limits().person_megabytes * MEGABYTE
    if not most or not mark or time.monotonic() - _had_room.get(mark, -FRESH) < FRESH:
        return
    runs, things = taken_by(home, mark)
    if runs + things > most:
        gone = clean_up(home, max(0, most - things), owner=mark)
        _log.info("%d runs went: their owner was over the quota", len(gone), extra={"person": mark, "runs": gone})
        runs, things = taken_by(home, mark)
    if runs + things > most:
        raise PrecedenceError(
            f"Your runs and files take {(runs + things) / MEGABYTE:,.0f} MB of the {most // MEGABYTE:,} MB that one "
            "person may have here; delete some on the pages Runs and Data, or unpin runs so that old ones go."
        )
    _had_room[mark] = time.monotonic()


class Keeper:
    """Keeps all runs together below the limit, in a thread of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._closing = threading.Event()

    def start(self) -> None:
        if limits().home_megabytes:
            threading.Thread(target=self._keep, name="room", daemon=True).start()

    def close(self) -> None:
        self._closing.set()

    def _keep(self) -> None:
        while True:
            try:
                gone = clean_up(self._home, limits().home_megabytes * MEGABYTE)
                if gone:
                    _log.info("%d runs went: all together took too much room", len(gone), extra={"runs": gone})
            except Exception:
                _log.exception("the oldest runs could not be looked through")
            if self._closing.wait(LOOK_EVERY):
                return
