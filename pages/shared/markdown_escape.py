"""Text of people's data as text: none of it is markup."""

from __future__ import annotations

SIGNS = frozenset("\\`*_{}[]()<>#+-!|~$:")


def plain(text: str) -> str:
    """The text with every sign that Markdown would read escaped."""
    return "".join("\\" + sign if sign in SIGNS else sign for sign in text)
