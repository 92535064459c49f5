"""What all pages of this process share: supervisor, sweeps, library, hub, calculator. Safe to import anywhere."""

from __future__ import annotations

import functools
import importlib.metadata
import sys
import threading

from core.home import home
from core.runs.library import Library
from core.runs.side_process import SideProcess
from core.runs.supervisor import Supervisor
from core.server import user_spaces
from core.server.addresses import under_base
from core.server.hub import Hub
from core.sweeps.service import Sweeps

_lock = threading.RLock()
_supervisor: Supervisor | None = None
_library: Library | None = None
_hub: Hub | None = None
_calculator: SideProcess | None = None
_sweeps: Sweeps | None = None


def supervisor() -> Supervisor:
    """The one supervisor, started at first use."""
    global _supervisor
    with _lock:
        if _supervisor is None:
            made = Supervisor(home(), finished=_take_in)
            made.start()
            _supervisor = made
        return _supervisor


def sweeps() -> Sweeps:
    """All sweeps of this home, led on from where an earlier server left them; started at first use."""
    global _sweeps
    with _lock:
        if _sweeps is None:
            made = Sweeps(supervisor(), finished=_take_in)
            made.start()
            _sweeps = made
        return _sweeps


def library() -> Library:
    """The one library of finished runs, opened and brought up to date at first use."""
    global _library
    with _lock:
        if _library is None:
            made = Library(home())
            made.take_in()
            _library = made
        return _library


def hub() -> Hub:
    """The one hub of live events; belongs to the server's event loop."""
    global _hub
    with _lock:
        if _hub is None:
            _hub = Hub(supervisor())
        return _hub


def calculator() -> SideProcess:
    """The one process beside this one that holds torch; it starts with the first thing that is asked of it."""
    global _calculator
    with _lock:
        if _calculator is None:
            _calculator = SideProcess()
        return _calculator


def _take_in(run_id: str) -> None:
    library().add(run_id)


async def close() -> None:
    """Says good-bye: workers with unfinished runs go on, everything else is let go."""
    global _supervisor, _library, _hub, _calculator, _sweeps
    with _lock:
        closing_hub, closing_supervisor, closing_library = _hub, _supervisor, _library
        closing_calculator, _calculator = _calculator, None
        closing_sweeps, _sweeps = _sweeps, None
        _hub = _supervisor = _library = None
    user_spaces.close()
    for name in ("core.server.search", "core.server.collections"):  # numba comes with them: one page alone loads them
        if name in sys.modules:
            sys.modules[name].close()
    if closing_hub is not None:
        await closing_hub.close()
    if closing_sweeps is not None:
        closing_sweeps.close()
    if closing_calculator is not None:
        closing_calculator.close()
    if closing_supervisor is not None:
        closing_supervisor.close()
    if closing_library is not None:
        closing_library.close()


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
