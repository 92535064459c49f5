"""One daily update of a DUPN beside the server: how far it is, and what it moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.progress import Progress
from core.runs.sidecar.jobs import Jobs
from core.users.own_models import update_progress, updated_file
from core.users.spaces.space import SpaceChoice

_jobs = Jobs()


def start(dupn: SpaceChoice) -> Progress:
    """Begins to update, where nobody is at it."""
    whose = ["--events", dupn.path] if dupn.path else ["--dataset", dupn.source]
    return _jobs.ensure(_name(dupn), _file(dupn), ["users", "update", *whose])


def status(dupn: SpaceChoice) -> Progress | None:
    """How far it is; None where nobody is at it."""
    return _jobs.status(_name(dupn), _file(dupn))


def result(dupn: SpaceChoice) -> dict[str, Any] | None:
    """What the last update of just this model moved; None before the first."""
    file = updated_file(dupn.source, dupn.path)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def forget(dupn: SpaceChoice) -> None:
    """Ends it, and forgets that it failed."""
    _jobs.end(_name(dupn), _file(dupn))


def close() -> None:
    """Ends what is still going on."""
    _jobs.close()


def _name(dupn: SpaceChoice) -> str:
    return f"update-{updated_file(dupn.source, dupn.path).parent.name}"


def _file(dupn: SpaceChoice) -> Path:
    return update_progress(dupn.source, dupn.path)
