"""Trains and updates a person's own DUPN beside the server: one process a log, and how far it is."""

from __future__ import annotations

from core.progress import Progress
from core.runs.sidecar.jobs import Jobs
from core.users import own_models

_jobs = Jobs()


def _name(path: str) -> str:
    return f"dupn-{own_models.model_folder(path).parent.name}"


def train(path: str) -> Progress:
    """Begins to train on the events at `path`, where nobody is at it."""
    return _jobs.ensure(_name(path), own_models.progress_file(path), ["users", "train", "--events", path, "--quiet"])


def status(path: str) -> Progress | None:
    """How far training is; None where nobody trains."""
    return _jobs.status(_name(path), own_models.progress_file(path))


def forget(path: str) -> None:
    """Ends the training, and forgets that it failed."""
    _jobs.end(_name(path), own_models.progress_file(path))


def close() -> None:
    """Ends what is still learning; what it had finished stays."""
    _jobs.close()
