"""Text of people's data as text: none of it is markup, nothing in it is loaded, and nothing leads elsewhere."""

from __future__ import annotations

import re

SIGNS = frozenset("\\`*_{}[]()<>#+-!|~$:&")
JOINER = "\u2060"
"""Takes no room and breaks no line. GitHub's Markdown makes links of bare addresses even where every sign is escaped:
between the parts of one it keeps them text."""
_ADDRESS = re.compile(r"(?<=https:)(?=//)|(?<=http:)(?=//)|(?<=www)(?=\.)|(?<=\w@)(?=[\w-])", re.IGNORECASE)
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # would show what follows in another order than it is written


def plain(text: str) -> str:
    """The text on one line, with every sign that Markdown would read escaped."""
    one_line = _TURNS.sub("", " ".join(text.splitlines()))
    return "".join("\\" + sign if sign in SIGNS else sign for sign in _ADDRESS.sub(JOINER, one_line))
