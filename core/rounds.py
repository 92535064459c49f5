"""Timing in interleaved rounds, so that what else the machine does falls on all contenders alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each call, `rounds` a contender; every round calls each once, in turning order."""
    names = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            began = time.perf_counter()
            contenders[name]()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def ratio(seconds: Mapping[str, list[float]], of: str, over: str) -> float:
    """Median of the rounds' ratios: each pair was taken side by side."""
    return statistics.median(a / b for a, b in zip(seconds[of], seconds[over], strict=True))
