"""How fast this machine computes, so that a duration can be said before anything was trained on it."""

from __future__ import annotations

import os
import time
from functools import cache

from core.runs.environment import NICER

_ROUNDS = 200_000  # of the loop below
_TIMES = 5
_MEASURED_AT = 0.0072  # seconds of the loop on that machine
_SECONDS_A_STEP = 0.011  # of the shop's default network, on an idle core of a server of 2024

SHARE_BESIDE_OTHERS = 1.25**-NICER


@cache
def usual_step_seconds() -> float:
    """Seconds of an idle core of this machine that a step of a small network takes, judged by a loop of some
    milliseconds; of its process time alone, so that other work does not count."""
    return _SECONDS_A_STEP * min(_loop() for _ in range(_TIMES)) / _MEASURED_AT


def crowding(at_once: int) -> float:
    """By how much longer a step takes by the clock with `at_once` runs side by side on a machine as busy as it is.

        c = max(1, (L / w + n) / C)

    where L is the load of the last minute, taken to be of programs that do not give way, C the cores, n `at_once`, and
    w = 1.25^−NICER the share of a core that a worker has beside one of those (Linux: sched(7), a step of niceness).
    """
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1.0, (load / SHARE_BESIDE_OTHERS + at_once) / cores)


def _loop() -> float:
    began, total = time.thread_time(), 0
    for number in range(_ROUNDS):
        total += number * number % 7
    return time.thread_time() - began
