"""The files of `assets`, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "assets"


@cache
def asset(*names: str) -> str:
    """The text of the named files, one after the other."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)
