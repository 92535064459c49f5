"""What a run says about itself twice a second: status.json."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

State = Literal["queued", "starting", "running", "paused", "finished", "stopped", "failed", "crashed"]
"""queued → starting → running ⇄ paused → finished | stopped | failed | crashed (process gone or silent)."""

ACTIVE: frozenset[State] = frozenset({"starting", "running", "paused"})
"""States in which some worker process holds the run."""

UNDER_WAY: frozenset[State] = ACTIVE | {"queued"}
"""States of a run that may still go on by itself."""

RESUMABLE: frozenset[State] = frozenset({"stopped", "crashed", "failed"})
"""States from which a run can go on from its last checkpoint."""


class RunStatus(BaseModel):
    """The state of one run and how far it is; times in seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    state: State = "queued"
    note: str = ""  # a sentence for a person while nothing moves yet, e.g. which data are being read
    step: int = 0
    most_steps: int = 0
    stage: int = 0
    stages: int = 0
    phase: str = ""
    seconds: float = 0.0  # of training, pauses and other runs' turns left out
    remaining_seconds: float | None = None  # by the clock on the wall, if no stage ends early
    queue_position: int | None = None  # 1 = next
    worker: str | None = None
    worker_pid: int | None = None
    error: str | None = None  # one sentence
    device: str | None = None
