"""How fast this machine computes, so that a duration can be said before anything was trained on it."""

from __future__ import annotations

import os
import time
from functools import cache

_ROUNDS = 200_000  # of the loop below
_TIMES = 5
_MEASURED_AT = 0.0072  # seconds of the loop on that machine
_SECONDS_A_STEP = 0.011  # of the shop's default network, on an idle core of a server of 2024


@cache
def usual_step_seconds() -> float:
    """Seconds of an idle core of this machine that a step of a small network takes, judged by a loop of some
    milliseconds; of its process time alone, so that other work does not count."""
    return _SECONDS_A_STEP * min(_loop() for _ in range(_TIMES)) / _MEASURED_AT


def crowding(at_once: int) -> float:
    """By how much longer a step takes by the clock with `at_once` runs side by side on a machine as busy as it is."""
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1.0, (load + at_once) / cores)


def _loop() -> float:
    began, total = time.thread_time(), 0
    for number in range(_ROUNDS):
        total += number * number % 7
    return time.thread_time() - began
