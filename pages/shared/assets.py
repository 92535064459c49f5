"""The files of `assets`, read once."""

from __future__ import annotations

from functools import cache

from core.home import PROGRAM

FOLDER = PROGRAM / "assets"


@cache
def asset(*names: str) -> str:
    """The text of the named files, one after the other."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)
