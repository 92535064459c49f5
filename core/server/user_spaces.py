"""Makes spaces of users beside the server: one process a space, started when a page first asks, and its progress."""

from __future__ import annotations

from core.progress import Progress
from core.runs.sidecar.jobs import Jobs
from core.users.spaces.space import SpaceChoice, progress_file

_jobs = Jobs()


def ensure(choice: SpaceChoice) -> Progress:
    """How far the making of a space is; starts it where nobody is at it. `problem` says why it failed.

    A failed one is not tried again by itself: `again` does that.
    """
    whose = ["--events", choice.path] if choice.path else ["--dataset", choice.source]
    command = ["users", "embed", *whose, "--model", choice.model, "--similarity", choice.similarity]
    return _jobs.ensure(choice.name(), progress_file(choice), command)


def again(choice: SpaceChoice) -> None:
    """Forgets that it failed."""
    _jobs.forget(choice.name(), progress_file(choice))


def close() -> None:
    """Ends what is still being made; what it had finished stays."""
    _jobs.close()
