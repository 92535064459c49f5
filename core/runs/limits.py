"""What the operator allows: how large and long a run may be, how many a person trains at once, when one is suspended.

Each limit is one environment variable with a default, read where it is needed; a value that is none ends the program
at its start with one sentence.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

import psutil

from core.errors import PrecedenceError

MEGABYTE = 1 << 20
MOST_RUN_MEMORY = 4096  # megabytes, where the operator says nothing and the machine has more


@dataclass(frozen=True)
class Limit:
    """One limit: its variable, its default, and what it means for a person who runs a server."""

    variable: str
    default: int
    low: int
    high: int
    title: str
    unit: str = ""

    def read(self) -> int:
        text = os.environ.get(self.variable, "").strip()
        if not text:
            return self.default
        if not text.isdigit() or not self.low <= int(text) <= self.high:
            raise PrecedenceError(
                f"{self.variable} is {text[:40]!r}; expected a whole number from {self.low} to {self.high}, or nothing."
            )
        return int(text)


def _run_memory() -> int:
    return min(MOST_RUN_MEMORY, max(512, psutil.virtual_memory().total // MEGABYTE // 4))


LIMITS: dict[str, Limit] = {
    "run_memory": Limit("PRECEDENCE_RUN_MEMORY", _run_memory(), 64, 10**7, "Memory that a run may need", "MB"),
    "worker_memory": Limit(
        "PRECEDENCE_WORKER_MEMORY", 0, 0, 10**7, "Memory of a worker beyond its start; 0: twice that of a run", "MB"
    ),
    "run_steps": Limit("PRECEDENCE_RUN_STEPS", 10_000_000, 1, 10**12, "Steps that a run may ask for"),
    "run_minutes": Limit(
        "PRECEDENCE_RUN_MINUTES", 240, 0, 10**6, "Minutes that a run may train before it is suspended; 0: no end", "min"
    ),
    "runs_a_person": Limit(
        "PRECEDENCE_RUNS_A_PERSON", 1, 0, 1000, "Runs of one person that train at once; 0: any number"
    ),
    "sweeps_a_person": Limit(
        "PRECEDENCE_SWEEPS_A_PERSON", 4, 0, 1000, "Sweeps of one person that are not over; 0: any number"
    ),
    "tabs_a_person": Limit("PRECEDENCE_TABS_A_PERSON", 24, 0, 10**4, "Open tabs of one person; 0: any number"),
    "unwatched_minutes": Limit(
        "PRECEDENCE_UNWATCHED_MINUTES",
        60,
        0,
        10**6,
        "Minutes unwatched until a run is suspended; 0: never",
        "min",
    ),
    "frozen_seconds": Limit(
        "PRECEDENCE_FROZEN_SECONDS", 45, 2, 10**6, "Seconds of silence after which a worker is replaced", "s"
    ),
    "turn_seconds": Limit(
        "PRECEDENCE_TURN_SECONDS", 300, 10, 10**6, "Seconds that one turn may last until its worker is replaced", "s"
    ),
    "person_megabytes": Limit(
        "PRECEDENCE_PERSON_MEGABYTES", 0, 0, 10**9, "What one person's runs and files may take; 0: any amount", "MB"
    ),
    "home_megabytes": Limit(
        "PRECEDENCE_HOME_MEGABYTES", 0, 0, 10**9, "What all runs together may take; 0: any amount", "MB"
    ),
}
"""Every limit by its name in `Limits`."""


@dataclass(frozen=True)
class Limits:
    """The limits in force; megabytes, minutes and seconds as `LIMITS` says."""

    run_memory: int
    worker_memory: int
    run_steps: int
    run_minutes: int
    runs_a_person: int
    sweeps_a_person: int
    tabs_a_person: int
    unwatched_minutes: int
    frozen_seconds: int
    turn_seconds: int
    person_megabytes: int
    home_megabytes: int


def limits() -> Limits:
    """As the environment says now; raises PrecedenceError where a variable cannot be read."""
    read = {field.name: LIMITS[field.name].read() for field in fields(Limits)}
    read["worker_memory"] = read["worker_memory"] or 2 * read["run_memory"]
    return Limits(**read)
