"""How often the parts of the page are brought up to date, and what their drawing depends on.

The curves have a line of their own. What stands above and below them is asked for by each browser again and again, and
thirty browsers share one server: so it is asked for no more often than an eye needs, and not at all once a run is over.
"""

from __future__ import annotations

from core.runs.folder.control import Control
from core.runs.folder.status import RESUMABLE, UNDER_WAY, RunStatus

FIGURES, WORDS, SUSPENDED = 2.0, 4.0, 5.0  # seconds

Drawn = tuple[bool, bool, str, bool]
"""Under way, resumable, mode, slow motion: what the row of buttons is drawn for."""


def buttons_of(status: RunStatus, control: Control) -> Drawn:
    """What the row of buttons depends on, of a run as it is now."""
    return status.state in UNDER_WAY, status.state in RESUMABLE, control.mode, control.pace is not None


def pace_of(status: RunStatus) -> float | None:
    """Seconds between two looks at a run; None where nothing comes any more. One that was stopped may be resumed from
    elsewhere."""
    if status.state in UNDER_WAY:
        return FIGURES
    return SUSPENDED if status.state in RESUMABLE else None
