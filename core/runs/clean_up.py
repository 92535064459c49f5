"""How much room each run takes, and what goes when all together take too much."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import PrecedenceError
from core.files import bytes_in
from core.runs.folder.owner import is_owned
from core.runs.folder.run_folder import About, RunFolder, run_ids
from core.runs.folder.status import UNDER_WAY


@dataclass(frozen=True)
class RunSize:
    """One run for who runs the server; `owner` is the mark of a person."""

    run_id: str
    state: str
    step: int
    bytes: int
    created: float
    owner: str
    pinned: bool
    shared: bool
    sweep: str


def sizes(home: Path) -> list[RunSize]:
    """All runs, the oldest first; a damaged one is listed with what can be read of it."""
    found = []
    for run_id in run_ids(home):
        folder, state, step, about = RunFolder(home, run_id), "unreadable", 0, About()
        with suppress(PrecedenceError):
            status = folder.status()
            state, step = status.state, status.step
        with suppress(PrecedenceError):
            about = folder.about()
        taken = bytes_in(folder.path)
        found.append(
            RunSize(run_id, state, step, taken, about.created, about.owner, about.pinned, about.shared, about.sweep)
        )
    return sorted(found, key=lambda run: run.created)


def clean_up(home: Path, most: int, dry: bool = False, owner: str | None = None) -> list[str]:
    """Deletes runs that are over, the oldest first, until all take at most `most` bytes; never one that is pinned,
    shared, under way or a sweep's point. With `owner` only that person's count and go.

    The names of those that went (or, `dry`, would).
    """
    runs = [run for run in sizes(home) if owner is None or run.owner == owner]
    total, gone = sum(run.bytes for run in runs), []
    for run in runs:
        if total <= most:
            break
        folder = RunFolder(home, run.run_id).path
        if run.pinned or run.shared or run.sweep or run.state in (*UNDER_WAY, "unreadable") or is_owned(folder):
            continue
        if not dry:
            shutil.rmtree(folder, ignore_errors=True)
        total -= run.bytes
        gone.append(run.run_id)
    return gone
