"""Heads of tables and rows that are terms of the glossary: an underlined word that shows its entry where it stands."""

from __future__ import annotations

from html import escape

from core.lessons.glossary import term_address

TERMS = {
    "Task": "task",
    "Loss": "loss",
    "Bound": "bound",
    "Bounds kept": "bound",
    "Above bound": "violation",
    "Multiplier": "multiplier",
    "Multiplier, validation rows": "multiplier",
    "Alone": "alone",
    "On test rows": "validation",
    "On validation rows": "validation",
}
"""Head → term of the glossary; a head that is none is shown as it is."""


def term_html(head: str) -> str:
    """The head as HTML."""
    if head not in TERMS:
        return escape(head)
    return f'<a href="{escape(term_address(TERMS[head]))}">{escape(head)}</a>'
