"""Where things lie under the home folder: one function a place, so that no path is spelt twice."""

from __future__ import annotations

from pathlib import Path

from core.home import home

__all__ = [
    "home",
    "library_file",
    "logs_folder",
    "queue_folder",
    "runs_folder",
    "server_file",
    "single_tasks_folder",
    "stages_folder",
    "sweeps_folder",
    "workers_folder",
]


def runs_folder(home: Path) -> Path:
    """One folder a run: the truth about it."""
    return home / "runs"


def sweeps_folder(home: Path) -> Path:
    """One folder a sweep: what it varies, and which run is which point."""
    return home / "sweeps"


def stages_folder(home: Path) -> Path:
    """One folder a stage's end that several runs have in common."""
    return home / "stages"


def single_tasks_folder(home: Path) -> Path:
    """One small file a task that was trained alone, for runs of equal settings."""
    return home / "alone"


def queue_folder(home: Path) -> Path:
    """One empty file a waiting run, named so that the names sort by arrival."""
    return home / "queue"


def workers_folder(home: Path) -> Path:
    """One folder a worker process: who it is, and the runs it has claimed."""
    return home / "workers"


def logs_folder(home: Path) -> Path:
    """One text file a worker: full reports of what went wrong."""
    return home / "logs"


def server_file(home: Path) -> Path:
    """Heartbeat of the server: tells workers that somebody may still ask for runs."""
    return home / "server.json"


def library_file(home: Path) -> Path:
    """The DuckDB library of finished runs."""
    return home / "library.duckdb"
