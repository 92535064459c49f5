"""How far a run has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Progress:
    step: int  # optimiser steps done
    most_steps: int  # done plus all that may still come; stages may end earlier
    stage: int  # 0-based
    stages: int  # of the method, without each task trained alone to compare with
    phase: Literal["main", "reference"]
    seconds: float  # of training, pauses left out
