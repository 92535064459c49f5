"""What all pages of this process share: supervisor, sweeps, library, hub, calculator. Safe to import anywhere."""

from __future__ import annotations

import functools
import importlib.metadata
import sys
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from core.home import home
from core.runs.library import Library
from core.runs.sidecar.process import SideProcess
from core.runs.workers.supervisor import Supervisor
from core.server import user_models, user_spaces, user_updates
from core.server.addresses import under_base
from core.server.hub import Hub
from core.sweeps.service import Sweeps

Part = TypeVar("Part")
_lock = threading.RLock()


class Once(Generic[Part]):
    """Makes its part at the first call, for all threads and sessions."""

    def __init__(self, make: Callable[[], Part]) -> None:
        self._make = make
        self.made: Part | None = None

    def __call__(self) -> Part:
        with _lock:
            if self.made is None:
                self.made = self._make()
            return self.made

    def taken(self) -> Part | None:
        """The part, if it was made; the next call makes another."""
        with _lock:
            made, self.made = self.made, None
            return made


def _supervisor() -> Supervisor:
    made = Supervisor(home(), finished=_take_in)
    made.start()
    return made


def _sweeps() -> Sweeps:
    made = Sweeps(supervisor(), finished=_take_in)
    made.start()
    return made


def _library() -> Library:
    made = Library(home())
    made.take_in()
    return made


supervisor = Once(_supervisor)
sweeps = Once(_sweeps)  # all of this home, led on from where an earlier server left them
library = Once(_library)  # of finished runs, brought up to date
hub = Once(lambda: Hub(supervisor()))  # of live events; belongs to the server's event loop
calculator = Once(SideProcess)  # holds torch; its process starts with the first thing that is asked of it


def _take_in(run_id: str) -> None:
    library().add(run_id)


async def close() -> None:
    """Says good-bye: workers with unfinished runs go on, everything else is let go."""
    with _lock:
        closing_hub = hub.taken()
        parts: list[Any] = [part.taken() for part in (sweeps, calculator, supervisor, library)]
    user_models.close()
    user_updates.close()
    user_spaces.close()
    for name in ("core.server.search", "core.server.collections"):  # numba comes with them: one page alone loads them
        if name in sys.modules:
            sys.modules[name].close()
    if closing_hub is not None:
        await closing_hub.close()
    for part in parts:
        if part is not None:
            part.close()


def viewers() -> int:
    """How many live pictures are open."""
    return 0 if hub.made is None else hub.made.viewers()


def live_address(run_id: str) -> str:
    """Where a browser finds the live events of a run."""
    return under_base(f"/api/runs/{supervisor().token(run_id)}/events")


def log_address(run_id: str) -> str:
    """Where a browser gets the whole log of a run so far."""
    return f"{live_address(run_id)}.jsonl"


@functools.cache
def plotly_address() -> str:
    """Where a browser finds plotly.js; a new version has a new address, so it may be kept for a year."""
    return under_base(f"/vendor/plotly.min.js?version={importlib.metadata.version('plotly')}")
