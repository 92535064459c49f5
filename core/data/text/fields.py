"""A product's title and what else its shop says of it, as one text: each field begins with a sign of its own.

    title ␜ brand ␝ colour ␞ bullets

The signs are those that ASCII has for parts of a record. A text without them is a title.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SIGNS = {"brand": "\x1c", "color": "\x1d", "bullets": "\x1e"}
"""A field's name, as a file's column is called, and the sign that it begins with."""
_NAMES = {sign: name for name, sign in SIGNS.items()}
_GONE = str.maketrans(dict.fromkeys(_NAMES, " "))


class Part(NamedTuple):
    """A field of a text: its name, its words, and where they begin in the whole."""

    name: str
    text: str
    start: int


def composed(title: str, fields: Mapping[str, str]) -> str:
    """The title with those of `fields` that are known and say something, in the order of `SIGNS`."""
    said = [sign + text.translate(_GONE) for name, sign in SIGNS.items() if (text := fields.get(name, "").strip())]
    return "".join([title.translate(_GONE), *said]) if said else title


def divided(text: str) -> tuple[str, list[Part]]:
    """The title, and the fields behind it."""
    starts = [] if text.isprintable() else [at for at, character in enumerate(text) if character in _NAMES]
    if not starts:
        return text, []
    ends = [*starts[1:], len(text)]
    parts = [
        Part(_NAMES[text[start]], text[start + 1 : end], start + 1) for start, end in zip(starts, ends, strict=True)
    ]
    return text[: starts[0]], parts


def title_of(text: str) -> str:
    """The title alone."""
    return divided(text)[0]
