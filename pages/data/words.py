"""Sizes and times for a person."""

from __future__ import annotations

import time


def bytes_in_words(size: int) -> str:
    """1234567 → 1.2 MB."""
    amount, units = float(size), ["B", "kB", "MB", "GB"]
    unit = units.pop(0)
    while amount >= 1000 and units:
        amount, unit = amount / 1000, units.pop(0)
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def ago(moment: float, now: float | None = None) -> str:
    """How long ago a time in seconds since 1970 was."""
    seconds = max(0.0, (time.time() if now is None else now) - moment)
    for length, unit in ((86_400 * 30, "month"), (86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"
