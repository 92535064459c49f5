"""How things are listed in a sentence."""

from __future__ import annotations

from collections.abc import Iterable


def listed(parts: Iterable[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; nothing of none."""
    every = list(parts)
    return f" {word} ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))
